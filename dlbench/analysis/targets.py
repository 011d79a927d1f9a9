"""Time to target: when each run reached the study's target, and whether an arm did so sooner than its reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from statsmodels.duration.survfunc import SurvfuncRight

from dlbench.analysis.analysis import Analysis
from dlbench.stats.events import compare_times, median_time
from dlbench.store.results import Results
from dlbench.values.record import Status

CLOCKS = {"epoch": ("target_epoch", "epochs"), "s": ("target_s", "train_s")}
"""Unit -> the column of when a run reached the target, and that of when it ended."""
MEDIAN = ["arm", "reached", "n", "median", "low", "high"]


def times(results: Results, unit: str = "epoch") -> pd.DataFrame:
    """Return when each finished run reached the target, or ended without: ``arm, seed, time, reached``.

    Empty where the study has no target.

    Args:
        results: of a study.
        unit: a key of :data:`CLOCKS`; ``s`` are seconds of training.
    """
    runs, (target, end) = results.runs, CLOCKS[unit]
    if results.study.get("target") is None or target not in runs:
        return pd.DataFrame(columns=["arm", "seed", "time", "reached"])
    runs = runs[runs["status"] == Status.DONE].drop_duplicates(["arm", "seed"], keep="last")
    when = pd.to_numeric(runs[target], errors="coerce").astype(float)
    ended = pd.to_numeric(runs[end], errors="coerce").astype(float) if end in runs else when
    return runs[["arm", "seed"]].assign(time=when.fillna(ended), reached=when.notna()).dropna(subset=["time"])


def medians(analysis: Analysis) -> pd.DataFrame:
    """Compute the median time to the target of each arm, the references first.

    Returns:
        ``arm, reached, n, median, low, high`` in epochs, ``seconds`` (median) and, of compared arms, ``first, later, undecided``
        (seeds) and ``p_adjusted``; empty where the study has no target or compares nothing.
    """
    epochs = times(analysis.results)
    if not len(epochs) or not len(analysis.verdicts):
        return pd.DataFrame()
    compared = compare_times(epochs, dict(zip(analysis.verdicts["arm"], analysis.verdicts["reference"])))
    alone = set(analysis.references["arm"]) - set(compared["arm"])
    rows = [_row(arm, part) for arm, part in epochs.groupby("arm", sort=False) if arm in alone]
    table = pd.concat([pd.DataFrame(rows, columns=MEDIAN), compared], ignore_index=True)
    seconds = {arm: median_time(part["time"], part["reached"]).median for arm, part in times(analysis.results, "s").groupby("arm")}
    return table.assign(seconds=table["arm"].map(seconds))


def _row(arm: str, part: pd.DataFrame) -> tuple[Any, ...]:
    found = median_time(part["time"], part["reached"])
    return arm, found.reached, found.n, found.median, found.low, found.high


def share_reached(when: np.ndarray, hit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute the share of runs that have reached the target by each time (one minus Kaplan and Meier's survival).

    Args:
        when: each run reached the target, or ended without.
        hit: whether it reached it.

    Returns:
        Times (from 0) and shares, a staircase.

    Example:
        >>> steps, shares = share_reached(np.array([2.0, 3.0, 5.0]), np.array([True, True, False]))
        >>> steps.tolist(), shares.round(2).tolist()
        ([0.0, 2.0, 3.0, 5.0], [0.0, 0.33, 0.67, 0.67])

    Source: E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", J. Am. Stat. Assoc. 53,
    1958, https://doi.org/10.1080/01621459.1958.10501452
    """
    if not hit.any():
        return np.array([0.0, when.max()]), np.zeros(2)
    fit = SurvfuncRight(when, hit.astype(int))
    steps = np.concatenate([[0.0], fit.surv_times, [when.max()]])
    shares = np.concatenate([[0.0], 1 - fit.surv_prob, [1 - fit.surv_prob[-1]]])
    return (steps[:-1], shares[:-1]) if steps[-1] == steps[-2] else (steps, shares)
