"""Is one program not worse than another by more than a margin? Two one-sided tests about that one border, at declared interim analyses.

A *gain* is a difference of scores, new minus old, with its sign turned where lower scores are better: below 0 the new program is worse.
"Not worse" is the claim that the mean gain lies above minus the margin, "worse" that it lies below. Each is wrong at most at the level of
the plan, all interim analyses together; the chance is largest for a gain of exactly minus the margin.

Skew is met as in :mod:`dlbench.stats.equivalence`: the limit of "not worse" holds for losses of an exponential law too, because few seeds
mostly do not show the rare large loss.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from dlbench.stats.boundaries import Boundaries
from dlbench.stats.crossed import quantile
from dlbench.stats.equivalence import LEAST_SEEDS, in_two_groups, skewed_quantile
from dlbench.stats.method import METHOD
from dlbench.stats.paired import all_equal, checked, differences
from dlbench.stats.power import fewest

STUDIES = 4_000
"""Simulated comparisons for the power of a plan."""


class Gain(NamedTuple):
    """A mean gain with its limits, all in units of the score.

    Attributes:
        mean: of the new program over the old one.
        low: the gain is above it, with the confidence of the level; minus infinity where nothing is known of the spread.
        high: the gain is below it, with the same confidence.
        sd: standard deviation of the difference of one pair.
    """

    mean: float
    low: float
    high: float
    sd: float


class Power(NamedTuple):
    """What a plan shows of a program that is as good as the old one.

    Attributes:
        shown: probability that it is shown to be not worse.
        seeds: that are trained on average.
        needed: seeds with which one analysis alone would show it with 80 %; None beyond a million.
    """

    shown: float
    seeds: float
    needed: int | None


def paired_gain(new: ArrayLike, old: ArrayLike, level: float) -> Gain:
    """Return the mean gain of scores on the same seeds, position by position; higher scores are better.

    Args:
        new, old: scores by seed, shape (n,), two or more.
        level: one-sided, of each limit.

    >>> gain = paired_gain([0.90, 0.91, 0.92, 0.90, 0.93], [0.90, 0.90, 0.92, 0.91, 0.92], 0.05)
    >>> [round(value, 4) for value in gain]
    [0.002, -0.0151, 0.01, 0.0084]

    Source: Student, "The probable error of a mean", Biometrika 6, 1908, https://doi.org/10.1093/biomet/6.1.1
    """
    d = differences(checked(new, 2), checked(old, 2))
    if all_equal(d):
        known = bool(d[0]) and 2.0**-d.size < level
        limits = (float(d[0]), float(d[0])) if known else (-math.inf, math.inf)
        return Gain(float(d[0]), limits[0], limits[1], 0.0)
    mean, sd = float(d.mean()), float(d.std(ddof=1))
    error = sd / math.sqrt(d.size)
    return Gain(mean, mean - skewed_quantile(level, d.size) * error, mean + quantile(level, d.size - 1) * error, sd)


def unpaired_gain(new: ArrayLike, old: ArrayLike, level: float) -> Gain:
    """Return the mean gain of scores that are no pairs, by Welch's interval; higher scores are better.

    Args:
        new, old: scores, two or more each.
        level: one-sided, of each limit.

    >>> gain = unpaired_gain([0.90, 0.91, 0.92, 0.90, 0.93], [0.90, 0.90, 0.92, 0.91, 0.92], 0.05)
    >>> [round(value, 4) for value in gain]
    [0.002, -0.0317, 0.0158, 0.0164]

    Source: B. L. Welch, "The generalization of Student's problem when several different population variances are involved",
    Biometrika 34, 1947, https://doi.org/10.1093/biomet/34.1-2.28
    """
    a, b = checked(new, 2), checked(old, 2)
    mean, parts = float(a.mean() - b.mean()), [(0.0 if all_equal(x) else float(x.var(ddof=1)) / x.size, x.size) for x in (a, b)]
    total = sum(part for part, _ in parts)
    if not total:
        return Gain(mean, -math.inf, math.inf, 0.0)
    df = total**2 / sum(part**2 / (n - 1) for part, n in parts)
    below = math.hypot(*(skewed_quantile(level, n) * math.sqrt(part) for part, n in parts))
    return Gain(mean, mean - below, mean + quantile(level, df) * math.sqrt(total), math.sqrt(float(a.var(ddof=1) + b.var(ddof=1))))


def objection(gains: NDArray[np.float64], margin: float) -> str:
    """Say why these gains, or scores of one program, cannot show "not worse", however high their limit; empty where they can.

    >>> objection(np.zeros(8), 0.01), objection(np.array([0.0, 0.1, 0.0, -0.1, -2.0]), 1.0)[:20]
    ('all 8 differences are exactly 0, and ties do not show that there is no difference', 'they fall into two g')
    """
    if not gains.any():
        return f"all {gains.size} differences are exactly 0, and ties do not show that there is no difference"
    if gains.size < LEAST_SEEDS:
        return f"it takes at least {LEAST_SEEDS} seeds"
    return "they fall into two groups, so their mean describes no training" if in_two_groups(gains, margin) else ""


def plan_power(margin: float, sd: float, plan: Boundaries) -> Power:
    """Return what a plan shows where the new program is as good as the old one, by simulation of normal gains.

    Args:
        margin: the largest loss that does not matter, > 0.
        sd: standard deviation of the gain of one seed.
        plan: the interim analyses and their levels.

    >>> from dlbench.stats.boundaries import boundaries
    >>> power = plan_power(1.0, 0.5, boundaries((5, 8, 12, 20), 1, paths=100_000))
    >>> power.shown > 0.99, 8 < power.seeds < 12, power.needed
    (True, True, 7)
    """
    needed = seeds_to_show(margin, sd)
    if not sd:
        return Power(1.0, float(plan.looks[0]), needed)
    gains = np.random.default_rng(0).normal(scale=sd, size=(STUDIES, plan.looks[-1]))
    seeds = np.zeros(STUDIES, int)
    for look, level in zip(plan.looks, plan.equivalence):
        if look < LEAST_SEEDS:
            continue
        taken = gains[:, :look]
        low = taken.mean(axis=1) - skewed_quantile(level, look) * taken.std(axis=1, ddof=1) / math.sqrt(look)
        seeds[(seeds == 0) & (low > -margin)] = look
    return Power(float(np.mean(seeds > 0)), float(np.where(seeds, seeds, plan.looks[-1]).mean()), needed)


def seeds_to_show(margin: float, sd: float, power: float = 0.8, alpha: float = METHOD.alpha) -> int | None:
    """Return how many seeds show "not worse" of an equal program with this power in one analysis; None beyond a million.

    >>> seeds_to_show(1.0, 1.0), seeds_to_show(1.0, 0.25)
    (14, 5)

    Source: S. A. Julious, "Sample sizes for clinical trials with normal data", Stat. Med. 23, 2004, https://doi.org/10.1002/sim.1783
    """
    return fewest(lambda n: n >= LEAST_SEEDS and _power(margin, sd, n, alpha) >= power)


def _power(margin: float, sd: float, n: int, alpha: float) -> float:
    """Probability that the limit of n equal programs' gains lies above minus the margin."""
    if not sd:
        return 1.0
    shift = margin / sd * math.sqrt(n)
    chance = float(stats.nct.sf(skewed_quantile(alpha, n), n - 1, shift))
    return float(shift > skewed_quantile(alpha, n)) if math.isnan(chance) else chance
