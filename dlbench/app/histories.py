"""Histories of scores: rows that are values of one run are folded into one, and a score that was chosen from its history is told."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dlbench.app.cells import ARMS, BETTER, CLOCKS, REPEATS, STEPS, is_seed, numeric, word
from dlbench.values.errors import InputError, unknown
from dlbench.values.metric import Metric
from dlbench.values.text import plural

LEAST_HISTORY = 4
"""Values of a history by which its best is told from its last."""
TAKES = ("last", "best", "last-quarter")
Curves = Mapping[str, Mapping[Any, Sequence[float]]]


def folded(where: str, table: pd.DataFrame, stated: str | None, kept: Sequence[str]) -> tuple[pd.DataFrame, Curves, str | None]:
    """Fold rows that are the values of one run into one row with its last ones.

    Args:
        where: the file's name, which messages begin with.
        table: one row a run, or a value of a run's history.
        stated: the column that numbers the values; None: the one that is called as steps are, where rows differ in it alone.
        kept: columns that tell runs apart, as stated.

    Returns:
        One row a run; column of a score -> its history by row; the column that numbers the values, None where nothing was folded.

    Raises:
        InputError: there is no such column, or it does not number the values.
    """
    if stated is not None and stated not in table:
        raise InputError(f"{where}: {unknown('column', stated, list(table.columns))}")
    if len(set(table.columns)) < table.shape[1]:
        return table, {}, None
    step = stated or next((name for name in table if word(name) in STEPS and numeric(table[name])), None)
    if step is None:
        return table, {}, None
    own = _identity(table, step, kept)
    if not own or (stated is None and not table.duplicated(own).any()):
        return table, {}, None
    ordered = table.assign(**{step: pd.to_numeric(table[step], errors="coerce")}).sort_values(step, kind="stable")
    if ordered[step].isna().any():
        bad = int(ordered.index[ordered[step].isna()][0])
        raise InputError(f"{where}, row {bad + 1}: {step} = '{table[step][bad]}' is no number; accepted: a column that numbers the values "
                         "of a run")
    return _last_of_each(ordered.drop(columns=step), own, step)


def _identity(table: pd.DataFrame, step: str, kept: Sequence[str]) -> list[str]:
    """Return the columns that are the same in all rows of a run."""
    others = [name for name in table if name != step and word(name) not in CLOCKS]
    return [name for name in others if name in kept or is_seed(name) or word(name) in (*REPEATS, *ARMS)
            or not (BETTER.search(name) and numeric(table[name]))]


def _last_of_each(table: pd.DataFrame, own: list[str], step: str) -> tuple[pd.DataFrame, Curves, str]:
    missing = table.replace({"": None})
    groups = [(keys, part) for keys, part in missing.groupby(own, sort=False, dropna=False)]
    values = [name for name in table if name not in own]
    rows: list[dict[str, Any]] = []
    curves: dict[str, dict[int, list[float]]] = {name: {} for name in values if numeric(table[name])}
    for place, (keys, part) in enumerate(groups):
        known = {name: part[name].dropna() for name in values}
        rows.append(dict(zip(own, keys)) | {name: column.iloc[-1] for name, column in known.items() if len(column)})
        for name, histories in curves.items():
            histories[place] = pd.to_numeric(known[name]).tolist()
    return pd.DataFrame(rows).astype(object), curves, step


def take(where: str, table: pd.DataFrame, curves: Curves, score: str, way: str, higher: bool) -> pd.DataFrame:  # noqa: PLR0913
    """Return the table with another value of each run's history as its score.

    Raises:
        InputError: there is no such way, or a run has no history of this score.
    """
    if way not in TAKES:
        raise InputError(f"{where}: {unknown('history', way, TAKES)}")
    histories = curves.get(score, {})
    if not all(histories.get(row) for row in range(len(table))):
        raise InputError(f"{where}: --history {way}: not every run has a history of '{score}'; accepted: results that hold one (MLflow, "
                         "TensorBoard, tables with a row a step)")
    pick = {"last": lambda history: history[-1], "best": max if higher else min, "last-quarter": last_quarter}[way]
    return table.assign(**{score: [pick(histories[row]) for row in range(len(table))]})


def last_quarter(history: Sequence[float]) -> float:
    """Return the mean of the last quarter of a history, at least of its last value.

    >>> last_quarter([0.5, 0.9, 0.7, 0.8, 0.8, 0.7, 0.75, 0.85])
    0.8
    """
    last = history[-max(len(history) // 4, 1):]
    return sum(last) / len(last)


def best_of_history(runs: pd.DataFrame, curves: Curves, score: str, metric: Metric, scale: float) -> list[str]:
    """Say where scores are the best of their history, by how much that lies above the mean of the last quarter.

    The best of many noisy values is a biased estimate: what is chosen by the score looks better on it than it is. A score that is the last
    value of its own history was not chosen, even where that is the best one.

    Args:
        runs: columns ``row, score``.
        curves: column of a score -> its history by row, in the unit that it was written in.
        score: column that the scores are from.
        metric: what they mean.
        scale: by what they were divided.
    """
    for name in (score, *(name for name in curves if name != score)):
        known = curves.get(name, {})
        histories = [(value, [point / scale for point in known.get(row, ())]) for row, value in zip(runs["row"], runs["score"])]
        if sentence := _chosen(name, score, histories, metric):
            return [sentence]
    return []


def _chosen(name: str, score: str, histories: Sequence[tuple[float, Sequence[float]]], metric: Metric) -> str:
    pick = max if metric.higher_is_better else min
    if not histories or not all(len(history) >= LEAST_HISTORY and _same(pick(history), value) for value, history in histories):
        return ""
    gains = [abs(value - last_quarter(history)) for value, history in histories]
    if max(gains) == 0 or (name == score and all(_same(history[-1], value) for value, history in histories)):
        return ""
    of = f" of '{name}'" if name != score else ""
    return (f"every score is the best of its run's history{of}, which flatters: on average it lies {sum(gains) / len(gains):.4g} beyond "
            f"the mean of the last quarter, which is the fairer score (--score {name} --history last-quarter)")


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def said_of_folding(step: str, before: int, after: int) -> str:
    """Say that rows were folded."""
    counted = f"{plural(before, 'row')} of {plural(after, 'run')}"
    return f"rows are values of a run's history, numbered by '{step}': {counted}, the last of each taken"
