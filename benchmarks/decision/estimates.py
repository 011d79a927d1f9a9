"""From pilots and interleaved rounds to the ratio of the times of a decision, part by part, with its interval."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from benchmarks.decision.cases import Case
from benchmarks.decision.pilots import Pilot
from benchmarks.decision.required import Examples, loop_seeds, new_data_seeds, paired_seeds, with_looks
from benchmarks.decision.timing import DLBENCH, FINAL, LOOP, WAYS

RESAMPLES = 200
GRID = 0.02
"""Spreads are rounded to multiples of so many margins where the number of seeds is simulated, so that resamples share simulations."""


class Moments(NamedTuple):
    """What a pilot tells of an arm and its reference, as fractions of accuracy.

    Attributes:
        reference, arm: standard deviations over seeds of the scores at the last epoch.
        final: of their paired difference.
        averaged: of the paired difference of scores averaged over the last evaluations.
        within: of that difference over seeds that test the same examples, in the layout that dlbench decides with.
        examples: what the test examples contribute there.
    """

    reference: float
    arm: float
    final: float
    averaged: float
    within: float
    examples: Examples


class Seeds(NamedTuple):
    """Seeds per arm that find the margin: by a loop; by pairs; by averaged scores too; for new data too; and with looks, where
    these are expected to save runs at a difference of one margin, the mean."""

    loop: int | None
    paired: int | None
    averaged: int | None
    new_data: int | None
    looks: float | None


class Scores(NamedTuple):
    """What a pilot holds of an arm and its reference; seeds come first in each array.

    Attributes:
        reference, arm: scores at the last epoch.
        averaged: differences of scores averaged over the last evaluations, on one test part.
        decided: the same in the layout that dlbench decides with.
        products: of `covariances`, in that layout.
        tested: examples of a test part.
        folds: of that layout.
    """

    reference: np.ndarray
    arm: np.ndarray
    averaged: np.ndarray
    decided: np.ndarray
    products: np.ndarray
    tested: int
    folds: int


def arm_scores(fixed: Pilot, used: Pilot, arm: int, folds: int) -> Scores:
    """Read an arm's scores from the pilot with one test part, and from the one of the layout that dlbench decides with."""
    final, averaged, shares = fixed.final(), fixed.averaged(), used.shares()
    d = shares[arm] - shares[0]
    tested = int(np.median((~np.isnan(d)).sum(axis=1)))
    return Scores(final[0], final[arm], averaged[arm] - averaged[0], np.nanmean(d, axis=1), covariances(d), tested, folds)


def covariances(differences: np.ndarray) -> np.ndarray:
    """Return the covariances over examples of the differences [seeds, examples] of every two seeds; NaN of seeds that test others."""
    centred = differences - np.nanmean(differences, axis=1, keepdims=True)
    known = (~np.isnan(centred)).sum(axis=1)
    products = np.nan_to_num(centred) @ np.nan_to_num(centred).T
    return products / (np.minimum.outer(known, known) - 1)


def example_variance(products: np.ndarray, drawn: np.ndarray, folds: int, tested: int) -> float:
    """Return the variance that a test part of ``tested`` examples contributes, at least 0.

    It is the mean covariance of two different seeds that test the same part, a seed drawn twice being no two, over the examples: the
    estimate of :func:`dlbench.stats.crossed.example_part`, which resampled seeds do not bias.

    Args:
        products: of `covariances`.
        drawn: positions of seeds, which repeat in a resample.
        folds: 0: all seeds test one part.
        tested: examples in it.
    """
    fold = drawn % (folds or 1)
    pairs = (fold[:, None] == fold) & (drawn[:, None] != drawn)
    return max(0.0, float(products[np.ix_(drawn, drawn)][pairs].mean()) / tested)


def moments(scores: Scores, drawn: tuple[np.ndarray, np.ndarray] | None = None) -> Moments:
    """Estimate the moments of an arm, from all seeds or from those drawn on one test part and in the layout that decides."""
    every = np.arange(len(scores.arm))
    fixed, used = drawn or (every, every)
    examples = Examples(example_variance(scores.products, used, scores.folds, scores.tested), scores.tested, scores.folds)
    within = math.sqrt(max(_sd(scores.decided, used) ** 2 - examples.seen(len(used)), 0.0))
    over_fixed = (_sd(values, fixed) for values in (scores.reference, scores.arm, scores.arm - scores.reference, scores.averaged))
    return Moments(*over_fixed, within, examples)


