"""Ranks of arms over datasets: Friedman's test and what follows it."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from dlbench.stats.method import METHOD


@dataclass(frozen=True)
class FriedmanResult:
    """Friedman's test over datasets and the comparisons after it.

    Args:
        statistic: chi-squared of Friedman, corrected for ties.
        p: its p-value.
        ranks: mean rank of each arm, 1 the best.
        comparisons: arm, other, rank_difference (negative: arm ranks better), p_adjusted.
        critical_difference: Nemenyi's difference in mean rank that is significant; None against a control.
    """

    statistic: float
    p: float
    ranks: pd.Series
    comparisons: pd.DataFrame
    critical_difference: float | None


def friedman(scores: pd.DataFrame, control: str | None = None, alpha: float = METHOD.alpha,
             higher_is_better: bool = True) -> FriedmanResult:
    """Friedman's rank test of several arms on several datasets, then all pairs by Nemenyi, or each arm against a control.

    Ranks are taken within a dataset. Nemenyi: ``|R_i - R_j| / sqrt(k (k + 1) / (6 N))`` against the studentized range
    divided by sqrt(2). Control: the same ratio against the normal distribution, with the correction of the verdicts. Assumes independent
    datasets; the chi-squared approximation needs about 10 datasets and 5 arms.

    Args:
        scores: datasets x arms, mean score of each; at least 2 datasets and 3 arms.
        control: name of the arm that the others are compared with; None: all pairs.
        alpha: level of the critical difference.
        higher_is_better: direction of the scores.

    Returns:
        FriedmanResult; statistic 0 and p 1 where all arms tie on every dataset.

    Raises:
        ValueError: too few datasets or arms, a score that is not finite, or an unknown control.

    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.9], "b": [0.8, 0.7, 0.6, 0.8], "c": [0.7, 0.6, 0.5, 0.7]})
    >>> result = friedman(scores, control="c")
    >>> result.ranks.tolist(), round(result.p, 4), result.comparisons["p_adjusted"].round(4).tolist()
    ([1.0, 2.0, 3.0], 0.0183, [0.0094, 0.1573])

    Source: J. Demšar, "Statistical comparisons of classifiers over multiple data sets", J. Mach. Learn. Res. 7, 2006,
    https://www.jmlr.org/papers/v7/demsar06a.html
    """
    values = scores.to_numpy(float)
    datasets, arms = values.shape
    if datasets < 2 or arms < 3 or not np.isfinite(values).all():
        raise ValueError(f"need finite scores of at least 2 datasets and 3 arms, not {datasets} and {arms}")
    if control is not None and control not in scores.columns:
        raise ValueError(f"unknown control {control!r}; the arms are {list(scores.columns)}")
    table = stats.rankdata(-values if higher_is_better else values, axis=1)
    ranks = pd.Series(table.mean(axis=0), index=scores.columns)
    tied = (np.ptp(table, axis=1) == 0).all()
    statistic, p = (0.0, 1.0) if tied else stats.friedmanchisquare(*table.T)
    error = float(np.sqrt(arms * (arms + 1) / (6 * datasets)))
    comparisons = _comparisons(ranks, error, control)
    critical = stats.studentized_range.ppf(1 - alpha, arms, np.inf) / np.sqrt(2) * error if control is None else None
    return FriedmanResult(float(statistic), float(p), ranks, comparisons, None if critical is None else float(critical))


def _comparisons(ranks: pd.Series, error: float, control: str | None) -> pd.DataFrame:
    """Compare all pairs by Nemenyi, or all others with the control, adjusted."""
    pairs = list(combinations(ranks.index, 2)) if control is None else [(arm, control) for arm in ranks.index if arm != control]
    gaps = np.array([ranks[arm] - ranks[other] for arm, other in pairs])
    if control is None:
        p = stats.studentized_range.sf(np.abs(gaps) / error * np.sqrt(2), len(ranks), np.inf)
    else:
        p = METHOD.correction.adjust(2 * stats.norm.sf(np.abs(gaps) / error))
    return pd.DataFrame(pairs, columns=["arm", "other"]).assign(rank_difference=gaps, p_adjusted=np.clip(p, 0, 1))
