"""What the records tell of each case: spreads, seeds, seconds, and the ratio with its parts and interval."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.decision.cases import CASES, Case, planned
from benchmarks.decision.estimates import (
    RESAMPLES,
    Moments,
    Parts,
    Scores,
    Seeds,
    arm_scores,
    limits,
    median_seconds,
    moments,
    parts,
    per_run,
    resampled,
    seeds,
)
from benchmarks.decision.pilots import kept, pilot_file
from dlbench.values.errors import InputError


class Found(NamedTuple):
    """What is known of a case: its arms with their scores, and the seconds per run of each way, round by round."""

    case: Case
    margin: float
    arms: dict[str, Scores]
    timed: dict[str, list[float]]
    evaluations: int

    def seconds(self) -> dict[str, float]:
        """Return the median seconds per run."""
        return median_seconds(self.timed)

    def moments(self) -> dict[str, Moments]:
        """Return the moments of each arm."""
        return {arm: moments(scores) for arm, scores in self.arms.items()}

    def seeds(self, factor: float = 1.0, effect: float = 1.0) -> dict[str, Seeds]:
        """Return the seeds of each arm for a multiple of the margin."""
        return {arm: seeds(one, factor * self.margin, effect) for arm, one in self.moments().items()}

    def parts(self, factor: float = 1.0, effect: float = 1.0) -> dict[str, Parts | None]:
        """Return the parts of each arm's ratio."""
        return {arm: parts(one, self.seconds()) for arm, one in self.seeds(factor, effect).items()}


def found(records: Path, rounds: Sequence[Mapping[str, Any]]) -> list[Found]:
    """Read all cases.

    Raises:
        InputError: pilots or rounds are missing.
    """
    return [_found(case, records, per_run(rounds, case)) for case in CASES]


def _found(case: Case, records: Path, timed: dict[str, list[float]]) -> Found:
    files = {layout: pilot_file(records, case, layout) for layout in case.layouts}
    if missing := [str(file) for file in files.values() if not file.exists()]:
        raise InputError(f"{missing[0]}: there is no such pilot; --step pilots trains it")
    if not all(timed.values()):
        raise InputError(f"{records}: no round has timed {case.name}; --step timing does")
    pilots = {layout: kept(file, case) for layout, file in files.items()}
    fixed, used = pilots["fixed"], pilots.get("folds", pilots["fixed"])
    arms = {name: arm_scores(fixed, used, arm, case.folds) for arm, name in enumerate(fixed.arms) if arm}
    return Found(case, planned(case).study.margin, arms, timed, used.evaluations)


class Ratios:
    """The ratio of a case: of each arm, its median over arms, and the interval of that.

    Args:
        one: the case.
        resamples: of seeds and rounds.
    """

    def __init__(self, one: Found, resamples: int) -> None:
        self.resamples = resamples
        self.of_arms = {arm: each.ratio if each else 0.0 for arm, each in one.parts().items()}
        drawn = list(resampled(list(one.arms.values()), one.margin, one.timed, resamples))
        self.median = statistics.median(self.of_arms.values())
        self.interval = limits([statistics.median(each) for each in drawn])
        self.intervals = {arm: limits(values) for arm, values in zip(one.arms, zip(*drawn))}


Judged = list[tuple[Found, Ratios]]


def judged(records: Path, rounds: Sequence[Mapping[str, Any]], resamples: int = RESAMPLES) -> Judged:
    """Read all cases and work out their ratios; arguments as of `found`, and how often seeds and rounds are resampled."""
    return [(one, Ratios(one, resamples)) for one in found(records, rounds)]
