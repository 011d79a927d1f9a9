"""What each arm costs: parameters, multiply-accumulates, measured step and inference time, as ratios to its reference's."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dlbench.analysis.hardware import mixed
from dlbench.stats.method import METHOD
from dlbench.stats.paired import time_ratio
from dlbench.store.results import Results

COUNTS = ("parameters", "macs")
TIMED = ("step", "inference")
MILLISECONDS = tuple(f"{kind}_ms" for kind in TIMED)
PARTS = ("ratio", "low", "high")
RATIOS = tuple(f"{kind}_{part}" for kind in TIMED for part in PARTS)


def timings(results: Results) -> pd.DataFrame:
    """Measured times of each arm that was timed beside its reference.

    Returns:
        One row an arm: ``arm, reference, rounds, step_ms, step_ratio, step_low, step_high, inference_ms, inference_ratio,
        inference_low, inference_high``. Milliseconds are medians over the rounds, of one training step (a whole batch) and of inference
        over one example; ratios are to the reference, of the time per example, with their interval over the rounds.
    """
    rows = []
    for arm, rounds in results.rounds.groupby("arm", sort=False) if len(results.rounds) else ():
        row = {"arm": arm, "reference": rounds["reference"].iloc[0], "rounds": len(rounds)}
        per_example = rounds["reference_batch_size"] / rounds["batch_size"]
        for kind, scale in (("step", per_example), ("inference", 1.0)):
            ours, theirs = rounds[f"{kind}_ms"], rounds[f"reference_{kind}_ms"]
            row |= {f"{kind}_ms": ours.median()}
            row |= dict(zip((f"{kind}_{part}" for part in PARTS), time_ratio(scale * ours, theirs, METHOD.alpha)))
        rows.append(row)
    return pd.DataFrame(rows, columns=["arm", "reference", "rounds", MILLISECONDS[0], *RATIOS[:3], MILLISECONDS[1], *RATIOS[3:]])


def absolute(results: Results) -> pd.DataFrame:
    """An arm's costs: columns ``arm, parameters, macs, step_ms, inference_ms, train_s``, NaN where not measured.

    Training times of runs on machines of several kinds are not put together: ``train_s`` is NaN then.
    """
    runs = results.runs[results.runs["status"] == "done"]
    table = pd.DataFrame({"arm": results.arms["arm"]})
    for name in (*COUNTS, "train_s"):
        table[name] = table["arm"].map(_median(runs, name)).astype(float)
    if mixed(results):
        table["train_s"] = np.nan
    times = (*MILLISECONDS, *RATIOS)
    return table.merge(timings(results)[["arm", *times]].astype(dict.fromkeys(times, float)), on="arm", how="left")


def _median(runs: pd.DataFrame, name: str) -> pd.Series:
    """An arm's median over its finished runs: counts are equal in all of them, times are not."""
    if name not in runs or not len(runs):
        return pd.Series(dtype=float)
    return pd.to_numeric(runs[name], errors="coerce").groupby(runs["arm"]).median()


def ratios(results: Results, against: dict[str, str]) -> pd.DataFrame:
    """An arm's costs over its reference's.

    Args:
        results: what was measured.
        against: compared arm -> its reference.

    Returns:
        Columns ``arm, parameters, macs, step_ms, inference_ms, train_s, parameters_ratio, macs_ratio`` and, from the
        interleaved timings, ``step_ratio, step_low, step_high, inference_ratio, inference_low, inference_high``.
    """
    table = absolute(results)
    table = table[table["arm"].isin(against)].reset_index(drop=True)
    every = absolute(results).set_index("arm")
    theirs = table["arm"].map(against)
    for name in COUNTS:
        base = theirs.map(every[name]).astype(float)
        table[f"{name}_ratio"] = table[name] / base.where(base > 0)
    return table
