"""One study on several datasets: what holds over all of them.

Scores are arrays of shape (runs, datasets) on one scale (normalise them first where metrics differ). An array without a run, or with
a score that is not finite, is a ValueError. The stratified bootstrap resamples runs within each dataset, so that the datasets stay
those that were chosen.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from dlbench.stats.method import METHOD

RESAMPLES = 2_000
Statistic = Callable[..., NDArray[np.float64]]


def interquartile_mean(scores: ArrayLike) -> NDArray[np.float64]:
    """Mean of the middle half of the pooled runs x datasets: 25 % is cut from each end.

    Args:
        scores: shape (..., runs, datasets); leading axes are kept.

    Returns:
        Shape (...), in the units of the scores.

    >>> float(interquartile_mean([[1.0, 2.0], [3.0, 100.0]]))
    2.5

    Source: R. Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice", NeurIPS 2021,
    https://arxiv.org/abs/2108.13264
    """
    scores = _checked(scores)
    return stats.trim_mean(scores.reshape(*scores.shape[:-2], -1), 0.25, axis=-1)


def probability_of_improvement(arm: ArrayLike, reference: ArrayLike) -> NDArray[np.float64]:
    """Mean over datasets of P(a run of the arm scores above one of the reference), ties counting half.

    Args:
        arm: shape (..., runs, datasets), higher is better.
        reference: shape (..., other runs, datasets).

    Returns:
        Shape (...), in [0, 1].

    >>> float(probability_of_improvement([[1.0], [3.0]], [[2.0], [0.0]]))
    0.75

    Source: R. Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice", NeurIPS 2021,
    https://arxiv.org/abs/2108.13264
    """
    gap = _checked(arm)[..., :, None, :] - _checked(reference)[..., None, :, :]
    return ((np.sign(gap) + 1) / 2).mean(axis=(-3, -2, -1))


def performance_profile(scores: ArrayLike, thresholds: ArrayLike) -> NDArray[np.float64]:
    """Share of the pooled runs x datasets that score above each threshold.

    Args:
        scores: shape (..., runs, datasets), higher is better.
        thresholds: shape (t,).

    Returns:
        Shape (..., t), falling along the thresholds.

    >>> performance_profile([[0.5, 0.9], [0.7, 0.8]], [0.0, 0.6, 0.95]).tolist()
    [1.0, 0.75, 0.0]

    Source: R. Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice", NeurIPS 2021,
    https://arxiv.org/abs/2108.13264
    """
    scores = _checked(scores)
    return (scores[..., None] > np.asarray(thresholds, float)).mean(axis=(-3, -2))


def stratified_bootstrap(statistic: Statistic, *scores: ArrayLike, rng: np.random.Generator | int = 0, alpha: float = METHOD.alpha,
                         paired: bool = False) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Percentile interval from 2,000 resamples of the runs within each dataset.

    Args:
        statistic: takes arrays of shape (resamples, runs, datasets), returns (resamples, ...).
        *scores: one or more arrays of shape (runs, datasets).
        rng: generator or seed of the resampling.
        alpha: one minus the level of the interval.
        paired: draw the same runs (seeds) of every array.

    Returns:
        (low, high), each of the shape of one value of the statistic.

    Raises:
        ValueError: an array is not of two axes or not finite, or the datasets (or paired runs) differ.

    >>> low, high = stratified_bootstrap(interquartile_mean, np.arange(20.0).reshape(10, 2))
    >>> bool(low < 9.5 < high)
    True

    Source: R. Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice", NeurIPS 2021,
    https://arxiv.org/abs/2108.13264
    """
    arrays, rng = [_checked(values) for values in scores], np.random.default_rng(rng)
    first = arrays[0].shape
    if any(x.ndim != 2 or x.shape[1] != first[1] or (paired and x.shape != first) for x in arrays):
        raise ValueError(f"need scores of shape (runs, datasets), of the same datasets, not {[x.shape for x in arrays]}")
    drawn = [rng.integers(0, len(arrays[0]), (RESAMPLES, *first))]
    drawn += [drawn[0] if paired else rng.integers(0, len(x), (RESAMPLES, *x.shape)) for x in arrays[1:]]
    values = statistic(*(np.take_along_axis(x[None], index, axis=1) for x, index in zip(arrays, drawn, strict=True)))
    low, high = np.quantile(values, [alpha / 2, 1 - alpha / 2], axis=0)
    return low, high


def _checked(scores: ArrayLike) -> NDArray[np.float64]:
    scores = np.asarray(scores, float)
    if scores.ndim < 2 or not scores.size or not np.isfinite(scores).all():
        raise ValueError(f"need finite scores of shape (runs, datasets), not {scores.shape}")
    return scores


def aggregate(scores: Mapping[str, ArrayLike], references: Mapping[str, str], rng: np.random.Generator | int = 0,
              alpha: float = METHOD.alpha) -> pd.DataFrame:
    """Interquartile mean and probability of improvement of each arm over several datasets, with their intervals.

    Args:
        scores: arm -> shape (runs, datasets), higher is better, on one scale; references included.
        references: arm -> the arm it is compared with.
        rng: generator or seed of the resampling.
        alpha: one minus the level of the intervals.

    Returns:
        One row per arm: arm, reference, iqm, iqm_low, iqm_high, reference_iqm, improvement, improvement_low,
        improvement_high.

    Raises:
        ValueError: as `stratified_bootstrap`.

    >>> scores = {"base": np.zeros((4, 2)), "arm": np.ones((4, 2))}
    >>> aggregate(scores, {"arm": "base"})[["iqm", "improvement"]].values.tolist()
    [[1.0, 1.0]]
    """
    rng = np.random.default_rng(rng)
    rows: list[tuple[Any, ...]] = []
    for arm, reference in references.items():
        own, other = np.asarray(scores[arm], float), np.asarray(scores[reference], float)
        iqm = stratified_bootstrap(interquartile_mean, own, rng=rng, alpha=alpha)
        improvement = stratified_bootstrap(probability_of_improvement, own, other, rng=rng, alpha=alpha)
        rows.append((arm, reference, interquartile_mean(own), *iqm, interquartile_mean(other),
                     probability_of_improvement(own, other), *improvement))
    names = ["arm", "reference", "iqm", "iqm_low", "iqm_high", "reference_iqm", "improvement", "improvement_low",
             "improvement_high"]
    return pd.DataFrame([[*row[:2], *map(float, row[2:])] for row in rows], columns=names)
