"""What a study can find out with its seeds, before anything runs."""

import math
from typing import NamedTuple

import numpy as np
from scipy import integrate, stats

from dlbench.stats.method import METHOD
from dlbench.stats.power import detectable_difference, paired_power, seeds_needed
from dlbench.stats.wording import format_margin


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


def study_reach(n: int, sd: float, margin: float, k: int = 1, unit: str = "") -> Reach:
    """What ``n`` seeds per arm can detect at the family-wise level of the method, with a warning where the margin is out of reach.

    Args:
        n: seeds per arm, >= 2.
        sd: standard deviation of the paired difference: stated, or `upper_sd` of a pilot.
        margin: smallest difference that matters, > 0.
        k: arms in the family; each is tested at alpha / k.
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
    return Reach(detectable, power, equivalence_power(margin, sd, n, k), seeds, _equivalence_seeds(margin, sd, k), warning)


def equivalence_power(margin: float, sd: float, n: int, k: int = 1, alpha: float = METHOD.alpha) -> float:
    """Probability that TOST at ``alpha / k`` shows equivalence where the true difference is 0.

    ``P(|mean| < margin - t s / sqrt(n))`` with t the one-sided quantile: an integral over the chi distribution of s.

    Args:
        margin: smallest difference that matters, > 0.
        sd: true standard deviation of ``d``, >= 0.
        n: pairs, >= 2.
        k: arms in the family.
        alpha: family-wise error.

    Returns:
        Probability in [0, 1].

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


def _equivalence_seeds(margin: float, sd: float, k: int, power: float = 0.8, most: int = 2**20) -> int | None:
    """Smallest n that shows equivalence with the given power; None beyond about a million."""
    few, enough = 1, 2
    while equivalence_power(margin, sd, enough, k) < power:
        few, enough = enough, 2 * enough
        if enough > most:
            return None
    while enough - few > 1:
        middle = (few + enough) // 2
        few, enough = (few, middle) if equivalence_power(margin, sd, middle, k) >= power else (middle, enough)
    return enough
