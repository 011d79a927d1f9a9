"""Two versions of a program, timed by pairs of processes that were forked from a few servers on each side.

What a server's memory layout does to a time repeats in every process that is forked from it, so pairs are not independent. Log-ratios
``d`` have shape (k, k, m): base server, head server, pair of the two; k >= 2, m >= 1. Another shape, or a value that is not finite, is
a ValueError.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from dlbench.stats.family import holm
from dlbench.stats.method import METHOD
from dlbench.stats.noise import satterthwaite

POLISHES = 4
CLIP = 4.0


class NestedMean(NamedTuple):
    """Mean of ``d``, its standard error over servers and pairs, degrees of freedom, and the number of pairs."""

    mean: float
    error: float
    df: float
    pairs: int

    def limits(self, alpha: float = METHOD.alpha) -> tuple[float, float]:
        """The t interval of level ``1 - alpha``.

        >>> [round(limit, 3) for limit in NestedMean(0.1, 0.01, 4, 18).limits()]
        [0.072, 0.128]
        """
        half = float(stats.t.ppf(1 - alpha / 2, self.df)) * self.error
        return self.mean - half, self.mean + half

    def p_beyond(self, margin: float) -> float:
        """Two-sided p-value of "the true mean lies within ±margin": small where the interval lies beyond it.

        >>> round(NestedMean(0.1, 0.01, 4, 18).p_beyond(0.05), 4)
        0.0075
        """
        distance = abs(self.mean) - margin
        if self.error == 0:
            return 0.0 if distance > 0 else 1.0
        return min(1.0, 2 * float(stats.t.sf(distance / self.error, self.df)))


def nested_mean(d: ArrayLike) -> NestedMean:
    """Mean difference of two sides with k servers each, whose pairs cross every server of one side with every one of the other.

    With ``d_ijr`` the log-ratio of pair r of base server i and head server j, and the mean squares of the two-way layout (base
    servers MS_b, head servers MS_h, rest MS_r), ``var(mean) = max(MS_b + MS_h - MS_r, MS_r) / n``. The degrees of freedom are
    Satterthwaite's, between ``k - 1`` and ``2 (k - 1)``, however many pairs there are: the servers are few. Holds its level whether the
    servers of one side, of both or of none differ (simulated in ``benchmarks/gate``); a t interval over pairs does not.

    >>> result = nested_mean(0.1 + 0.01 * np.random.default_rng(0).normal(size=(3, 3, 2)))
    >>> round(result.mean, 2), result.pairs
    (0.1, 18)

    Source: S. R. Searle, G. Casella and C. E. McCulloch, "Variance components", Wiley, 1992,
    https://doi.org/10.1002/9780470316856; T. Kalibera and R. Jones, "Rigorous benchmarking in reasonable time", ISMM 2013,
    https://doi.org/10.1145/2491894.2464160
    """
    d = _layout(d)
    k, n, mean = len(d), d.size, d.mean()
    base, head = d.mean(axis=(1, 2)), d.mean(axis=(0, 2))
    rest = ((d - base[:, None, None] - head[:, None] + mean) ** 2).sum() / (n - 2 * k + 1)
    parts = ((n / k * base.var(ddof=1), k - 1), (n / k * head.var(ddof=1), k - 1), (rest, n - 2 * k + 1))
    both = parts[0][0] + parts[1][0] - rest
    df = satterthwaite(both, parts) if both > rest else 2.0 * (k - 1)
    return NestedMean(float(mean), math.sqrt(max(both, rest) / n), df, n)


def _layout(d: ArrayLike) -> NDArray[np.float64]:
    d = np.asarray(d, float)
    if d.ndim != 3 or d.shape[0] != d.shape[1] or d.shape[0] < 2 or not d.size or not np.isfinite(d).all():
        raise ValueError(f"need finite log-ratios of shape (k, k, pairs) with k of at least 2, not of shape {d.shape}")
    return d


def clipped(d: ArrayLike) -> NDArray[np.float64]:
    """Return ``d`` with outliers drawn in: what is left beside the servers' medians is clipped at ``4 * 1.4826 * MAD``.

    A pair that was disturbed by something else on the machine may be off by any factor. Effects of servers stay as they are: a
    median polish takes them out first.

    >>> d = np.zeros((3, 3, 2)) + [0.0, 0.01]
    >>> d[0, 0, 0] = 2.0
    >>> round(float(clipped(d).max()), 2), round(float(clipped(d)[1:].max()), 2)
    (0.04, 0.01)

    Source: J. W. Tukey, "Exploratory data analysis", Addison-Wesley, 1977, chapter 11 (median polish).
    """
    d = _layout(d)
    rest = d.copy()
    for _ in range(POLISHES):
        rest -= np.median(rest, axis=(1, 2), keepdims=True)
        rest -= np.median(rest, axis=(0, 2), keepdims=True)
    limit = CLIP * float(stats.median_abs_deviation(rest, axis=None, scale="normal"))
    return d - rest + np.clip(rest, -limit, limit)


class Beyond(NamedTuple):
    """A member of a family: its interval at the level that its rank leaves it, and whether that lies beyond the margin."""

    low: float
    high: float
    p_adjusted: float
    beyond: bool


def beyond(means: Sequence[NestedMean], margin: float | Sequence[float], alpha: float = METHOD.alpha, untested: int = 0) -> list[Beyond]:
    """Find the members of a family that lie beyond ±margin, by Holm's procedure.

    The member of rank r (0 for the smallest p-value) of k gets the interval of level ``1 - alpha / (k - r)``; it is beyond the
    margin where that interval is, and so is every one of a smaller p-value. Members that were not tested count with a p-value of 1.
    The margin is one of all, or one each.

    >>> [member.beyond for member in beyond([NestedMean(0.1, 0.01, 4, 18), NestedMean(0.05, 0.01, 4, 18)], margin=0.04)]
    [True, False]
    """
    margins = np.broadcast_to(np.asarray(margin, float), len(means))
    p = np.array([mean.p_beyond(float(own)) for mean, own in zip(means, margins)] + [1.0] * untested)
    ranks = np.argsort(np.argsort(p, kind="stable"), kind="stable")
    return [Beyond(*mean.limits(alpha / (len(p) - rank)), float(adjusted), bool(adjusted < alpha))
            for mean, rank, adjusted in zip(means, ranks, holm(p))]
