"""Predicted numbers of arms and their references against the true ones, and what they are wrong by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from dlbench.analysis.judge import foremost
from dlbench.analysis.rounds import stacked, whole_rounds
from dlbench.analysis.scores import finished_runs, folds_of
from dlbench.store.results import Answers, Results
from dlbench.values.text import plural

MOST_DOTS = 400
"""Test examples of a table."""


def residuals(results: Results, verdicts: pd.DataFrame, most: int) -> Iterator[pd.DataFrame]:
    """Yield, for each of the arms that differ most, the mean prediction of every test example over seeds, or rounds of folds.

    Args:
        results: of a study that predicts numbers; others keep no errors, and give nothing.
        verdicts: its verdict table.
        most: arms at most.

    Yields:
        One row a test example (evenly chosen where they are more than :data:`MOST_DOTS`) of an arm, and of its reference: ``arm, target,
        predicted, residual`` (predicted less target), in the unit of the targets; attrs ``id, arm, reference, verdict`` and ``n`` (such as
        "8 seeds").
    """
    done = list(map(str, finished_runs(results)["run_id"]))
    if results.answers is None or not len(verdicts) or not results.answers.errors({*done[:1], *done[-1:]}):
        return
    for row in foremost(verdicts, most).itertuples():
        if (table := _table(results, results.answers, row)) is not None:
            yield table


def _table(results: Results, answers: Answers, row: Any) -> pd.DataFrame | None:
    done, folds = finished_runs(results), folds_of(results)
    sides = {name: dict(zip(part["seed"], part["run_id"])) for name in (row.reference, row.arm) for part in (done[done["arm"] == name],)}
    kept = answers.errors(run_id for ids in sides.values() for run_id in ids.values())
    seeds = [seed for seed in sides[row.arm] if {ids.get(seed) for ids in sides.values()} <= kept.keys()]
    rounds, targets, errors = whole_rounds(seeds, folds), *({run: pair[place] for run, pair in kept.items()} for place in (0, 1))
    if not rounds:
        return None
    parts = list[pd.DataFrame]()
    for name, ids in sides.items():
        known, wrong = stacked(targets, ids, rounds), stacked(errors, ids, rounds)
        if known is None or wrong is None or not np.array_equal(known, np.broadcast_to(known[0], known.shape)):
            return None
        residual = wrong.mean(axis=0)
        part = pd.DataFrame({"arm": name, "target": known[0], "predicted": known[0] + residual, "residual": residual})
        parts.append(part.iloc[np.unique(np.linspace(0, len(part) - 1, min(len(part), MOST_DOTS)).round().astype(int))])
    table = pd.concat(parts, ignore_index=True)
    counted = plural(len(rounds), "round" if folds else "seed")
    table.attrs = {"id": row.id, "arm": row.arm, "reference": row.reference, "verdict": row.verdict, "n": counted}
    return table
