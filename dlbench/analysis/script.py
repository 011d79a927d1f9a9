"""Tests of a script's control that need no help of the script: is its seed obeyed, are its parameters, and is a run repeatable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from dlbench.analysis.scores import finished_runs, references, scores
from dlbench.store.results import Results
from dlbench.store.stream import RUN_COLUMNS
from dlbench.values.metric import MEASURED
from dlbench.values.record import Cost

LEAST_SEEDS = 2
"""Seeds that an arm needs beside its reference before equal results say that a parameter is ignored."""
SEED_IGNORED = "its seed is ignored: the results of {!r} are equal on all of its {} seeds, so nothing is known of their spread"
IGNORED = "what it sets is ignored: its results equal those of its reference on every seed"


@dataclass(frozen=True)
class ScriptTests:
    """What the runs themselves show of a script's control.

    Attributes:
        first, again: the score of the baseline's first seed, and that of the same run once more; None where one is missing.
        seed_ignored: whether the baseline gives one and the same result on all of its seeds; None where it has one seed.
        seeds: of the baseline that finished.
        ignored: the arms whose results equal their reference's on every seed.
        correlation: of arms with their reference over the seeds, the median; NaN where it is not known.
    """

    first: float | None
    again: float | None
    seed_ignored: bool | None
    seeds: int
    ignored: tuple[str, ...]
    correlation: float

    @property
    def repeatable(self) -> bool | None:
        """Whether the same seed gave the same score twice; None where that is not known."""
        return None if self.first is None or self.again is None else self.first == self.again


def script_tests(results: Results) -> ScriptTests | None:
    """Test the control of a script's study; None for a study of another engine, and where time is the metric."""
    if results.study.get("engine") != "command" or results.metric.name in MEASURED:
        return None
    runs, name = finished_runs(results), results.metric.name
    told = _told(runs)
    baseline = results.arms["arm"].iloc[0]
    mine = runs[runs["arm"] == baseline]
    equal = len(mine[told].drop_duplicates()) == 1 if len(mine) > 1 else None
    first, again = (results.repetition.get(which) for which in ("first", "again"))
    return ScriptTests(first, again, equal, len(mine), tuple(_ignored(runs, told, references(results))), _correlation(results, name))


def _told(runs: pd.DataFrame) -> list[str]:
    """The columns of scores, but for those that are times."""
    other = {*RUN_COLUMNS, *(item.name for item in fields(Cost)), "near_duplicates"}
    return [name for name in runs if name not in other and not name.startswith("hash_") and not _is_time(name)]


def _is_time(name: str) -> bool:
    return name.endswith(("_s", "_ms")) or any(word in name.lower() for word in ("time", "second", "per_s", "duration"))


def _ignored(runs: pd.DataFrame, told: list[str], against: dict[str, str]) -> Iterator[str]:
    by_arm = {arm: table.set_index("seed")[told] for arm, table in runs.groupby("arm")}
    for arm, reference in against.items():
        if arm in by_arm and reference in by_arm:
            shared = by_arm[arm].index.intersection(by_arm[reference].index)
            if len(shared) >= LEAST_SEEDS and by_arm[arm].loc[shared].equals(by_arm[reference].loc[shared]):
                yield arm


def _correlation(results: Results, name: str) -> float:
    table = scores(results, name).pivot(index="seed", columns="arm", values="score")
    return _median(table[arm].corr(table[other]) for arm, other in references(results).items()
                   if arm in table and other in table and min(table[arm].nunique(), table[other].nunique()) > 1)


def _median(values: Iterable[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.median(known)) if known else float("nan")
