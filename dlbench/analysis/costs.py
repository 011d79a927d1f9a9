"""What each arm costs: parameters, multiply-accumulates, measured step and inference time, as ratios to its reference's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dlbench.analysis.hardware import mixed
from dlbench.analysis.scores import finished_runs, references, scores
from dlbench.stats.method import METHOD
from dlbench.stats.paired import time_ratio
from dlbench.store.results import Results

COUNTS = ("parameters", "macs", "train_macs")
TIMED = ("step", "inference")
MILLISECONDS = tuple(f"{kind}_ms" for kind in TIMED)
PARTS = ("ratio", "low", "high")
EMPTY = pd.Series(dtype=float)
RATIOS = tuple(f"{kind}_{part}" for kind in TIMED for part in PARTS)


def timings(results: Results) -> pd.DataFrame:
    """Measured times of each arm that was timed beside its reference.

    Returns:
        One row an arm: ``arm, reference, rounds, step_ms, step_ratio, step_low, step_high, inference_ms, inference_ratio,
        inference_low, inference_high``. Milliseconds are medians over the rounds, of one training step (a whole batch) and of inference
        over one example; ratios are to the reference, of the time per example, with their interval over the rounds. Of a script
        whose runs had the machine to themselves, ``step_ratio`` is of the time of whole runs, and seeds are the rounds.
    """
    rows: list[dict[str, Any]] = []
    for arm, rounds in results.rounds.groupby("arm", sort=False) if len(results.rounds) else ():
        row: dict[str, Any] = {"arm": arm, "reference": rounds["reference"].iloc[0], "rounds": len(rounds)}
        per_example = rounds["reference_batch_size"] / rounds["batch_size"]
        for kind, scale in (("step", per_example), ("inference", 1.0)):
            ours, theirs = rounds[f"{kind}_ms"], rounds[f"reference_{kind}_ms"]
            row |= {f"{kind}_ms": ours.median()}
            row |= dict(zip((f"{kind}_{part}" for part in PARTS), time_ratio(scale * ours, theirs, METHOD.alpha)))
        rows.append(row)
    rows += _whole_runs(results)
    return pd.DataFrame(rows, columns=["arm", "reference", "rounds", MILLISECONDS[0], *RATIOS[:3], MILLISECONDS[1], *RATIOS[3:]])


def timed_whole(results: Results) -> bool:
    """Return whether whole runs had the machine to themselves, so that their times are compared."""
    return any(row.recipe.get("command.alone") for row in results.arms.itertuples())


def _whole_runs(results: Results) -> list[dict[str, Any]]:
    """Times of whole runs, each beside its reference's of the same seed."""
    if not timed_whole(results):
        return []
    times = {arm: table.set_index("seed")["score"] for arm, table in scores(results, "wall_s").groupby("arm", sort=False)}
    rows: list[dict[str, Any]] = []
    for arm, reference in references(results).items():
        both = pd.concat([times.get(arm, EMPTY), times.get(reference, EMPTY)], axis=1, join="inner")
        if len(both):
            ratios = zip(RATIOS, time_ratio(both.iloc[:, 0], both.iloc[:, 1], METHOD.alpha))
            rows.append({"arm": arm, "reference": reference, "rounds": len(both), **dict(ratios)})
    return rows


def costs(results: Results) -> pd.DataFrame:
    """Return what each arm costs, and how that compares with its reference; NaN where it was not measured or there is no reference.

    Training times of runs on machines of several kinds are not put together: ``train_s`` is NaN then.

    Returns:
        Columns ``arm, parameters, macs, train_macs, step_ms, inference_ms, train_s, parameters_ratio, macs_ratio, train_macs_ratio``
        and, from the interleaved timings, ``step_ratio, step_low, step_high, inference_ratio, inference_low, inference_high``.
    """
    runs, table = finished_runs(results), pd.DataFrame({"arm": results.arms["arm"]})
    for name in (*COUNTS, "train_s"):
        table[name] = table["arm"].map(_median(runs, name)).astype(float)
    if mixed(results):
        table["train_s"] = np.nan
    times = (*MILLISECONDS, *RATIOS)
    table = table.merge(timings(results)[["arm", *times]].astype(dict.fromkeys(times, float)), on="arm", how="left")
    theirs = table.set_index("arm").reindex(table["arm"].map(references(results)).to_numpy())
    for name in COUNTS:
        base = theirs[name].to_numpy(float)
        table[f"{name}_ratio"] = table[name] / np.where(base > 0, base, np.nan)
    return table


def _median(runs: pd.DataFrame, name: str) -> pd.Series:
    """Return an arm's median over its finished runs: counts are equal in all of them, times are not."""
    if name not in runs or not len(runs):
        return pd.Series(dtype=float)
    return pd.to_numeric(runs[name], errors="coerce").groupby(runs["arm"]).median()


def pareto(cost: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Say which points no other point beats: none is at most as dear and at least as good, and better in one of the two.

    Args:
        cost: lower is better.
        gain: higher is better.

    Returns:
        Booleans, one a point.

    Example:
        >>> pareto(np.array([1.0, 2.0, 2.0]), np.array([0.0, 1.0, -1.0])).tolist()
        [True, True, False]
    """
    cost, gain = np.asarray(cost, float), np.asarray(gain, float)
    no_worse = (cost[:, None] <= cost) & (gain[:, None] >= gain)
    better = (cost[:, None] < cost) | (gain[:, None] > gain)
    return np.logical_not((no_worse & better).any(axis=0))
