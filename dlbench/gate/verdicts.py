"""The verdict on one metric of two trees that were trained on the same seeds: not worse by more than the margin, worse, or undecided."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dlbench.gate.terms import Judged
from dlbench.gate.training import Trained
from dlbench.stats.boundaries import Boundaries
from dlbench.stats.equivalence import LEAST_SEEDS
from dlbench.stats.noninferiority import Gain, Power, objection, paired_gain, plan_power, unpaired_gain
from dlbench.stats.power import upper_sd

NOT_WORSE, WORSE, UNDECIDED, NOT_RUN = "not worse", "worse", "undecided", "not run"


class Pair(NamedTuple):
    """The trainings of both trees with one seed."""

    base: Trained
    head: Trained


@dataclass(frozen=True)
class Answer:
    """The verdict on one metric.

    Attributes:
        metric: with its margin and direction.
        verdict: ``not worse``, ``worse`` or ``undecided``.
        reason: why, in a sentence.
        means: of the base's scores and of this tree's; NaN where there is none.
        gain: of this tree over the base, above 0 where it is better; None where too few trainings have a score.
        level: one-sided, of the limits of the gain.
        power: what the plan shows of a tree that is as good as the base, with a spread that the one seen does not exceed (80 % confidence);
            None where no spread was seen.
        identical: whether every seed gave both trees the same score, to the last bit.
    """

    metric: Judged
    verdict: str
    reason: str
    means: tuple[float, float]
    gain: Gain | None = None
    level: float = math.nan
    power: Power | None = None
    identical: bool = False

    def needs(self, planned: int | None) -> str:
        """Say how many seeds the claim takes where nothing changed, and how often those that are ``planned`` are enough."""
        if self.power is None:
            return ""
        seeds = f"about {self.power.needed} seeds" if self.power.needed else "more than a million seeds"
        often = f"; the {planned} that are planned show it with {100 * self.power.shown:.0f} %" if planned else ""
        return f"{self.metric.name}: a tree that is as good as the base takes {seeds} to be shown not worse (80 % power){often}"

    def as_json(self) -> dict[str, Any]:
        """Everything that is known; what is not is null."""
        gain = self.gain or Gain(math.nan, math.nan, math.nan, math.nan)
        sign = 1 if self.metric.higher_is_better else -1
        ends = sorted((sign * gain.low, sign * gain.high)) if self.gain else (math.nan, math.nan)
        numbers = {"base_mean": self.means[0], "head_mean": self.means[1], "difference": sign * gain.mean, "low": ends[0], "high": ends[1],
                   "sd": gain.sd, "level": self.level}
        return {"metric": self.metric.name, "higher_is_better": self.metric.higher_is_better, "margin": self.metric.margin,
                "verdict": self.verdict, "reason": self.reason, "identical": self.identical,
                **{name: value if math.isfinite(value) else None for name, value in numbers.items()},
                "power": self.power and self.power._asdict()}


def judge(metric: Judged, pairs: Sequence[Pair], plan: Boundaries, look: int, paired: bool, metrics: int = 1) -> Answer:  # noqa: PLR0913
    """Judge one metric at an interim analysis.

    A tree is not worse where every metric is shown to be, which needs no correction; it is worse where any is, so that this claim is tested
    at the level of so many ``metrics``.

    Args:
        metric: with its margin and direction.
        pairs: the trainings so far.
        plan: the interim analyses, for one metric.
        look: which of them, from 0.
        paired: whether trainings of one seed are pairs.
        metrics: that are judged.
    """
    level, strict = plan.equivalence[look], plan.shared_by(metrics).equivalence[look]
    scores = [np.array([_score(pair[place], metric.name) for pair in pairs]) for place in (0, 1)]
    known = [np.isfinite(of_tree) for of_tree in scores]
    means = _mean(scores[0][known[0]]), _mean(scores[1][known[1]])
    lost, missed = (int((known[one] & ~known[other]).sum()) for one, other in ((0, 1), (1, 0)))
    if lost > missed and 0.5 ** (lost + missed) * _subsets(lost, missed) < strict:
        return Answer(metric, WORSE, f"{lost} of {len(pairs)} seeds have no {metric.name} in this tree, and have one at the base", means)
    old, new = _comparable(scores, known, paired)
    if min(old.size, new.size) < 2:
        return Answer(metric, UNDECIDED, f"fewer than two trainings of each tree have a {metric.name}", means)
    sign = 1.0 if metric.higher_is_better else -1.0
    estimate = paired_gain if paired else unpaired_gain
    gain, sure = (estimate(sign * new, sign * old, one) for one in (level, strict))
    gain = gain._replace(high=sure.high)
    identical = bool(paired and old.size >= LEAST_SEEDS and (old == new).all() and np.unique(old).size == old.size and not lost)
    power = plan_power(metric.margin, upper_sd(gain.sd, min(old.size, new.size)), plan) if gain.sd else None
    verdict, reason = _verdict(metric, gain, _doubt(new, old, metric.margin, paired, lost > missed), identical)
    return Answer(metric, verdict, reason, means, gain, level, power, identical)


def _score(one: Trained, name: str) -> float:
    """The score of a training; NaN where it has none, or the training has none that can be judged."""
    return math.nan if one.score is None else one.scores.get(name, math.nan)


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if values.size else math.nan


def _subsets(lost: int, missed: int) -> int:
    """In how many ways at least so many of all seeds that only one tree trained can be this tree's losses."""
    return sum(math.comb(lost + missed, count) for count in range(lost, lost + missed + 1))


def _comparable(scores: Sequence[NDArray[np.float64]], known: Sequence[NDArray[np.bool_]], paired: bool) -> list[NDArray[np.float64]]:
    """The scores of both trees that are judged: of seeds that both have, where they are pairs."""
    both = known[0] & known[1]
    return [of_tree[both if paired else mine] for of_tree, mine in zip(scores, known)]


def _doubt(new: NDArray[np.float64], old: NDArray[np.float64], margin: float, paired: bool, fails_more: bool) -> str:
    """Why "not worse" cannot be shown, however good the mean; empty where it can."""
    if fails_more:
        return "trainings of this tree fail on seeds on which the base's do not"
    if paired:
        return objection(new - old, margin)
    return next((f"the scores of {name}: {why}" for name, values in (("this tree", new), ("the base", old))
                 if (why := objection(values, margin))), "")


def _verdict(metric: Judged, gain: Gain, doubt: str, identical: bool) -> tuple[str, str]:
    sign = 1 if metric.higher_is_better else -1
    said = f"{metric.name} {sign * gain.mean:+.4g}"
    if identical:
        return NOT_WORSE, f"{metric.name} is the same to the last bit on every seed"
    if gain.high < -metric.margin:
        return WORSE, f"{said}, shown to be worse by more than {metric.margin:g} (by {-gain.high:.4g} at least)"
    if gain.low > -metric.margin and not doubt:
        most = f"by at most {-gain.low:.4g}" if gain.low < 0 else "better"
        return NOT_WORSE, f"{said}, shown not to be worse by more than {metric.margin:g} ({most})"
    if gain.low > -metric.margin:
        return UNDECIDED, f"{said}: {doubt}"
    worse = f"worse by {-gain.low:.4g}" if math.isfinite(gain.low) else "worse by any amount"
    return UNDECIDED, f"{said}: it may be {worse}, and {metric.margin:g} is allowed{f'; {doubt}' if doubt else ''}"
