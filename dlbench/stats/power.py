"""How many seeds a claim needs, which difference a number of seeds can detect, and what a study can show before anything runs.

Throughout, ``sd`` is the standard deviation of the paired difference (of a pilot, pass `upper_sd` of it) and ``k`` the arms of the
family, each tested at ``alpha / k`` (the Bonferroni bound of Holm's procedure). Differences, sd and margin share the unit of the metric.
Where a claim is about new data, a `Spread` stands for ``sd``: what test examples contribute does not shrink with more seeds.
"""

import math
from bisect import bisect_left
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import integrate, special, stats
from scipy.optimize import brentq
from statsmodels.stats.power import TTestPower

from dlbench.stats.crossed import THIS_TEST_SET, ExamplePart, half_width, quantile
from dlbench.stats.equivalence import LEAST_SEEDS, skewed_quantile
from dlbench.stats.method import METHOD
from dlbench.stats.wording import format_margin

MOST_SEEDS = 2**20
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(80)


class Spread(NamedTuple):
    """What makes a mean difference uncertain: the standard deviation over seeds, and what the test examples contribute."""

    sd: float
    part: ExamplePart = THIS_TEST_SET


def _spread(sd: float | Spread) -> Spread:
    """Check a spread, stated as the standard deviation over seeds alone or with the part of the test examples."""
    spread = sd if isinstance(sd, Spread) else Spread(sd)
    if not 0 <= spread.sd < math.inf:
        raise ValueError(f"need a finite sd >= 0, not {spread.sd}")
    return spread


class Reach(NamedTuple):
    """What n seeds can show about each of k arms; differences in the units of the metric, powers in [0, 1].

    detectable: smallest true difference found with 80 % power; power: that of finding a difference of the margin;
    equivalence_power: that of showing "no meaningful effect" where there is no effect at all; seeds: how many find the
    margin with 80 % power, None beyond a million; equivalence_seeds: how many show equivalence with 80 % power; examples: how many
    test examples it takes at least to find the margin, where no number of seeds is enough with those that there are.
    """

    detectable: float
    power: float
    equivalence_power: float
    seeds: int | None
    equivalence_seeds: int | None
    warning: str
    examples: int | None = None


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


def paired_power(difference: float, sd: float | Spread, n: int, k: int = 1, alpha: float = METHOD.alpha) -> float:
    """Power of the two-sided paired t-test of ``n`` seeds, two or more, for a true mean difference of any sign; needs sd > 0.

    On new data, that of :func:`dlbench.stats.crossed.crossed_t`.

    >>> round(paired_power(1.0, 1.0, 10), 3)
    0.803

    Source: J. Cohen, "Statistical power analysis for the behavioral sciences", 2nd ed., 1988,
    https://doi.org/10.4324/9780203771587
    """
    sd, part = _spread(sd)
    if part.variance:
        return _crossed_power(abs(difference), Spread(sd, part), n, alpha / k)
    effect = abs(difference) / sd
    power = float(TTestPower().power(effect, n, alpha / k))
    return _power_by_quadrature(effect * math.sqrt(n), n, alpha / k) if math.isnan(power) else power


def _power_by_quadrature(shift: float, n: int, level: float) -> float:
    """Same probability where the noncentral t of scipy gives NaN: the mean over Z of P(chi2 < (n-1)(Z+shift)²/t²)."""
    ratio = (NODES + shift) / stats.t.ppf(1 - level / 2, n - 1)
    return float(WEIGHTS @ stats.chi2.cdf((n - 1) * ratio**2, n - 1) / WEIGHTS.sum())


def _over_spreads(probability: Callable[[float], float], df: int, most: float = math.inf) -> float:
    """Mean of a probability that depends on the sample sd, in units of the true one, over its chi distribution."""
    scale = math.sqrt(df)
    log_constant = math.log(2 * scale) - df / 2 * math.log(2) - math.lgamma(df / 2)

    def weighted(u: float) -> float:
        x = u * scale
        return probability(u) * math.exp(log_constant + (df - 1) * math.log(x) - x * x / 2) if x > 0 else 0.0

    least, most = max(0.0, 1 - 10 / scale), min(most, 1 + 10 / scale)
    return float(np.clip(integrate.quad(weighted, least, most, epsabs=1e-10, limit=200)[0] if least < most else 0.0, 0, 1))


def _crossed_power(difference: float, spread: Spread, n: int, level: float) -> float:
    """Probability that the interval over seeds and examples excludes 0."""
    sd, part = spread
    over_seeds, of_examples = sd / math.sqrt(n), math.sqrt(part.variance)
    error = math.hypot(over_seeds, of_examples)

    def found(u: float) -> float:
        half = half_width(level / 2, u * over_seeds, n, part)
        return float(special.ndtr((difference - half) / error) + special.ndtr((-difference - half) / error))

    return _over_spreads(found, n - 1) if over_seeds else found(0.0)


def examples_needed(difference: float, sd: Spread, k: int = 1, alpha: float = METHOD.alpha, power: float = 0.8) -> int:
    """Fewest test examples with which seeds without number would detect a true difference above 0 with the given power.

    >>> examples_needed(0.01, Spread(0.02, ExamplePart(1e-4, 400)))
    3140
    """
    distance = float(stats.norm.isf(alpha / k / 2) + stats.norm.isf(1 - power))
    return math.ceil(sd.part.examples * sd.part.variance * (distance / difference) ** 2)


