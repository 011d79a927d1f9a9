"""Where the distribution of a series changes: E-divisive, the method behind MongoDB's and Apache Otava's detection of regressions."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

ALPHA = 0.01
"""Error of each test of a split."""
LEAST = 3
"""The fewest values between two changes."""
PERMUTATIONS = 299


class Split(NamedTuple):
    """The best place to split a series.

    Attributes:
        place: the first index of the second part.
        statistic: the scaled energy distance of the two parts.
    """

    place: int
    statistic: float


def change_points(x: ArrayLike, alpha: float = ALPHA, least: int = LEAST, rng: np.random.Generator | int = 0) -> list[int]:
    """Return the indexes at which a new distribution begins.

    The series is split where the energy distance of what comes before and a stretch that follows, scaled by their sizes, is largest; a
    permutation test decides whether that is a change, and both parts are split again. Assumes values that are independent where nothing
    changes.

    Args:
        x: shape (n,), in order.
        alpha: error of each test of a split.
        least: the fewest values between two changes.
        rng: generator or seed of the permutations.

    Returns:
        Indexes in ascending order; none where n < 2 ``least``.

    Raises:
        ValueError: not of one axis, or not finite.

    >>> change_points([0.0, 0.1, -0.1, 0.0, 0.1, -0.1, 0.0, 0.1, 5.0, 5.1, 4.9, 5.0, 5.1, 4.9])
    [8]
    >>> change_points([0.0, 0.1, -0.1, 0.0, 0.1, -0.1, 0.0, 0.1])
    []

    Source: D. S. Matteson and N. A. James, "A nonparametric approach for multiple change point analysis of multivariate data", J. Am.
    Stat. Assoc. 109, 2014, https://doi.org/10.1080/01621459.2013.849605; for benchmarks: D. Daly et al., "The use of change point
    detection to identify software performance regressions in a continuous integration system", ICPE 2020,
    https://doi.org/10.1145/3358960.3375791
    """
    values = np.asarray(x, float)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise ValueError(f"need finite values of shape (n,), not {values.shape}")
    return sorted(_significant_splits(values, alpha, least, np.random.default_rng(rng)))


def _significant_splits(values: NDArray[np.float64], alpha: float, least: int, rng: np.random.Generator) -> Iterator[int]:
    """Split a series, then its later and its earlier part, and so on; yield the index of each split that is significant."""
    waiting = [(0, len(values))]
    while waiting:
        start, end = waiting.pop()
        distances = np.abs(values[start:end, None] - values[None, start:end])
        split = best_split(distances, least)
        if split is not None and _significant(distances, split.statistic, alpha, least, rng):
            waiting += [(start, start + split.place), (start + split.place, end)]
            yield start + split.place


def best_split(distances: NDArray[np.float64], least: int = LEAST) -> Split | None:
    """Return where a first part and one that follows it differ most; None where the series is too short.

    The second part may end before the series does, so that a stretch in the middle is found too.

    Args:
        distances: shape (n, n), of each value to each other one.
        least: the fewest values of a part.
    """
    n = len(distances)
    if n < 2 * least:
        return None
    sums = np.zeros((n + 1, n + 1))
    np.cumsum(np.cumsum(distances, axis=0), axis=1, out=sums[1:, 1:])
    place, end = np.arange(n + 1)[:, None], np.arange(n + 1)[None]
    one, other = np.maximum(place, 1), np.maximum(end - place, 1)
    square = np.diag(sums)
    within_first, between = square[:, None], sums - square[:, None]
    within_second = square[None] - 2 * sums + square[:, None]
    energy = 2 * between / (one * other) - _mean(within_first, one) - _mean(within_second, other)
    scaled = np.where((place >= least) & (end - place >= least), one * other / (one + other) * energy, -np.inf)
    best = int(scaled.argmax())
    return Split(best // (n + 1), float(scaled.flat[best]))


def _mean(total: NDArray[np.float64], count: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean distance of the pairs of different values; 0 of one value."""
    return total / np.maximum(count * (count - 1), 1)


def _significant(distances: NDArray[np.float64], statistic: float, alpha: float, least: int, rng: np.random.Generator) -> bool:
    """Whether so large a statistic is rare among orders of the same values; it stops as soon as it is not."""
    allowed, larger = int(alpha * (PERMUTATIONS + 1)) - 1, 0
    for _ in range(PERMUTATIONS):
        order = rng.permutation(len(distances))
        shuffled = best_split(distances[np.ix_(order, order)], least)
        larger += shuffled is not None and shuffled.statistic >= statistic * (1 - 1e-12)
        if larger > allowed:
            return False
    return True


def segments(n: int, points: Sequence[int]) -> list[tuple[int, int]]:
    """Return the first index and the one after the last of each stretch between changes.

    >>> segments(5, [2])
    [(0, 2), (2, 5)]
    """
    ends = [*points, n]
    return [(start, end) for start, end in zip([0, *points], ends) if end > start]
