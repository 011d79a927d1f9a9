"""How many seeds a claim needs, and which difference a number of seeds can detect."""

import math

import numpy as np
from scipy import stats
from scipy.optimize import brentq
from statsmodels.stats.power import TTestPower

from dlbench.stats.method import METHOD

MOST_SEEDS = 1_000_000
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(80)


def upper_sd(sd: float, n: int, confidence: float = 0.8) -> float:
    """One-sided upper confidence limit of a standard deviation: ``sd * sqrt((n - 1) / chi2(1 - confidence, n - 1))``.

    A pilot of few seeds understates the spread in more than half of all cases; planning from this limit keeps the
    promised power with probability ``confidence``. Assumes normal differences.

    Args:
        sd: sample standard deviation of the pilot's paired differences.
        n: pairs in the pilot, >= 2.
        confidence: one-sided level.

    Returns:
        The limit in the units of ``sd``.

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
    """Power of the two-sided paired t-test of ``n`` seeds at level ``alpha / k``, for a true mean difference.

    Args:
        difference: true mean of ``d``, any sign.
        sd: true standard deviation of ``d``, > 0, in the same units.
        n: pairs, >= 2.
        k: arms in the family (Bonferroni bound of Holm's procedure).
        alpha: family-wise error.

    Returns:
        Probability in [0, 1] that the test rejects.

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


def seeds_needed(difference: float, sd: float, k: int = 1, alpha: float = METHOD.alpha, power: float = 0.8) -> int | None:
    """Smallest number of seeds whose paired t-test at ``alpha / k`` detects a difference with the given power.

    Args:
        difference: true mean difference to detect (usually the margin), > 0 in magnitude.
        sd: standard deviation of ``d``; from a pilot, pass `upper_sd` of it.
        k: arms in the family.
        alpha: family-wise error.
        power: probability of detection, 1 - beta.

    Returns:
        n >= 2; None if a million seeds are not enough.

    Raises:
        ValueError: difference of 0, or a value that is not finite.

    >>> seeds_needed(difference=1.0, sd=1.0)
    10
    >>> seeds_needed(difference=1.0, sd=1.0, k=10)
    18
    """
    if not (0 < abs(difference) < math.inf and 0 <= sd < math.inf):
        raise ValueError(f"need a finite difference other than 0 and a finite sd, not {difference} and {sd}")
    if sd == 0:
        return 2
    enough = 2
    while paired_power(difference, sd, enough, k, alpha) < power:
        enough *= 2
        if enough > MOST_SEEDS:
            return None
    too_few = enough // 2
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        reached = paired_power(difference, sd, middle, k, alpha) >= power
        enough, too_few = (middle, too_few) if reached else (enough, middle)
    return max(enough, 2)


def detectable_difference(n: int, sd: float, k: int = 1, alpha: float = METHOD.alpha, power: float = 0.8) -> float:
    """Smallest true difference that ``n`` seeds detect at ``alpha / k`` with the given power.

    The inverse of `seeds_needed`: a margin below it is out of the study's reach.

    Args:
        n: seeds per arm, >= 2.
        sd: standard deviation of ``d``; from a pilot, pass `upper_sd` of it.
        k: arms in the family.
        alpha: family-wise error.
        power: probability of detection, 1 - beta.

    Returns:
        A difference in the units of ``sd``, >= 0.

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
