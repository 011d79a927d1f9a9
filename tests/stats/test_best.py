"""The best of several: unbiased for trials, held against Dodge et al.'s plug-in and simulation; for arms, conservative over all pairs."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dlbench.stats.best import best_arms, compared_budgets, expected_best, expected_best_interval


@pytest.mark.parametrize("higher", [True, False])
@pytest.mark.parametrize("k", [1, 2, 5, 8])
def test_the_expected_best_is_the_mean_over_all_subsets(k, higher):
    values = np.random.default_rng(k).normal(size=8)
    pick = max if higher else min
    assert expected_best(values, k, higher) == pytest.approx(np.mean([pick(part) for part in combinations(values, k)]))


def test_it_is_without_bias_where_the_plug_in_of_dodge_is_too_low():
    draw, ours, theirs = np.random.default_rng(0), [], []
    for _ in range(4000):
        values = np.sort(draw.uniform(size=10))
        cdf = np.arange(1, 11) / 10
        theirs.append(values @ (cdf**8 - (cdf - 0.1) ** 8))
        ours.append(expected_best(values, 8))
    true = 8 / 9
    assert np.mean(ours) == pytest.approx(true, abs=0.004) and np.mean(theirs) < true - 0.01


def test_more_trials_than_there_are_have_no_expected_best():
    assert np.isnan(expected_best([0.1, 0.2], 3)) and np.isnan(expected_best([0.1], 0))


def test_many_trials_need_no_large_numbers():
    assert expected_best(np.linspace(0, 1, 5000), 2500) == pytest.approx(1, abs=1e-3)


def test_the_interval_is_that_of_its_seed():
    values = np.random.default_rng(1).normal(size=30)
    one, again, other = (expected_best_interval(values, 5, True, seed) for seed in (1, 1, 2))
    assert one == again != other


def test_budgets_hold_what_every_arm_has():
    assert compared_budgets({"a": 7, "b": 3}) == [1, 2, 3, 5] and compared_budgets({"a": 1}) == [1]


def drawn(means, n=6, sd=0.01, seed=0):
    draw = np.random.default_rng(seed)
    return pd.DataFrame([(arm, seed, mean + draw.normal(0, sd)) for arm, mean in means.items() for seed in range(n)],
                        columns=["arm", "seed", "score"])


@pytest.mark.parametrize("paired", [False, True])
def test_arms_that_are_far_from_the_best_are_told_from_it(paired):
    runs = drawn({"low": 0.5, "high": 0.9, "as high": 0.901})
    assert set(best_arms(runs, True, paired)) == {"high", "as high"} and best_arms(runs, False, paired) == ["low"]


def test_each_pair_is_tested_at_alpha_over_all_pairs():
    runs = drawn({"a": 0.9, "b": 0.915, "c": 0.905, "d": 0.88}, seed=4)
    by_arm = {arm: part["score"] for arm, part in runs.groupby("arm")}
    best = max(by_arm, key=lambda arm: by_arm[arm].mean())
    kept = {arm for arm in by_arm if arm != best and stats.ttest_ind(by_arm[arm], by_arm[best], equal_var=False).pvalue >= 0.05 / 6}
    assert set(best_arms(runs, True)) == kept | {best} and kept != set(by_arm) - {best}


def test_of_equal_arms_all_are_kept_in_most_families():
    lost = sum(len(best_arms(drawn(dict.fromkeys("abcdef", 0.5), seed=seed), True)) < 6 for seed in range(200))
    assert lost <= 0.05 * 200 + 3 * np.sqrt(0.05 * 0.95 * 200)


def test_runs_without_spread_and_single_runs():
    runs = pd.DataFrame([("a", 0, 0.5), ("a", 1, 0.5), ("b", 0, 0.5), ("b", 1, 0.5), ("c", 0, 0.4), ("c", 1, 0.4), ("d", 0, 0.9)],
                        columns=["arm", "seed", "score"])
    assert best_arms(runs, True) == ["a", "b"] and best_arms(runs, True, paired=True) == ["a", "b"] and best_arms(runs.iloc[:1], True) == []
