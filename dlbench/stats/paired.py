"""Two arms on the same seeds: estimates and intervals of the paired difference.

Every function takes 1-D arrays in which position ``s`` of both arms is the same seed. Differences are
``d_s = A_s - B_s`` in the units of the metric. `differences` removes rounding noise, so that "all equal" and
"no difference" are exact statements about ``d`` everywhere else in this package. A value that is not finite, or fewer seeds than a
function states, is a ValueError.
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
    """Return differences as an array.

    Args:
        d: paired differences, shape (n,).
        least: smallest n that the caller can use.

    Raises:
        ValueError: fewer values, another shape, or one that is not finite.

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
    no more than that become exactly equal: ``0.9 - 0.8`` and ``0.8 - 0.7`` are the same difference.

    Args:
        a: scores of the arm, shape (n,), n >= 1.
        b: scores of its reference on the same seeds, shape (n,).

    Returns:
        d of shape (n,), in the units of the metric.

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
    """Whether differences vary by no more than rounding, ``max(d) - min(d) <= 1e-12 * max(|d|)``.

    Args:
        d: paired differences, shape (n,), n >= 1.

    Returns:
        True where a standard deviation of ``d`` would be noise.

    >>> all_equal([0.9 - 0.8, 0.8 - 0.7]), all_equal([0.1, 0.2])
    (True, False)
    """
    d = checked(d, 1)
    return bool(np.ptp(d) <= RELATIVE_NOISE * np.abs(d).max())


def paired_t(d: ArrayLike, alpha: float) -> PairedT:
    """Mean paired difference with its t interval: ``mean(d) ± t(1 - alpha/2, n - 1) * sd(d) / sqrt(n)``.

    Assumes independent seeds and a mean of ``d`` that is close to normal. Where all differences are equal the
    interval has no width: p is 1 if they are all 0, else the sign-flip p ``2 / 2**n``, the smallest that n
    signs can give.

    Args:
        d: paired differences, shape (n,), n >= 2.
        alpha: one minus the level of the interval.

    Returns:
        PairedT in the units of ``d``.

    Raises:
        ValueError: fewer than two pairs.

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


def effect_size(d: ArrayLike) -> float | None:
    """Standardised paired effect ``d_z = mean(d) / sd(d)``, without a unit.

    Args:
        d: paired differences, shape (n,), n >= 1.

    Returns:
        d_z; 0 where all differences are 0; None where they are all equal and not 0 (no finite value).

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
    """Hodges-Lehmann estimate: the median of the Walsh averages ``(d_i + d_j) / 2``, i <= j.

    Args:
        d: paired differences, shape (n,), n >= 1.

    Returns:
        A location of ``d`` in its units, robust to 29 % of outliers.

    >>> hodges_lehmann([1.0, 2.0, 3.0, 100.0])
    2.75

    Source: J. L. Hodges and E. L. Lehmann, "Estimates of location based on rank tests", Ann. Math. Stat. 34, 1963,
    https://doi.org/10.1214/aoms/1177704172
    """
    d = checked(d, 1)
    rows, columns = np.triu_indices(d.size)
    return float(np.median((d[rows] + d[columns]) / 2))


def probability_better(d: ArrayLike, higher_is_better: bool = True) -> float:
    """Share of seeds on which the arm is better, ``mean(1[better] + 1/2 * 1[tie])``.

    Args:
        d: paired differences, shape (n,), n >= 1.
        higher_is_better: direction of the metric.

    Returns:
        An estimate of P(arm better than reference) in [0, 1].

    >>> probability_better([1.0, 0.0, -1.0, 2.0])
    0.625

    Source: A. Vargha and H. D. Delaney, "A critique and improvement of the CL common language effect size statistics",
    J. Educ. Behav. Stat. 25, 2000, https://doi.org/10.3102/10769986025002101
    """
    good = np.sign(checked(d, 1)) * (1 if higher_is_better else -1)
    return float(np.mean((good + 1) / 2))


def correlation(a: ArrayLike, b: ArrayLike) -> float | None:
    """Pearson correlation of two arms over their seeds: what the pairing is worth.

    Pairing divides the variance of the difference by ``1 / (1 - r)`` for arms of equal variance.

    Args:
        a: scores of one arm, shape (n,).
        b: scores of the other on the same seeds, shape (n,).

    Returns:
        r in [-1, 1]; None for fewer than 3 pairs or where one arm does not vary (no value exists).

    >>> correlation([1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    1.0
    """
    a, b = checked(a, 0), checked(b, 0)
    if a.size < 3 or not differences(a, np.full_like(a, a[0])).any() or not differences(b, np.full_like(b, b[0])).any():
        return None
    return float(np.clip(np.corrcoef(a, b)[0, 1], -1, 1))


def welch_interval(a: ArrayLike, b: ArrayLike, alpha: float) -> tuple[float, float]:
    """Unpaired interval of ``mean(a) - mean(b)`` with Welch's degrees of freedom, to set beside the paired one.

    Args:
        a: scores of one arm, shape (n,), n >= 2.
        b: scores of the other, shape (m,), m >= 2.
        alpha: one minus the level of the interval.

    Returns:
        (low, high) in the units of the metric; no width where neither arm varies.

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
