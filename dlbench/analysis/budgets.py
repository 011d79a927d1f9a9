"""What several budgets say of each arm: its effect after each length of training, and where its verdict turns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pandas as pd

from dlbench.analysis.analysis import Analysis
from dlbench.stats.method import METHOD
from dlbench.stats.paired import paired_t
from dlbench.store.results import Results
from dlbench.values.text import plural

SHOWN = ("id", "arm", "reference", "difference", "low", "high", "n", "p_adjusted", "verdict", "reason")

EVERY = "at every budget"
"""What the words of a verdict end with that does not turn."""


def epochs_of(results: Results) -> int:
    """Return the number of epochs of a study's budget."""
    return int(results.study["budget"]["amount"])


def budget_effects(analysis: Analysis) -> pd.DataFrame:
    """Return the effect of every arm at every budget.

    Returns:
        One row a compared arm and budget, the arms in the order of their verdicts and each one's budgets ascending: ``epochs``, and the
        columns :data:`SHOWN` of the verdict table. No rows for a study with one budget.
    """
    tables = [one.verdicts[list(SHOWN)].assign(epochs=epochs_of(one.results)) for one in analysis.lengths]
    if not tables:
        return pd.DataFrame(columns=[*SHOWN, "epochs"])
    order = {arm: place for place, arm in enumerate(analysis.verdicts["arm"])}
    table = pd.concat(tables, ignore_index=True)
    return table.assign(place=table["arm"].map(order)).sort_values(["place", "epochs"]).drop(columns="place").reset_index(drop=True)


def budget_changes(analysis: Analysis) -> pd.DataFrame:
    """Return how the effect of every arm changes from the shortest budget to the longest, on the seeds that have both.

    Returns:
        One row an arm, in the order of the verdicts: ``arm``, ``change`` (effect at the longest budget minus that at the shortest) with its
        t interval over seeds ``low, high`` (not numbers below two seeds), ``n``, and ``trainings``: of each seed, how many there were.
    """
    if not analysis.lengths:
        return pd.DataFrame(columns=["arm", "change", "low", "high", "n", "trainings"])
    first, last = (one.pairs.set_index(["arm", "seed"])["difference"] for one in (analysis.lengths[0], analysis))
    both, rows = (last - first).dropna(), list[dict[str, object]]()
    for arm in analysis.verdicts["arm"]:
        d = both[both.index.get_level_values("arm") == arm].to_numpy(float)
        found = paired_t(d, METHOD.alpha) if len(d) > 1 else None
        low, high = (found.low, found.high) if found else (np.nan, np.nan)
        rows.append({"arm": arm, "change": d.mean() if len(d) else np.nan, "low": low, "high": high, "n": len(d),
                     "trainings": trainings_of(analysis.results.lengths, arm)})
    return pd.DataFrame(rows, columns=["arm", "change", "low", "high", "n", "trainings"])


def trainings_of(lengths: Sequence[Results], arm: str) -> int:
    """Count the trainings of an arm that its scores at all budgets are from, as its curves show: those of one training are the same.

    Args:
        lengths: the results at each budget, ascending.
        arm: one of the study's.
    """
    longest = _losses(lengths[-1], arm)
    return 1 + sum(not _begins(longest, _losses(one, arm)) for one in lengths[:-1])


def _losses(results: Results, arm: str) -> pd.Series:
    curves = results.curves[results.curves["arm"] == arm]
    return pd.to_numeric(curves.set_index(["seed", "epoch"])["train_loss"], errors="coerce")


def _begins(longer: pd.Series, shorter: pd.Series) -> bool:
    """Whether the curves of fewer epochs are, to the bit, the beginnings of the others, as far as there are both."""
    both = shorter.index.intersection(longer.index)
    return bool((shorter[both] == longer[both]).all())


def turning(epochs: Sequence[int], verdicts: Sequence[str]) -> str:
    """Say where a verdict turns.

    Args:
        epochs: the budgets, ascending.
        verdicts: at each of them.

    Example:
        >>> turning([5, 10, 20], ["helps", "helps", "no meaningful effect"])
        'helps up to 10 epochs, no meaningful effect at 20'
        >>> turning([5, 10, 20, 40], ["hurts", "inconclusive", "inconclusive", "helps"]), turning([5, 10], ["helps", "helps"])
        ('hurts at 5 epochs, inconclusive from 10 to 20, helps at 40', 'helps at every budget')
    """
    groups = [(verdict, [number for number, _ in same]) for verdict, same in groupby(zip(epochs, verdicts), key=lambda pair: pair[1])]
    if len(groups) == 1:
        return f"{groups[0][0]} {EVERY}"
    (verdict, first), *middle, (final, last) = groups
    start = f"{verdict} {'up to' if len(first) > 1 else 'at'} {plural(first[-1], 'epoch')}"
    between = [f"{name} {f'from {some[0]} to {some[-1]}' if len(some) > 1 else f'at {some[0]}'}" for name, some in middle]
    return ", ".join([start, *between, f"{final} {f'from {last[0]} on' if len(last) > 1 else f'at {last[0]}'}"])


def turning_points(analysis: Analysis) -> dict[str, str]:
    """Map each compared arm to where its verdict turns, in words, in the order of the verdicts; empty for a study with one budget."""
    return {str(arm): turning(list(rows["epochs"]), list(rows["verdict"]))
            for arm, rows in budget_effects(analysis).groupby("arm", sort=False)}