def equivalence_power(margin: float, sd: float | Spread, n: int, k: int = 1, alpha: float = METHOD.alpha) -> float:
    """Probability that TOST of ``n`` seeds, two or more, shows equivalence where the true difference is 0.

    ``P(|mean| < margin - t s / sqrt(n))`` with t the one-sided quantile: an integral over the chi distribution of s. The quantile is that
    of a law as skewed as the exponential where it is larger, and 0 is returned below the least number of seeds that show equivalence.

    >>> round(equivalence_power(margin=1.0, sd=1.0, n=20), 3)
    0.939

    Source: K. F. Phillips, "Power of the two one-sided tests procedure in bioequivalence", J. Pharmacokinet. Biopharm. 18,
    1990, https://doi.org/10.1007/BF01063556
    """
    sd, part = _spread(sd)
    if n < LEAST_SEEDS:
        return 0.0
    over_seeds, of_examples = sd / math.sqrt(n), math.sqrt(part.variance)
    error, critical = math.hypot(over_seeds, of_examples), max(quantile(alpha / k, n - 1), skewed_quantile(alpha, n))
    beside = quantile(alpha / k, part.examples - 1) * of_examples if part.variance else 0.0
    if error == 0 or beside >= margin:
        return float(error == 0)

    def shown(u: float) -> float:
        room = margin - math.hypot(critical * u * over_seeds, beside)
        return 2 * float(special.ndtr(max(room, 0.0) / error)) - 1

    return _over_spreads(shown, n - 1, math.sqrt(margin**2 - beside**2) / critical / over_seeds) if over_seeds else shown(0.0)


def seeds_needed(difference: float, sd: float | Spread, k: int = 1, alpha: float = METHOD.alpha, power: float = 0.8) -> int | None:
    """Smallest number of seeds, two or more, whose paired t-test detects a true difference with the given power.

    Returns:
        None if about a million seeds are not enough, and where it is test examples that are missing.

    Raises:
        ValueError: difference of 0, or a value that is not finite.

    >>> seeds_needed(difference=1.0, sd=1.0)
    10
    >>> seeds_needed(difference=1.0, sd=1.0, k=10)
    18
    """
    if not 0 < abs(difference) < math.inf:
        raise ValueError(f"need a finite difference other than 0, not {difference}")
    spread = _spread(sd)
    if spread.part.variance and spread.part.examples < examples_needed(abs(difference), spread, k, alpha, power):
        return None
    return fewest(lambda n: not (spread.sd or spread.part.variance) or paired_power(difference, spread, n, k, alpha) >= power)


def fewest(enough: Callable[[int], bool]) -> int | None:
    """Return the smallest n of two or more that is enough, as every larger one is; None beyond `MOST_SEEDS`.

    >>> fewest(lambda n: n * n > 50)
    8
    """
    n = 2
    while not enough(n):
        n *= 2
        if n > MOST_SEEDS:
            return None
    half = n // 2 + 1
    return half + bisect_left(range(half, n), True, key=enough)


def detectable_difference(n: int, sd: float | Spread, k: int = 1, alpha: float = METHOD.alpha, power: float = 0.8) -> float:
    """Smallest true difference, >= 0, that ``n`` seeds detect with the given power: a smaller margin is out of the study's reach.

    The inverse of `seeds_needed`.

    Raises:
        ValueError: fewer than two seeds, or a negative or non-finite sd.

    >>> round(detectable_difference(n=8, sd=0.01, k=10), 4)
    0.0181
    """
    sd, part = _spread(sd)
    if n < 2:
        raise ValueError(f"need at least 2 seeds, not {n}")
    unit = sd or math.sqrt(part.variance * n)
    if unit == 0:
        return 0.0
    scaled = Spread(sd / unit, ExamplePart(part.variance / unit**2, part.examples))
    most = (float(stats.t.ppf(1 - alpha / k / 2, n - 1) + 10) * 10 + half_width(alpha / k / 2, 0.0, n, scaled.part)) / math.sqrt(1 - power)

    def missing(effect: float) -> float:
        return paired_power(effect, scaled, n, k, alpha) - power

    return float(unit * brentq(missing, 0.0, most, xtol=1e-12))


def study_reach(n: int, sd: float | Spread, margin: float, k: int = 1, unit: str = "") -> Reach:
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
    spread = _spread(sd)
    detectable, seeds, fewest_examples = detectable_difference(n, sd, k), seeds_needed(margin, sd, k), examples_needed(margin, spread, k)
    power = paired_power(margin, sd, n, k) if spread.sd or spread.part.variance else 1.0
    examples = fewest_examples if spread.part.examples < fewest_examples else None
    needed = "more than a million seeds" if seeds is None else f"about {seeds} seeds"
    if examples is not None:
        needed = f"more than {examples:,} test examples: with {spread.part.examples:,}, no number of seeds is enough"
    rounded = float(f"{detectable:.2g}")
    warning = "" if detectable <= margin else (
        f"margin {format_margin(margin, unit)} is out of reach: {n} seeds detect {format_margin(rounded, unit)} with 80 % power;"
        f" it needs {needed}")
    equivalence_seeds = fewest(lambda seeds: equivalence_power(margin, spread, seeds, k) >= 0.8)
    return Reach(detectable, power, equivalence_power(margin, spread, n, k), seeds, equivalence_seeds, warning, examples)
