"""Bootstrap interval of a paired difference: shown beside the t interval from 20 pairs on, never used by a verdict."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from dlbench.stats.paired import all_equal

SHOWN_FROM = 20
RESAMPLES = 9_999


def paired_bootstrap(d: ArrayLike, rng: np.random.Generator | int = 0, alpha: float = 0.05) -> tuple[float, float] | None:
    """BCa bootstrap interval of ``mean(d)``: pairs are resampled, 9,999 times.

    Below 20 pairs it covers too rarely (89 % instead of 95 % at n = 10), so it is not given.

    Args:
        d: paired differences, shape (n,).
        rng: generator or seed of the resampling.
        alpha: one minus the level of the interval.

    Returns:
        (low, high) in the units of ``d``; no width where all differences are equal; None below 20 pairs.

    >>> paired_bootstrap([0.1, 0.2, 0.3]) is None
    True
    >>> low, high = paired_bootstrap(np.arange(30.0))
    >>> low < 14.5 < high
    True

    Source: B. Efron, "Better bootstrap confidence intervals", J. Am. Stat. Assoc. 82, 1987,
    https://doi.org/10.1080/01621459.1987.10478410
    """
    d = np.asarray(d, float)
    if d.size < SHOWN_FROM:
        return None
    if all_equal(d):
        return float(d[0]), float(d[0])
    result = stats.bootstrap((d,), np.mean, confidence_level=1 - alpha, n_resamples=RESAMPLES, method="BCa",
                             rng=np.random.default_rng(rng))
    return float(result.confidence_interval.low), float(result.confidence_interval.high)
