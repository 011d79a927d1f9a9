"""Every arm with its mean and interval, and which are not shown to differ from the best: what a table of a paper shows."""

from __future__ import annotations

import math

import pandas as pd

from dlbench.analysis.analysis import Analysis
from dlbench.analysis.foreign import how_judged, unpaired
from dlbench.analysis.scores import counted
from dlbench.stats.best import best_arms, compared_budgets, expected_best, expected_best_interval
from dlbench.stats.crossed import quantile
from dlbench.stats.method import METHOD
from dlbench.values.seeds import derive

COMMON = "common"
"""Column of the number of trials that every arm has."""


def arm_means(analysis: Analysis) -> pd.DataFrame:
    """Return one row an arm that has runs, in the study's order.

    Returns:
        ``arm, n, mean, half`` (of the t interval over runs; NaN of one run), ``best`` (whether it is the best or not shown to differ from
        it), and of compared arms ``reference, difference, p_adjusted, verdict``; scores in the metric's stored unit.
    """
    known = counted(analysis.results, analysis.metric.name)
    table = known.groupby("arm", sort=False)["score"].agg(n="count", mean="mean", sd="std").reset_index()
    table["half"] = [quantile(METHOD.alpha / 2, row.n - 1) * row.sd / math.sqrt(row.n) if row.n > 1 else math.nan
                     for row in table.itertuples()]
    table["best"] = table["arm"].isin(best_arms(known, analysis.metric.higher_is_better, not unpaired(analysis.results)))
    table["place"] = table["arm"].map(analysis.ids)
    compared = analysis.verdicts[["arm", "reference", "difference", "p_adjusted", "verdict"]]
    return table.merge(compared, on="arm", how="left").sort_values("place", kind="stable").reset_index(drop=True)


def best_of_trials(analysis: Analysis) -> pd.DataFrame | None:
    """Return what the best of k trials is expected to be, where the runs of an arm are trials of a search.

    Returns:
        One row an arm: ``arm, n``, a column for each k, and ``low, high`` of the k that every arm has (``attrs["common"]``); None for runs
        that are no trials.
    """
    judged = how_judged(analysis.results)
    if judged is None or not judged.get("trials"):
        return None
    known, higher = counted(analysis.results, analysis.metric.name), analysis.metric.higher_is_better
    by_arm = {str(arm): part["score"].to_numpy(float) for arm, part in known.groupby("arm", sort=False)}
    counts = {arm: len(values) for arm, values in by_arm.items()}
    common, budgets = min(counts.values()), compared_budgets(counts)
    rows = [{"arm": arm, "n": len(values), **{k: expected_best(values, k, higher) for k in budgets},
             **dict(zip(("low", "high"), expected_best_interval(values, common, higher, derive(0, f"trials {arm}"))))}
            for arm, values in by_arm.items()]
    table = pd.DataFrame(rows)
    table.attrs = {COMMON: common, "budgets": budgets}
    return table
