"""The verdicts and runs as tables for other programs: CSV and LaTeX."""

from __future__ import annotations

import csv
import io

import pandas as pd

from dlbench.report import hardware, latex
from dlbench.report.analysis import Analysis, references
from dlbench.report.escape import cell
from dlbench.report.plain import flat
from dlbench.report.sections.verdicts import paper_table

HIDDEN = ("id", "against", "sequence")
BLOCK = 5_000
"""Rows that are text at one time."""


def verdicts(analysis: Analysis) -> pd.DataFrame:
    """The verdict table in the metric's stored unit: what ``--fail-on`` and CSV read.

    Returns:
        One row a compared arm: the columns of :func:`dlbench.stats.verdict.compare`, ``changed``, counts of runs,
        ``control``, and costs with their ratios; a number that does not exist is NaN.
    """
    return analysis.verdicts.drop(columns=list(HIDDEN))


def csv_text(table: pd.DataFrame) -> str:
    """A table as CSV: numbers in full, nothing where there is none, and no cell that a spreadsheet would run.

    Example:
        >>> print(csv_text(pd.DataFrame({"arm": ["=1+1"], "p": [0.25]})), end="")
        arm,p
        '=1+1,0.25
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([cell(str(name)) for name in table.columns])
    for start in range(0, len(table), BLOCK):
        writer.writerows(zip(*(_cells(column) for _, column in table.iloc[start : start + BLOCK].items())))
    return stream.getvalue()


def _cells(column: pd.Series) -> list[object]:
    values = column.astype(object).where(column.notna(), "").tolist()
    if pd.api.types.is_numeric_dtype(column):
        return values
    return [cell(value if isinstance(value, (int, float)) else str(value)) for value in values]


def runs(analysis: Analysis) -> pd.DataFrame:
    """Every run with its scores and costs, as the store has them, the arm it is compared with, and the hardware it was on.

    The verdict table follows from this one alone: see ``docs/claims.md``.
    """
    runs, words = analysis.results.runs, hardware.kinds(analysis.results)
    table = runs.assign(hardware=[words.get(digest, "") for digest in runs["environment"]])
    table.insert(1, "reference", runs["arm"].map(references(analysis.results)))
    return table


def tex(analysis: Analysis) -> str:
    """The verdict table as LaTeX (``booktabs``), ready for ``\\input``."""
    return "% requires \\usepackage{booktabs}\n" + latex.tabular(*flat(paper_table(analysis), signs=False))
