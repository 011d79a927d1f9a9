"""Aggregates over datasets against direct loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dlbench.stats.aggregate import (
    aggregate,
    interquartile_mean,
    performance_profile,
    probability_of_improvement,
    stratified_bootstrap,
)


def scores(seed, runs=5, datasets=4):
    return np.random.default_rng(seed).normal(size=(runs, datasets))


def test_interquartile_mean_is_the_mean_of_the_middle_half():
    x = scores(0, 8, 4)
    assert interquartile_mean(x) == pytest.approx(np.sort(x.ravel())[8:24].mean(), abs=1e-12)


def test_probability_of_improvement_is_the_mean_mann_whitney():
    a, b = scores(1), scores(2, runs=7)
    u = [stats.mannwhitneyu(a[:, j], b[:, j]).statistic / 35 for j in range(4)]
    assert probability_of_improvement(a, b) == pytest.approx(np.mean(u), abs=1e-12)


@settings(deadline=None)
@given(st.integers(0, 1000))
def test_symmetries(seed):
    a, b = scores(seed), scores(seed + 1)
    assert probability_of_improvement(a, b) + probability_of_improvement(b, a) == pytest.approx(1)
    assert interquartile_mean(3 * a + 1) == pytest.approx(3 * interquartile_mean(a) + 1)
    assert interquartile_mean(a[::-1, ::-1]) == pytest.approx(interquartile_mean(a))
    profile = performance_profile(a, np.linspace(-3, 3, 9))
    assert (np.diff(profile) <= 0).all() and profile[0] <= 1


def test_bootstrap_stays_within_each_dataset():
    """Runs of a dataset that are all equal have no spread, however far apart the datasets are."""
    x = np.tile([[0.0, 10.0, 20.0, 30.0]], (6, 1))
    assert stratified_bootstrap(interquartile_mean, x) == (15.0, 15.0)


def test_paired_bootstrap_draws_the_same_seeds():
    x = scores(3)
    def gap(a, b):
        return (a - b).mean(axis=(-2, -1))
    low, high = stratified_bootstrap(gap, x, x - 1, paired=True)
    assert (low, high) == pytest.approx((1.0, 1.0))
    assert np.ptp(stratified_bootstrap(gap, x, x - 1)) > 0.5


def test_bootstrap_width_is_that_of_the_normal_theory_and_follows_its_seed():
    x = scores(4, runs=40)
    low, high = stratified_bootstrap(lambda s: s.mean(axis=(-2, -1)), x, rng=0)
    error = np.sqrt((x.var(axis=0) / 40).sum()) / 4
    assert (high - low) / 2 == pytest.approx(1.96 * error, rel=0.1)
    assert stratified_bootstrap(interquartile_mean, x, rng=0) != stratified_bootstrap(interquartile_mean, x, rng=1)


def test_table_of_arms():
    table = aggregate({"base": scores(5), "arm": scores(5) + 5}, {"arm": "base"})
    row = table.iloc[0]
    assert row["improvement"] == row["improvement_low"] == 1.0
    assert row["iqm_low"] < row["iqm"] < row["iqm_high"] and row["iqm"] - row["reference_iqm"] == pytest.approx(5)


def test_bad_scores_are_refused():
    for arrays in ((np.zeros(3),), (np.full((2, 2), np.nan),), (np.zeros((2, 2)), np.zeros((2, 3)))):
        with pytest.raises(ValueError, match="runs, datasets"):
            stratified_bootstrap(interquartile_mean, *arrays)