def _sd(values: np.ndarray, drawn: np.ndarray) -> float:
    """Standard deviation of the drawn values; the square of a resample's is too small by the factor (n - 1) / n, which is put right."""
    n = len(drawn)
    return float(values[drawn].std(ddof=1)) * (math.sqrt(n / (n - 1)) if len(np.unique(drawn)) < n else 1.0)


def seeds(found: Moments, margin: float, effect: float = 1.0) -> Seeds:
    """Return the seeds that each step of the way from a loop to dlbench needs for a margin.

    Args:
        found: of an arm.
        margin: to be found with 80 % power.
        effect: the true difference in margins, for the mean number with looks.
    """
    examples = found.examples
    scaled = examples._replace(variance=_rounded(math.sqrt(examples.variance) / margin) ** 2)
    new_data, looks = _decided(_rounded(found.within / margin), scaled, effect)
    return Seeds(loop_seeds(found.reference, found.arm, margin), paired_seeds(found.final, margin),
                 paired_seeds(found.averaged, margin), new_data, looks)


def _rounded(value: float) -> float:
    return max(round(value / GRID), 1) * GRID if value > GRID / 10 else 0.0


@cache
def _decided(within: float, examples: Examples, effect: float) -> tuple[int | None, float | None]:
    n = new_data_seeds(within, examples, 1.0)
    if n is None:
        return None, None
    saves = with_looks(within, examples, n)[0] < n
    return n, with_looks(within, examples, n, effect)[0] if saves else float(n)


class Parts(NamedTuple):
    """By what each part divides the time of a decision; their product is the ratio. A part below 1 is a price."""

    engine: float
    pairing: float
    averaged: float
    evaluations: float
    new_data: float
    looks: float

    @property
    def ratio(self) -> float:
        """How many times sooner dlbench decides."""
        return math.prod(self)


def parts(found: Seeds, seconds: Mapping[str, float]) -> Parts | None:
    """Multiply out the ratio of seeds times seconds; None where some step is out of reach.

    Args:
        found: of an arm.
        seconds: per run, of each way in `WAYS`.

    >>> round(parts(Seeds(40, 20, 10, 8, 6.0), {"keras": 6.0, "final": 0.5, "dlbench": 0.6}).ratio, 3)
    66.667
    """
    if None in found:
        return None
    loop, paired, averaged, new_data, looks = (float(n) for n in found if n is not None)
    return Parts(seconds[LOOP] / seconds[FINAL], loop / paired, paired / averaged, seconds[FINAL] / seconds[DLBENCH],
                 averaged / new_data, new_data / looks)


def per_run(rounds: Sequence[Mapping[str, Any]], case: Case) -> dict[str, list[float]]:
    """Return the seconds per run of each way, round by round."""
    own = [entry for entry in rounds if entry["case"] == case.name]
    return {way: [entry["seconds"] / entry["runs"] for entry in own if entry["way"] == way] for way in WAYS}


def median_seconds(timed: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return the medians over rounds."""
    return {way: statistics.median(values) for way, values in timed.items()}


def resampled(arms: Sequence[Scores], margin: float, timed: Mapping[str, Sequence[float]],
              resamples: int = RESAMPLES) -> Iterator[list[float]]:
    """Yield the ratios of all arms, from resampled seeds (within folds, the same for all arms) and resampled rounds; 0: out of reach."""
    rng, n, step = np.random.default_rng(0), len(arms[0].arm), arms[0].folds or 1
    for _ in range(resamples):
        drawn = rng.integers(n, size=n), rng.integers(n // step, size=n) * step + np.arange(n) % step
        turns = rng.integers(min(map(len, timed.values())), size=len(timed[LOOP]))
        seconds = median_seconds({way: [values[turn] for turn in turns] for way, values in timed.items()})
        of_arms = (parts(seeds(moments(scores, drawn), margin), seconds) for scores in arms)
        yield [one.ratio if one else 0.0 for one in of_arms]


def limits(values: Sequence[float]) -> tuple[float, float]:
    """Return the limits of a 95 % percentile interval."""
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)
