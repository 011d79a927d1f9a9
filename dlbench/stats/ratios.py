"""Ratios of times from interleaved rounds: a round counts once, whatever it repeated."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dlbench.stats.paired import differences, paired_t


class Ratio(NamedTuple):
    """Time of the arm over that of the reference, and its interval; NaN where a single round gives none."""

    ratio: float
    low: float
    high: float


def time_ratio(arm: ArrayLike, reference: ArrayLike, alpha: float) -> Ratio:
    """Geometric mean of the per-round ratios: ``exp(mean(log a_r - log b_r))`` with a t interval on the log scale.

    Assumes that rounds are independent and that both arms ran in each round.

    Args:
        arm: times, shape (rounds,), > 0.
        reference: times of the same rounds, shape (rounds,).
        alpha: one minus the level of the interval.

    Returns:
        Ratio; above 1 the arm is slower.

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
    if d.size < 2:
        return Ratio(float(np.exp(d[0])), np.nan, np.nan)
    return Ratio(*(float(value) for value in np.exp(paired_t(d, alpha)[:3])))
