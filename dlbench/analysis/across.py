"""One study on several datasets: what holds over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dlbench.analysis.scores import counted, references
from dlbench.stats.aggregate import FriedmanResult, aggregate, friedman, performance_profile, stratified_bootstrap
from dlbench.stats.method import METHOD
from dlbench.store.results import Results

POINTS = 60
"""Thresholds of a performance profile."""
SEED = 0
"""Of the resampling: the same results give the same intervals."""


@dataclass(frozen=True, eq=False)
class Across:
    """A family of arms over several datasets.

    Attributes:
        runs: arm -> scores, shape (seeds, datasets), of the seeds that completed on every dataset; higher is better (a loss has its
            sign turned).
        table: one row a compared arm that has such seeds: what :func:`dlbench.stats.aggregate.aggregate` returns.
        ranks: Friedman's test of the arms that share the baseline, and Holm against it; None where ``why`` says why not.
        why: why there is no such test.
        missing: arms without a seed that completed on every dataset, they or their reference.
    """

    runs: dict[str, np.ndarray]
    table: pd.DataFrame
    ranks: FriedmanResult | None
    why: str
    missing: tuple[str, ...]


def across(results: Results, parts: Sequence[Results]) -> Across:
    """Aggregate what a study's arms do over all of its datasets.

    Args:
        results: of the study.
        parts: the results on each dataset, all at default or all tuned.
    """
    metric, arms, against = results.metric, results.arms["arm"], references(results)
    sign = 1.0 if metric.higher_is_better else -1.0
    runs = {arm: sign * values for arm in arms if len(values := _matrix(parts, arm, metric.name))}
    complete = {arm: reference for arm, reference in against.items() if arm in runs and reference in runs}
    ranks, why = _ranks(runs, complete, arms.iloc[0])
    missing = tuple(arm for arm in against if arm not in complete)
    return Across(runs, aggregate(runs, complete, rng=SEED, alpha=METHOD.alpha), ranks, why, missing)


def _matrix(parts: Sequence[Results], arm: str, name: str) -> np.ndarray:
    """Return an arm's scores, shape (seeds, datasets), of the seeds that completed on every dataset."""
    tables = [counted(part, name) for part in parts]
    columns = [table[table["arm"] == arm].set_index("seed")["score"] for table in tables]
    return pd.concat(columns, axis=1, join="inner").sort_index().to_numpy(float)


def _ranks(runs: dict[str, np.ndarray], against: dict[str, str], baseline: str) -> tuple[FriedmanResult | None, str]:
    arms = [baseline, *(arm for arm, reference in against.items() if reference == baseline)]
    if len(arms) < 3 or baseline not in runs:
        return None, "Friedman's test needs at least two arms beside the baseline, with runs on every dataset."
    means = pd.DataFrame({arm: runs[arm].mean(axis=0) for arm in arms})
    return friedman(means, control=baseline), ""


def profile(over: Across, arms: Sequence[str]) -> pd.DataFrame:
    """Compute performance profiles: on what share of all runs an arm does better than a score.

    Args:
        over: the study's arms over its datasets.
        arms: whose profiles to compute, at thresholds that they share.

    Returns:
        One row an arm and threshold: ``arm, threshold, share, low, high``; thresholds as ``over.runs``, higher being better.
    """
    values: NDArray[np.float64] = np.concatenate([over.runs[arm].ravel() for arm in arms])
    room = 0.02 * max(float(np.ptp(values)), 1e-6)
    thresholds = np.linspace(float(values.min()) - room, float(values.max()) + room, POINTS)
    tables: list[pd.DataFrame] = []

    def shares(runs: NDArray[np.float64]) -> NDArray[np.float64]:
        return performance_profile(runs, thresholds)

    for arm in arms:
        low, high = stratified_bootstrap(shares, over.runs[arm], rng=SEED, alpha=METHOD.alpha)
        tables.append(pd.DataFrame({"arm": arm, "threshold": thresholds, "share": shares(over.runs[arm]),
                                    "low": low, "high": high}))
    return pd.concat(tables, ignore_index=True)


def most_different(over: Across, most: int) -> pd.DataFrame:
    """Return the rows of at most so many arms: those that differ most from their reference, in the order of the table."""
    size = (over.table["improvement"].astype(float) - 0.5).abs()
    return over.table.loc[size.nlargest(most).index.sort_values()]
