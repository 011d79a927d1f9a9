"""How many seeds a claim needs, which difference a number of seeds can detect, and what a study can show before anything runs.

Throughout, ``sd`` is the standard deviation of the paired difference (of a pilot, pass `upper_sd` of it) and ``k`` the arms of the
family, each tested at ``alpha / k`` (the Bonferroni bound of Holm's procedure). Differences, sd and margin share the unit of the metric.
"""

import math
from bisect import bisect_left
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import integrate, stats
from scipy.optimize import brentq
from statsmodels.stats.power import TTestPower

from dlbench.stats.method import METHOD
from dlbench.stats.wording import format_margin

MOST_SEEDS = 2**20
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(80)


class Reach(NamedTuple):
    """What n seeds can show about each of k arms; differences in the units of the metric, powers in [0, 1].

    detectable: smallest true difference found with 80 % power; power: that of finding a difference of the margin;
    equivalence_power: that of showing "no meaningful effect" where there is no effect at all; seeds: how many find the
    margin with 80 % power, None beyond a million; equivalence_seeds: how many show equivalence with 80 % power.
    """

    detectable: float
    power: float
    equivalence_power: float
    seeds: int | None
    equivalence_seeds: int | None
    warning: str


def upper_sd(sd: float, n: int, confidence: float = 0.8) -> float:
    """One-sided upper confidence limit of a standard deviation: ``sd * sqrt((n - 1) / chi2(1 - confidence, n - 1))``.

    A pilot of few seeds understates the spread in more than half of all cases; planning from this limit keeps the
    promised power with probability ``confidence``. Assumes normal differences.

    Args:
        sd: sample standard deviation of the pilot's paired differences.
        n: pairs in the pilot, >= 2.
        confidence: one-sided level.

    Raises:
        ValueError: fewer than two pairs, or a negative or non-finite sd.

    >>> round(upper_sd(1.0, 5), 3)
    1.558

    Source: R. H. Browne, "On the use of a pilot sample for sample size determination", Stat. Med. 14, 1995,
    https://doi.org/10.1002/sim.4780141709
    """
    if n < 2 or not 0 <= sd < math.inf:
        raise ValueError(f"a spread needs at least 2 pairs and a finite sd >= 0, not n = {n}, sd = {sd}")
    return float(sd * np.sqrt((n - 1) / stats.chi2.ppf(1 - confidence, n - 1)))


def paired_power(difference: float, sd: float, n: int, k: int = 1, alpha: float = METHOD.alpha) -> float:
    """Power of the two-sided paired t-test of ``n`` seeds, two or more, for a true mean difference of any sign; needs sd > 0.

    >>> round(paired_power(1.0, 1.0, 10), 3)
    0.803

    Source: J. Cohen, "Statistical power analysis for the behavioral sciences", 2nd ed., 1988,
    https://doi.org/10.4324/9780203771587
    """
    effect = abs(difference) / sd
    power = float(TTestPower().power(effect, n, alpha / k))
    return _power_by_quadrature(effect * math.sqrt(n), n, alpha / k) if math.isnan(power) else power


def _power_by_quadrature(shift: float, n: int, level: float) -> float:
    """Same probability where the noncentral t of scipy gives NaN: the mean over Z of P(chi2 < (n-1)(Z+shift)²/t²)."""
    ratio = (NODES + shift) / stats.t.ppf(1 - level / 2, n - 1)
    return float(WEIGHTS @ stats.chi2.cdf((n - 1) * ratio**2, n - 1) / WEIGHTS.sum())


def equivalence_power(margin: float, sd: float, n: int, k: int = 1, alpha: float = METHOD.alpha) -> float:
    """Probability that TOST of ``n`` seeds, two or more, shows equivalence where the true difference is 0.

    ``P(|mean| < margin - t s / sqrt(n))`` with t the one-sided quantile: an integral over the chi distribution of s.

    >>> round(equivalence_power(margin=1.0, sd=1.0, n=12), 3)
    0.889

    Source: K. F. Phillips, "Power of the two one-sided tests procedure in bioequivalence", J. Pharmacokinet. Biopharm. 18,
    1990, https://doi.org/10.1007/BF01063556
    """
    if sd == 0:
        return 1.0
    df, width = n - 1, margin / sd * math.sqrt(n)
    critical = stats.t.isf(alpha / k, df)
    scale = math.sqrt(df)

    def shown(u: float) -> float:
        return (2 * stats.norm.cdf(width - critical * u) - 1) * stats.chi.pdf(u * scale, df) * scale

    least, most = max(0.0, 1 - 10 / scale), min(width / critical, 1 + 10 / scale)
    return float(np.clip(integrate.quad(shown, least, most, epsabs=1e-10, limit=200)[0] if least < most else 0.0, 0, 1))


