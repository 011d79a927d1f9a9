"""The scores that comparisons are made of, and who is compared with whom."""

from __future__ import annotations

import pandas as pd

from dlbench.stats.crossed import examples_tested
from dlbench.stats.paired import LARGEST
from dlbench.store.results import Results
from dlbench.values.controls import Control
from dlbench.values.record import Status


def scores(results: Results, name: str) -> pd.DataFrame:
    """Return the finite scores of finished runs that may be compared with their reference's: columns ``arm, seed, score``.

    Args:
        results: of a study.
        name: of the metric.
    """
    runs = results.runs
    if name not in runs or not len(runs):
        return pd.DataFrame({"arm": pd.Series(dtype=object), "seed": pd.Series(dtype=int), "score": pd.Series(dtype=float)})
    used = (runs["status"] == Status.DONE) & (runs["control"] != Control.INCOMPARABLE if "control" in runs else True)
    table = runs.loc[used, ["arm", "seed", name]].rename(columns={name: "score"})
    table["score"] = pd.to_numeric(table["score"], errors="coerce").astype(float)
    return table[table["score"].abs() <= LARGEST].drop_duplicates(["arm", "seed"], keep="last").reset_index(drop=True)


def with_examples(results: Results, table: pd.DataFrame) -> pd.DataFrame:
    """Add ``examples`` to scores that are shares of the test examples: how many the arm was tested on, NaN where that is not known."""
    if results.answers is None or results.metric.unit != "fraction" or results.metric.split != "test":
        return table
    runs, folds = finished_runs(results), folds_of(results)
    first = runs[~runs.assign(fold=runs["seed"] % (folds or 1)).duplicated(["arm", "fold"])]
    sizes = first["run_id"].map(results.answers.examples(first["run_id"])).astype(float)
    return table.assign(examples=table["arm"].map(examples_tested(first.assign(examples=sizes), folds)))


def folds_of(results: Results) -> int:
    """Return how many folds of the data a study tests in turn; 0 where every seed tests the same examples."""
    return int(results.study.get("folds", 0))


def counted(results: Results, name: str) -> pd.DataFrame:
    """Return the scores that tests and figures of differences use: those of :func:`scores` without the seeds of a pilot."""
    table = scores(results, name)
    return table[~table["seed"].isin(results.pilot)].reset_index(drop=True)


def references(results: Results) -> dict[str, str]:
    """Map each compared arm to the arm that it is compared with."""
    pairs = zip(results.arms["arm"], results.arms["reference"])
    return {arm: reference for arm, reference in pairs if isinstance(reference, str) and reference}


def finished_runs(results: Results) -> pd.DataFrame:
    """Return the runs that ended as ``done``."""
    return results.runs[results.runs["status"] == Status.DONE] if len(results.runs) else results.runs
