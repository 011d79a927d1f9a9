"""Ratios of times from interleaved rounds: intervals over rounds, never over iterations of one round."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dlbench.stats.paired import differences, paired_t


class Ratio(NamedTuple):
    """Time of the arm over that of the reference, its interval, the p-value of "no change" and the rounds behind it."""

    ratio: float
    low: float
    high: float
    p: float
    rounds: int


def time_ratio(arm: ArrayLike, reference: ArrayLike, alpha: float = 0.05) -> Ratio:
    """Geometric mean of the per-round ratios: ``exp(mean(log a_r - log b_r))`` with a t interval on the log scale.

    Iterations of one round share its machine state, so each round counts once, by the median of its iterations.
    Assumes that rounds are independent and that both arms ran in each round.

    Args:
        arm: times, shape (rounds,) or (rounds, iterations), > 0, rounds >= 2.
        reference: times of the same rounds; its number of iterations may differ.
        alpha: one minus the level of the interval.

    Returns:
        Ratio; above 1 the arm is slower.

    Raises:
        ValueError: fewer than two rounds, different numbers of rounds, or a time that is not positive and finite.

    >>> result = time_ratio([[2.0, 2.2, 9.0], [2.1, 2.0, 2.1], [2.0, 2.3, 2.1]], [1.0, 1.1, 1.0])
    >>> round(result.ratio, 2), round(result.low, 2), round(result.high, 2), result.rounds
    (2.07, 1.73, 2.47, 3)

    Source: T. Kalibera and R. Jones, "Rigorous benchmarking in reasonable time", ISMM 2013,
    https://doi.org/10.1145/2491894.2464160
    """
    a, b = _round_medians(arm), _round_medians(reference)
    if len(a) != len(b) or len(a) < 2:
        raise ValueError(f"need the same two or more rounds of both, not {len(a)} and {len(b)}")
    result = paired_t(differences(np.log(a), np.log(b)), alpha)
    return Ratio(*(float(np.exp(value)) for value in result[:3]), result.p, len(a))


def _round_medians(times: ArrayLike) -> NDArray[np.float64]:
    """One time per round."""
    times = np.asarray(times, float)
    if times.ndim not in (1, 2) or not times.size or not ((times > 0) & np.isfinite(times)).all():
        raise ValueError("times must be positive and finite, of shape (rounds,) or (rounds, iterations)")
    return times if times.ndim == 1 else np.median(times, axis=1)
