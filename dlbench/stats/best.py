"""The best of several: of arms, which are not shown to differ from it; of trials, what the best of k is expected to be."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from dlbench.stats.method import METHOD

RESAMPLES = 1000
Values = NDArray[np.float64]


def best_arms(scores: pd.DataFrame, higher_is_better: bool, paired: bool = False, alpha: float = METHOD.alpha) -> list[str]:
    """Return the arm with the best mean, and after it those that are not shown to differ from it.

    Which arm is best is read off the same scores, so that every pair of arms counts as a comparison: each is tested at alpha over the
    number of pairs (Bonferroni). Arms with one run show nothing and are left out.

    Args:
        scores: columns ``arm, seed, score``, one row a run.
        higher_is_better: direction of the score.
        paired: runs of one seed are pairs (paired t-test); else Welch's test.
        alpha: level over all pairs.

    >>> runs = pd.DataFrame([(arm, seed, mean + 0.01 * seed) for arm, mean in {"a": 0.5, "b": 0.9, "c": 0.91}.items() for seed in range(4)],
    ...                     columns=["arm", "seed", "score"])
    >>> best_arms(runs, higher_is_better=True)
    ['c', 'b']
    """
    by_arm = {str(arm): part.set_index("seed")["score"].astype(float) for arm, part in scores.groupby("arm", sort=False) if len(part) > 1}
    if not by_arm:
        return []
    best = (max if higher_is_better else min)(by_arm, key=lambda arm: by_arm[arm].mean())
    level = alpha / max(1, math.comb(len(by_arm), 2))
    return [best, *(arm for arm in by_arm if arm != best and not _p(by_arm[arm], by_arm[best], paired) < level)]


def _p(one: pd.Series, other: pd.Series, paired: bool) -> float:
    """P-value of a difference in the mean; 1 where all values of both are equal, 0 where each side has its own."""
    if paired:
        one, other = one.align(other, join="inner")
        difference = (one - other).to_numpy()
        if len(difference) < 2 or not np.ptp(difference):
            return 0.0 if len(difference) > 1 and difference[0] else 1.0
        return float(stats.ttest_1samp(difference, 0).pvalue)
    if not np.ptp(one) and not np.ptp(other):
        return float(one.iloc[0] == other.iloc[0])
    return float(stats.ttest_ind(one, other, equal_var=False).pvalue)


def expected_best(values: ArrayLike, k: int, higher_is_better: bool = True) -> float:
    """Expected best of k trials, drawn without replacement from n trials that were made; NaN where k is above n.

    ``sum over i of C(i - 1, k - 1) / C(n, k) * v_(i)`` of the values in rising order: the estimator without bias of what Dodge et al. ask
    for. Theirs draws with replacement, and is too low for k near n.

    >>> expected_best([0.1, 0.5, 0.9], 1), expected_best([0.1, 0.5, 0.9], 3), round(expected_best([0.1, 0.5, 0.9], 2), 4)
    (0.5, 0.9, 0.7667)

    Sources: J. Dodge, S. Gururangan, D. Card, R. Schwartz and N. A. Smith, "Show your work: improved reporting of experimental results",
    EMNLP 2019, https://aclanthology.org/D19-1224/; R. Tang et al., "Showing your work doesn't always work", ACL 2020,
    https://aclanthology.org/2020.acl-main.246/
    """
    found = np.sort(np.asarray(values, float)) if higher_is_better else -np.sort(-np.asarray(values, float))
    n = len(found)
    if not 1 <= k <= n:
        return math.nan
    weights, weight = np.zeros(n), k / n
    for place in range(n - 1, k - 2, -1):  # C(i - 1, k - 1) / C(n, k) from the largest on
        weights[place] = weight
        weight *= (place - k + 1) / place if place else 0.0
    return float(weights @ found)


def expected_best_interval(values: ArrayLike, k: int, higher_is_better: bool, seed: int) -> tuple[float, float]:
    """Percentile interval (95 %) of `expected_best` from 1000 resamples of the trials.

    >>> low, high = expected_best_interval([0.1, 0.5, 0.9, 0.7], 2, True, 0)
    >>> low < expected_best([0.1, 0.5, 0.9, 0.7], 2) < high
    True
    """
    values, draw = np.asarray(values, float), np.random.default_rng(seed)
    found = [expected_best(draw.choice(values, len(values)), k, higher_is_better) for _ in range(RESAMPLES)]
    low, high = np.quantile(found, [METHOD.alpha / 2, 1 - METHOD.alpha / 2])
    return float(low), float(high)


def compared_budgets(counts: Mapping[str, int]) -> list[int]:
    """Return the numbers of trials at which arms are shown: 1, 2, 5, 10, … up to the most, and what every arm has.

    >>> compared_budgets({"a": 12, "b": 60})
    [1, 2, 5, 10, 12, 20, 50]
    """
    steps = [step * 10**power for power in range(7) for step in (1, 2, 5)]
    return sorted({step for step in steps if step <= max(counts.values())} | {min(counts.values())})
