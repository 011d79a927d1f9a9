"""The verdicts and runs as tables for other programs."""

from __future__ import annotations

import pandas as pd

from dlbench.analysis import hardware
from dlbench.analysis.analysis import Analysis
from dlbench.analysis.scores import references

HIDDEN = ["id", "against"]


def verdicts(analysis: Analysis) -> pd.DataFrame:
    """Return the verdict table in the metric's stored unit: what ``--fail-on`` and CSV read.

    Returns:
        One row a compared arm: the columns of :func:`dlbench.stats.verdict.compare`, ``changed``, counts of runs,
        ``control``, and costs with their ratios; a number that does not exist is NaN.
    """
    return analysis.verdicts.drop(columns=HIDDEN)


def runs(analysis: Analysis) -> pd.DataFrame:
    """Return every run with its scores and costs as the store has them, the arm that it is compared with, and its hardware.

    The verdict table follows from this one alone: see ``docs/claims.md``.
    """
    runs, words = analysis.results.runs, hardware.kinds(analysis.results)
    table = runs.assign(hardware=[words.get(digest, "") for digest in runs["environment"]])
    table.insert(1, "reference", runs["arm"].map(references(analysis.results)))
    return table
