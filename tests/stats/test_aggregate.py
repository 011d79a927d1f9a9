"""Aggregates over datasets against direct loops, and Friedman's test on the worked example of Demšar 2006."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dlbench.stats.aggregate import (
    aggregate,
    friedman,
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


def test_each_array_has_its_own_resamples():
    x = scores(3)
    assert np.ptp(stratified_bootstrap(lambda a, b: (a - b).mean(axis=(-2, -1)), x, x - 1)) > 0.5


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


# Table 6. The mean ranks of the paper come out where the two printed 0.975 of "voting" are ranked 2 and 3, not tied.
ARMS = ["C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf"]
AUC = pd.DataFrame([
    (0.763, 0.768, 0.771, 0.798), (0.599, 0.591, 0.590, 0.569), (0.954, 0.971, 0.968, 0.967), (0.628, 0.661, 0.654, 0.657),
    (0.882, 0.888, 0.886, 0.898), (0.936, 0.931, 0.916, 0.931), (0.661, 0.668, 0.609, 0.685), (0.583, 0.583, 0.563, 0.625),
    (0.775, 0.838, 0.866, 0.875), (1.000, 1.000, 1.000, 1.000), (0.940, 0.962, 0.965, 0.962), (0.619, 0.666, 0.614, 0.669),
    (0.972, 0.981, 0.9751, 0.975), (0.957, 0.978, 0.946, 0.970)], columns=ARMS)


def test_ranks_of_demsar():
    assert friedman(AUC, "C4.5").ranks.round(3).tolist() == [3.143, 2.000, 2.893, 1.964]


def test_holm_against_the_control_of_demsar():
    """z and p of his table 7: 2.416 and 0.016, 2.342 and 0.019, 0.513 (published rounded) and 0.607."""
    result = friedman(AUC, control="C4.5")
    raw = 2 * stats.norm.sf(np.array([2.416, 2.342, 0.512]))
    expected = [3 * raw[0], 2 * raw[1], raw[2]]
    expected[1] = max(expected[:2])
    assert result.p_adjusted[["C4.5+m+cf", "C4.5+m", "C4.5+cf"]].tolist() == pytest.approx(expected, abs=2e-3)


def test_statistic_equals_the_formula_without_ties():
    x = pd.DataFrame(np.random.default_rng(0).normal(size=(12, 5)))
    result = friedman(x, control=0)
    expected = 12 * 12 / (5 * 6) * ((result.ranks**2).sum() - 5 * 36 / 4)
    assert result.statistic == pytest.approx(expected, abs=1e-9)
    assert result.p == pytest.approx(stats.chi2.sf(expected, 4), abs=1e-9)


def test_scale_and_order():
    result = friedman(AUC, "C4.5")
    assert friedman(7 * AUC - 3, "C4.5").p_adjusted.equals(result.p_adjusted)
    shuffled = friedman(AUC.sample(frac=1, random_state=0), "C4.5")
    assert shuffled.p == pytest.approx(result.p) and shuffled.ranks.tolist() == pytest.approx(result.ranks.tolist())


def test_all_tied_has_no_difference():
    result = friedman(pd.DataFrame(np.ones((4, 3))), control=0)
    assert (result.statistic, result.p) == (0.0, 1.0) and (result.p_adjusted == 1).all()


@pytest.mark.parametrize(("scores", "control"), [(AUC.iloc[:1], "C4.5"), (AUC.iloc[:, :2], "C4.5"), (AUC, "C5"),
                                                 (AUC * np.nan, "C4.5")])
def test_too_little_is_refused(scores, control):
    with pytest.raises(ValueError):
        friedman(scores, control)