def seeds_needed(difference: float, sd: float, k: int = 1, alpha: float = METHOD.alpha, power: float = 0.8) -> int | None:
    """Smallest number of seeds, two or more, whose paired t-test detects a true difference with the given power.

    Returns:
        None if about a million seeds are not enough.

    Raises:
        ValueError: difference of 0, or a value that is not finite.

    >>> seeds_needed(difference=1.0, sd=1.0)
    10
    >>> seeds_needed(difference=1.0, sd=1.0, k=10)
    18
    """
    if not (0 < abs(difference) < math.inf and 0 <= sd < math.inf):
        raise ValueError(f"need a finite difference other than 0 and a finite sd, not {difference} and {sd}")
    return _fewest(lambda n: sd == 0 or paired_power(difference, sd, n, k, alpha) >= power)


def _fewest(enough: Callable[[int], bool]) -> int | None:
    """The smallest n of two or more that is enough, as every larger one is; None beyond `MOST_SEEDS`."""
    n = 2
    while not enough(n):
        n *= 2
        if n > MOST_SEEDS:
            return None
    half = n // 2 + 1
    return half + bisect_left(range(half, n), True, key=enough)


def detectable_difference(n: int, sd: float, k: int = 1, alpha: float = METHOD.alpha, power: float = 0.8) -> float:
    """Smallest true difference, >= 0, that ``n`` seeds detect with the given power: a smaller margin is out of the study's reach.

    The inverse of `seeds_needed`.

    Raises:
        ValueError: fewer than two seeds, or a negative or non-finite sd.

    >>> round(detectable_difference(n=8, sd=0.01, k=10), 4)
    0.0181
    """
    if n < 2 or not 0 <= sd < math.inf:
        raise ValueError(f"need at least 2 seeds and a finite sd >= 0, not n = {n}, sd = {sd}")
    if sd == 0:
        return 0.0
    most = float(stats.t.ppf(1 - alpha / k / 2, n - 1) + 10) * 10 / math.sqrt(1 - power)

    def missing(effect: float) -> float:
        return paired_power(effect, 1.0, n, k, alpha) - power

    return float(sd * brentq(missing, 0.0, most, xtol=1e-12))


def study_reach(n: int, sd: float, margin: float, k: int = 1, unit: str = "") -> Reach:
    """What ``n`` seeds per arm can show at the level of the method, with a warning where the margin is out of reach.

    Args:
        n: seeds per arm, >= 2.
        sd: standard deviation of the paired difference.
        margin: smallest difference that matters, > 0.
        k: arms in the family.
        unit: unit of the metric, for the warning.

    Returns:
        Reach; warning is "" where the margin is detected with 80 % power.

    Raises:
        ValueError: fewer than two seeds, a margin that is not positive or an sd that is negative or not finite.

    >>> reach = study_reach(n=5, sd=0.006, margin=0.005, k=10, unit="accuracy")
    >>> round(reach.detectable, 4), reach.seeds
    (0.0189, 24)
    >>> reach.warning
    'margin ±0.5 points is out of reach: 5 seeds detect ±1.9 points with 80 % power; it needs about 24 seeds'
    """
    if not 0 < margin < math.inf:
        raise ValueError(f"margin must be positive and finite, not {margin}")
    detectable, seeds = detectable_difference(n, sd, k), seeds_needed(margin, sd, k)
    power = paired_power(margin, sd, n, k) if sd else 1.0
    rounded = float(f"{detectable:.2g}")
    needed = "more than a million" if seeds is None else f"about {seeds}"
    warning = "" if detectable <= margin else (
        f"margin {format_margin(margin, unit)} is out of reach: {n} seeds detect {format_margin(rounded, unit)} with 80 % power;"
        f" it needs {needed} seeds")
    equivalence_seeds = _fewest(lambda seeds: equivalence_power(margin, sd, seeds, k) >= 0.8)
    return Reach(detectable, power, equivalence_power(margin, sd, n, k), seeds, equivalence_seeds, warning)
