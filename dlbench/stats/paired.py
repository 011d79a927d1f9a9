"""Two arms on the same seeds: estimates, tests and intervals of the paired difference.

Position ``s`` of two arrays of shape (n,) is the same seed. ``d``, of shape (n,) too, holds the differences ``A_s - B_s`` in the unit
of the metric. `differences` removes rounding noise, so that "all equal" and "no difference" are exact statements about ``d``
everywhere else in this package. Fewer seeds than a function states, or a value that is not finite, is a ValueError.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

RELATIVE_NOISE = 1e-12
SMALLEST, LARGEST = 1e-100, 1e100


class PairedT(NamedTuple):
    """Mean of ``d``, its t interval, the two-sided p-value and the sample standard deviation of ``d``."""

    difference: float
    low: float
    high: float
    p: float
    sd: float


def checked(d: ArrayLike, least: int) -> NDArray[np.float64]:
    """Return ``d`` as an array; a ValueError where it has another shape or fewer than ``least`` values.

    >>> checked([0.1, 0.2], least=2).tolist()
    [0.1, 0.2]
    """
    d = np.asarray(d, float)
    if d.ndim != 1 or d.size < least or not np.isfinite(d).all():
        raise ValueError(f"need at least {least} finite paired values, not {d.size} of shape {d.shape}")
    return d


def differences(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Paired differences ``a - b`` without floating-point noise.

    A difference of at most ``1e-12 * max(|a|, |b|)`` (or 1e-100) becomes exactly 0, and differences that vary by
    no more than that become exactly equal: ``0.9 - 0.8`` and ``0.8 - 0.7`` are the same difference. Needs n >= 1.

    Raises:
        ValueError: shapes differ, or a score is NaN, infinite or beyond 1e100.

    >>> differences([0.9, 0.8, 0.7], [0.8, 0.7, 0.6]).round(3).tolist()
    [0.1, 0.1, 0.1]
    >>> bool(np.ptp(differences([0.9, 0.8, 0.7], [0.8, 0.7, 0.6])) == 0)
    True
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.ndim != 1 or a.shape != b.shape or not a.size:
        raise ValueError(f"scores must be two 1-D arrays of the same length, not of shapes {a.shape} and {b.shape}")
    largest = max(np.abs(a).max(), np.abs(b).max())
    if not largest <= LARGEST:
        raise ValueError(f"scores must be finite and at most {LARGEST:g} in magnitude")
    noise = max(RELATIVE_NOISE * largest, SMALLEST)
    d = np.where(np.abs(a - b) <= noise, 0.0, a - b)
    return np.full_like(d, np.median(d)) if np.ptp(d) <= noise else d


def all_equal(d: ArrayLike) -> bool:
    """Return whether a standard deviation of ``d`` would be noise: ``max(d) - min(d) <= 1e-12 * max(|d|)``. Needs n >= 1.

    >>> all_equal([0.9 - 0.8, 0.8 - 0.7]), all_equal([0.1, 0.2])
    (True, False)
    """
    d = checked(d, 1)
    return bool(np.ptp(d) <= RELATIVE_NOISE * np.abs(d).max())


def paired_t(d: ArrayLike, alpha: float) -> PairedT:
    """Mean paired difference with its t interval: ``mean(d) ± t(1 - alpha/2, n - 1) * sd(d) / sqrt(n)``.

    Assumes independent seeds and a mean of ``d`` that is close to normal. Where all differences are equal the
    interval has no width: p is 1 if they are all 0, else the sign-flip p ``2 / 2**n``, the smallest that n
    signs can give. Needs n >= 2.

    >>> result = paired_t([0.01, 0.03, 0.02, 0.02], alpha=0.05)
    >>> [round(value, 4) for value in result]
    [0.02, 0.007, 0.033, 0.0163, 0.0082]

    Source: Student, "The probable error of a mean", Biometrika 6, 1908, https://doi.org/10.1093/biomet/6.1.1
    """
    d = checked(d, 2)
    if all_equal(d):
        return PairedT(float(d[0]), float(d[0]), float(d[0]), 2.0 ** (1 - d.size) if d[0] else 1.0, 0.0)
    result = stats.ttest_1samp(d, 0.0)
    low, high = result.confidence_interval(1 - alpha)
    return PairedT(float(d.mean()), float(low), float(high), float(result.pvalue), float(d.std(ddof=1)))


def tost(d: ArrayLike, margin: float) -> float:
    """P-value of equivalence: the larger of the one-sided p against ``mean <= -margin`` and ``mean >= margin``.

    ``p < alpha`` exactly when the ``1 - 2 alpha`` t interval of ``mean(d)`` lies inside ``(-margin, margin)``. Assumes
    independent seeds and a mean of ``d`` that is close to normal. Where all differences are equal: p is 1 if they are
    all 0, for ties prove nothing; else the one-sided sign-flip p ``1 / 2**n`` inside the margin and 1 at or beyond it. Needs n >= 2
    and a positive margin.

    Adjust it with `holm` in a family of its own: unadjusted, ten arms at the margin give 26 % false equivalence.

    >>> round(tost([0.001, -0.002, 0.0, 0.001], margin=0.005), 4)
    0.0029

    Source: D. J. Schuirmann, "A comparison of the two one-sided tests procedure and the power approach",
    J. Pharmacokinet. Biopharm. 15, 1987, https://doi.org/10.1007/BF01068419
    """
    d = checked(d, 2)
    if not 0 < margin < np.inf:
        raise ValueError(f"margin must be positive and finite, not {margin}")
    if all_equal(d):
        return 2.0**-d.size if 0 < abs(d[0]) < margin else 1.0
    return float(DescrStatsW(d).ttost_mean(-margin, margin)[0])


def time_ratio(arm: ArrayLike, reference: ArrayLike, alpha: float) -> tuple[float, float, float]:
    """Ratio of times that were measured in rounds, one of each arm a round: ``exp(mean(log a_r - log b_r))`` with its t interval.

    Assumes that rounds are independent; a round counts once, whatever it repeated.

    Returns:
        Ratio (above 1 the arm is slower), low and high; NaN limits where there is a single round.

    Raises:
        ValueError: no round, different numbers of rounds, or a time that is not positive and finite.

    >>> [round(value, 2) for value in time_ratio([2.2, 2.1, 2.1], [1.0, 1.1, 1.0], alpha=0.05)]
    [2.07, 1.73, 2.47]

    Source: T. Kalibera and R. Jones, "Rigorous benchmarking in reasonable time", ISMM 2013,
    https://doi.org/10.1145/2491894.2464160
    """
    a, b = np.asarray(arm, float), np.asarray(reference, float)
    if not (((a > 0) & (a < np.inf)).all() and ((b > 0) & (b < np.inf)).all()):
        raise ValueError("times must be positive and finite")
    d = differences(np.log(a), np.log(b))
    mean, low, high = np.exp(paired_t(d, alpha)[:3] if d.size > 1 else (d[0], np.nan, np.nan)).tolist()
    return mean, low, high


def effect_size(d: ArrayLike) -> float | None:
    """Standardised paired effect ``d_z = mean(d) / sd(d)``, without a unit; None where all differences are equal and not 0.

    >>> effect_size([1.0, 2.0, 3.0])
    2.0

    Source: J. Cohen, "Statistical power analysis for the behavioral sciences", 2nd ed., 1988, section 2.3.5,
    https://doi.org/10.4324/9780203771587
    """
    d = checked(d, 1)
    if all_equal(d):
        return None if d[0] else 0.0
    return float(d.mean() / d.std(ddof=1))


def hodges_lehmann(d: ArrayLike) -> float:
    """Hodges-Lehmann estimate, a centre of ``d`` robust to 29 % of outliers: the median of ``(d_i + d_j) / 2``, i <= j.

    >>> hodges_lehmann([1.0, 2.0, 3.0, 100.0])
    2.75

    Source: J. L. Hodges and E. L. Lehmann, "Estimates of location based on rank tests", Ann. Math. Stat. 34, 1963,
    https://doi.org/10.1214/aoms/1177704172
    """
    d = checked(d, 1)
    rows, columns = np.triu_indices(d.size)
    return float(np.median((d[rows] + d[columns]) / 2))


def probability_better(d: ArrayLike, higher_is_better: bool = True) -> float:
    """Share of seeds on which the arm is better, a tie counting half: an estimate of P(arm better than reference).

    >>> probability_better([1.0, 0.0, -1.0, 2.0])
    0.625

    Source: A. Vargha and H. D. Delaney, "A critique and improvement of the CL common language effect size statistics",
    J. Educ. Behav. Stat. 25, 2000, https://doi.org/10.3102/10769986025002101
    """
    good = np.sign(checked(d, 1)) * (1 if higher_is_better else -1)
    return float(np.mean((good + 1) / 2))


def correlation(a: ArrayLike, b: ArrayLike) -> float | None:
    """Pearson correlation of two arms over their seeds: what the pairing is worth.

    Pairing divides the variance of the difference by ``1 / (1 - r)`` for arms of equal variance. There is no r, and None is returned,
    for fewer than 3 pairs and where one arm does not vary.

    >>> correlation([1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    1.0
    """
    a, b = checked(a, 0), checked(b, 0)
    if a.size < 3 or not differences(a, np.full_like(a, a[0])).any() or not differences(b, np.full_like(b, b[0])).any():
        return None
    return float(np.clip(np.corrcoef(a, b)[0, 1], -1, 1))


def welch_interval(a: ArrayLike, b: ArrayLike, alpha: float) -> tuple[float, float]:
    """Unpaired interval of ``mean(a) - mean(b)`` with Welch's degrees of freedom, to set beside the paired one.

    The arms may have different numbers of seeds, 2 or more. The interval has no width where neither arm varies.

    >>> [round(x, 3) for x in welch_interval([3.0, 4.0, 5.0], [1.0, 2.0, 3.0], alpha=0.05)]
    [-0.267, 4.267]

    Source: B. L. Welch, "The generalization of Student's problem when several different population variances are
    involved", Biometrika 34, 1947, https://doi.org/10.1093/biomet/34.1-2.28
    """
    a, b = checked(a, 2), checked(b, 2)
    if not (a - a[0]).any() and not (b - b[0]).any():
        return float(a[0] - b[0]), float(a[0] - b[0])
    low, high = CompareMeans(DescrStatsW(a), DescrStatsW(b)).tconfint_diff(alpha, usevar="unequal")
    return float(low), float(high)
