"""What each arm costs: parameters, multiply-accumulates, measured step and inference time, as ratios to its reference."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dlbench.analysis.hardware import mixed
from dlbench.store.results import Results

COUNTS = ("parameters", "macs")
TIMED = ("step_ms", "inference_ms")
RATIOS = tuple(f"{kind}_{part}" for kind in ("step", "inference") for part in ("ratio", "low", "high"))


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
    timed = results.timings.drop_duplicates("arm").set_index("arm") if "arm" in results.timings else pd.DataFrame()
    for name in (*TIMED, *RATIOS):
        table[name] = table["arm"].map(pd.to_numeric(timed[name], errors="coerce")).astype(float) if name in timed else np.nan
    return table


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
