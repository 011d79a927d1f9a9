"""One study on several datasets: what holds over all of them.

Scores are arrays of shape (runs, datasets) on one scale (normalise them first where metrics differ); higher is better. An array without
a run, or with a score that is not finite, is a ValueError. The stratified bootstrap resamples runs within each dataset, so that the
datasets stay those that were chosen. Its statistics keep leading axes: they take (..., runs, datasets) and give (...).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from dlbench.stats.method import METHOD

RESAMPLES = 2_000
AGGREGATE = ("arm", "reference", "iqm", "iqm_low", "iqm_high", "reference_iqm", "improvement", "improvement_low", "improvement_high")
Statistic = Callable[..., NDArray[np.float64]]


def interquartile_mean(scores: ArrayLike) -> NDArray[np.float64]:
    """Mean of the middle half of the pooled runs x datasets: 25 % is cut from each end.

    >>> float(interquartile_mean([[1.0, 2.0], [3.0, 100.0]]))
    2.5

    Source: R. Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice", NeurIPS 2021,
    https://arxiv.org/abs/2108.13264
    """
    scores = _checked(scores)
    return stats.trim_mean(scores.reshape(*scores.shape[:-2], -1), 0.25, axis=-1)


def probability_of_improvement(arm: ArrayLike, reference: ArrayLike) -> NDArray[np.float64]:
    """Mean over datasets of P(a run of the arm scores above one of the reference), ties counting half.

    The two may have different numbers of runs.

    >>> float(probability_of_improvement([[1.0], [3.0]], [[2.0], [0.0]]))
    0.75

    Source: R. Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice", NeurIPS 2021,
    https://arxiv.org/abs/2108.13264
    """
    gap = _checked(arm)[..., :, None, :] - _checked(reference)[..., None, :, :]
    return ((np.sign(gap) + 1) / 2).mean(axis=(-3, -2, -1))


def performance_profile(scores: ArrayLike, thresholds: ArrayLike) -> NDArray[np.float64]:
    """Share of the pooled runs x datasets that score above each of t thresholds, shape (..., t).

    >>> performance_profile([[0.5, 0.9], [0.7, 0.8]], [0.0, 0.6, 0.95]).tolist()
    [1.0, 0.75, 0.0]

    Source: R. Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice", NeurIPS 2021,
    https://arxiv.org/abs/2108.13264
    """
    scores = _checked(scores)
    return (scores[..., None] > np.asarray(thresholds, float)).mean(axis=(-3, -2))


def stratified_bootstrap(statistic: Statistic, *scores: ArrayLike, rng: np.random.Generator | int = 0,
                         alpha: float = METHOD.alpha) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Percentile interval from 2,000 resamples of the runs within each dataset.

    Args:
        statistic: takes arrays of shape (resamples, runs, datasets), returns (resamples, ...).
        *scores: one or more arrays of shape (runs, datasets).
        rng: generator or seed of the resampling.

    Returns:
        (low, high), each of the shape of one value of the statistic.

    Raises:
        ValueError: an array is not of two axes or not finite, or the numbers of datasets differ.

    >>> low, high = stratified_bootstrap(interquartile_mean, np.arange(20.0).reshape(10, 2))
    >>> bool(low < 9.5 < high)
    True

    Source: R. Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice", NeurIPS 2021,
    https://arxiv.org/abs/2108.13264
    """
    arrays, rng = [_checked(values) for values in scores], np.random.default_rng(rng)
    if any(x.ndim != 2 or x.shape[1] != arrays[0].shape[1] for x in arrays):
        raise ValueError(f"need scores of shape (runs, datasets), of the same datasets, not {[x.shape for x in arrays]}")
    drawn = [rng.integers(0, len(x), (RESAMPLES, *x.shape)) for x in arrays]
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
        scores: arm -> shape (runs, datasets); references included.
        references: arm -> the arm it is compared with.
        rng: generator or seed of the resampling.

    Returns:
        One row per arm with `AGGREGATE`.

    >>> scores = {"base": np.zeros((4, 2)), "arm": np.ones((4, 2))}
    >>> aggregate(scores, {"arm": "base"})[["iqm", "improvement"]].values.tolist()
    [[1.0, 1.0]]
    """
    rng = np.random.default_rng(rng)
    rows: list[list[str | float]] = []
    for arm, reference in references.items():
        ours, theirs = scores[arm], scores[reference]
        values = (interquartile_mean(ours), *stratified_bootstrap(interquartile_mean, ours, rng=rng, alpha=alpha),
                  interquartile_mean(theirs), probability_of_improvement(ours, theirs),
                  *stratified_bootstrap(probability_of_improvement, ours, theirs, rng=rng, alpha=alpha))
        rows.append([arm, reference, *map(float, values)])
    return pd.DataFrame(rows, columns=list(AGGREGATE))


@dataclass(frozen=True)
class FriedmanResult:
    """Friedman's test over datasets, and each arm against the control.

    Attributes:
        statistic: chi-squared of Friedman, corrected for ties.
        p: its p-value.
        ranks: mean rank of each arm, 1 the best.
        p_adjusted: of each arm but the control, of "it ranks as the control does", corrected as verdicts are.
    """

    statistic: float
    p: float
    ranks: pd.Series
    p_adjusted: pd.Series


def friedman(scores: pd.DataFrame, control: str) -> FriedmanResult:
    """Friedman's rank test of several arms on several datasets, then each arm against a control.

    Ranks are taken within a dataset. Against the control ``|R_i - R_j| / sqrt(k (k + 1) / (6 N))`` is taken as normal, for k arms on N
    datasets. Assumes independent datasets; the chi-squared approximation needs about 10 datasets and 5 arms.

    Args:
        scores: datasets x arms, mean score of each; at least 2 datasets and 3 arms.
        control: name of the arm that the others are compared with.

    Returns:
        FriedmanResult; statistic 0 and p 1 where all arms tie on every dataset.

    Raises:
        ValueError: too few datasets or arms, a score that is not finite, or an unknown control.

    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.9], "b": [0.8, 0.7, 0.6, 0.8], "c": [0.7, 0.6, 0.5, 0.7]})
    >>> result = friedman(scores, control="c")
    >>> result.ranks.tolist(), round(result.p, 4), result.p_adjusted.round(4).tolist()
    ([1.0, 2.0, 3.0], 0.0183, [0.0094, 0.1573])

    Source: J. Demšar, "Statistical comparisons of classifiers over multiple data sets", J. Mach. Learn. Res. 7, 2006,
    https://www.jmlr.org/papers/v7/demsar06a.html
    """
    values = scores.to_numpy(float)
    datasets, arms = values.shape
    if datasets < 2 or arms < 3 or not np.isfinite(values).all():
        raise ValueError(f"need finite scores of at least 2 datasets and 3 arms, not {datasets} and {arms}")
    if control not in scores.columns:
        raise ValueError(f"unknown control {control!r}; the arms are {list(scores.columns)}")
    table = stats.rankdata(-values, axis=1)
    ranks = pd.Series(table.mean(axis=0), index=scores.columns)
    tied = (np.ptp(table, axis=1) == 0).all()
    statistic, p = (0.0, 1.0) if tied else stats.friedmanchisquare(*table.T)
    gaps = (ranks.drop(control) - ranks[control]).abs() / np.sqrt(arms * (arms + 1) / (6 * datasets))
    p_adjusted = METHOD.correction.adjust(2 * stats.norm.sf(gaps.to_numpy()))
    return FriedmanResult(float(statistic), float(p), ranks, pd.Series(p_adjusted, index=gaps.index))
