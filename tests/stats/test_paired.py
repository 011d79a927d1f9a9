"""Paired estimates and tests against scipy, Student's sleep data and their symmetries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from dlbench.stats.paired import (
    correlation,
    differences,
    effect_size,
    hodges_lehmann,
    paired_t,
    probability_better,
    time_ratio,
    tost,
    welch_interval,
)

SLEEP = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SLEEP_OTHER = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
scores = arrays(float, st.shared(st.integers(2, 12), key="n"), elements=st.floats(-1e3, 1e3).map(lambda x: round(x, 6)))


def test_student_1908_is_reproduced():
    result = paired_t(differences(SLEEP_OTHER, SLEEP), 0.05)
    assert result.p == pytest.approx(0.00283289019738427, abs=1e-12)
    assert (result.low, result.high) == pytest.approx((0.7001142, 2.4598858), abs=1e-7)


@pytest.mark.parametrize("n", [2, 3, 8, 50])
def test_interval_and_p_equal_scipy_ttest_rel(n):
    a, b = np.random.default_rng(n).normal(size=(2, n))
    reference = stats.ttest_rel(a, b)
    result = paired_t(differences(a, b), alpha=0.1)
    expected = reference.pvalue, *reference.confidence_interval(0.9)
    assert (result.p, result.low, result.high) == pytest.approx(expected, abs=1e-9)


def test_welch_equals_the_textbook_formula():
    a, b = np.random.default_rng(1).normal(size=7), np.random.default_rng(2).normal(0, 3, size=5)
    va, vb = a.var(ddof=1) / 7, b.var(ddof=1) / 5
    df = (va + vb) ** 2 / (va**2 / 6 + vb**2 / 4)
    half = stats.t.ppf(0.975, df) * np.sqrt(va + vb)
    centre = a.mean() - b.mean()
    assert welch_interval(a, b, 0.05) == pytest.approx((centre - half, centre + half), abs=1e-9)


@settings(deadline=None)
@given(scores, scores)
def test_swapping_the_arms_negates_everything_but_p(a, b):
    there, back = paired_t(differences(a, b), 0.05), paired_t(differences(b, a), 0.05)
    assert back.difference == pytest.approx(-there.difference)
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low))
    assert back.p == pytest.approx(there.p)
    assert hodges_lehmann(differences(b, a)) == pytest.approx(-hodges_lehmann(differences(a, b)))
    assert probability_better(differences(b, a)) == pytest.approx(1 - probability_better(differences(a, b)))


@settings(deadline=None)
@given(scores, scores, st.floats(1e-3, 1e3))
def test_scaling_the_metric_scales_the_interval(a, b, factor):
    plain, scaled = paired_t(differences(a, b), 0.05), paired_t(differences(factor * a, factor * b), 0.05)
    assert scaled[:3] == pytest.approx([factor * value for value in plain[:3]], rel=1e-6, abs=1e-9)
    assert scaled.p == pytest.approx(plain.p, rel=1e-5)


@settings(deadline=None)
@given(scores, scores)
def test_no_result_is_nan(a, b):
    d = differences(a, b)
    assert np.isfinite([*paired_t(d, 0.05), hodges_lehmann(d), *welch_interval(a, b, 0.05)]).all()
    assert effect_size(d) is None or np.isfinite(effect_size(d))
    assert correlation(a, b) is None or -1 <= correlation(a, b) <= 1


def test_rounding_noise_is_not_a_difference():
    d = differences([0.1 + 0.2, 1.0], [0.3, 1.0])
    assert d.tolist() == [0.0, 0.0]
    assert paired_t(d, 0.05) == (0.0, 0.0, 0.0, 1.0, 0.0)
    assert effect_size(d) == 0.0 and probability_better(d) == 0.5


def test_constant_difference_is_judged_by_its_signs():
    result = paired_t(differences([0.9, 0.8, 0.7, 0.6], [0.8, 0.7, 0.6, 0.5]), 0.05)
    assert result.low == result.high == pytest.approx(0.1)
    assert result.p == 2 / 2**4 and effect_size([0.1, 0.1]) is None


def test_hodges_lehmann_and_probability_by_brute_force():
    d = np.random.default_rng(3).normal(size=9)
    walsh = [(d[i] + d[j]) / 2 for i in range(9) for j in range(i, 9)]
    assert hodges_lehmann(d) == pytest.approx(np.median(walsh), abs=1e-12)
    assert probability_better([1.0, 0.0, -2.0], higher_is_better=False) == 0.5
    assert probability_better([1.0, 1.0, -2.0], higher_is_better=False) == pytest.approx(1 / 3)


def test_correlation_equals_scipy_and_needs_variation():
    a, b = np.random.default_rng(4).normal(size=(2, 6))
    assert correlation(a, b) == pytest.approx(stats.pearsonr(a, b).statistic, abs=1e-12)
    assert correlation([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]) is None
    assert correlation([1.0, 2.0], [1.0, 2.0]) is None


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e200])
def test_a_score_that_is_no_number_is_refused(bad):
    with pytest.raises(ValueError, match="finite"):
        differences([bad, 1.0], [1.0, 1.0])


def test_shapes_and_too_few_pairs_are_refused():
    with pytest.raises(ValueError, match="length"):
        differences([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="at least 2"):
        paired_t([1.0], 0.05)


@pytest.mark.parametrize("n", [2, 5, 20])
def test_p_is_the_larger_of_two_one_sided_tests(n):
    d = np.random.default_rng(n).normal(0.1, 1, size=n)
    lower = stats.ttest_1samp(d, -0.7, alternative="greater").pvalue
    upper = stats.ttest_1samp(d, 0.7, alternative="less").pvalue
    assert tost(d, 0.7) == pytest.approx(max(lower, upper), abs=1e-9)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_equivalent_exactly_when_the_90_percent_interval_is_inside(seed):
    rng = np.random.default_rng(seed)
    d = rng.normal(rng.normal(), 1, size=8)
    low, high = stats.ttest_1samp(d, 0).confidence_interval(0.9)
    assert (tost(d, 1.0) < 0.05) == (low > -1 and high < 1)
    assert tost(-d, 1.0) == pytest.approx(tost(d, 1.0))
    assert tost(3 * d, 3.0) == pytest.approx(tost(d, 1.0))


def test_equal_differences():
    assert tost(np.zeros(3), 0.1) == 1.0
    assert tost(np.full(6, 0.05), 0.1) == 2.0**-6
    assert tost(np.full(6, 0.1), 0.1) == tost(np.full(6, -0.2), 0.1) == 1.0


@pytest.mark.parametrize("margin", [0.0, -1.0, np.nan, np.inf])
def test_a_margin_must_be_positive(margin):
    with pytest.raises(ValueError, match="margin"):
        tost([1.0, 2.0], margin)


def test_one_pair_is_refused():
    with pytest.raises(ValueError, match="at least 2"):
        tost([1.0], 0.1)


def rounds(seed, n=6):
    return np.random.default_rng(seed).lognormal(size=(2, n))


def test_equals_a_t_interval_on_the_logs():
    a, b = rounds(0)
    reference = stats.ttest_rel(np.log(a), np.log(b)).confidence_interval(0.9)
    assert time_ratio(a, b, 0.1)[1:] == pytest.approx(tuple(np.exp(reference)), rel=1e-12)
    assert time_ratio(a, b, 0.1)[0] == pytest.approx(stats.gmean(a / b), rel=1e-12)


@settings(deadline=None)
@given(st.integers(0, 1000), st.floats(1e-6, 1e6))
def test_swapping_inverts_and_the_unit_of_time_does_not_matter(seed, unit):
    a, b = rounds(seed)
    there, back, scaled = time_ratio(a, b, 0.05), time_ratio(b, a, 0.05), time_ratio(unit * a, unit * b, 0.05)
    assert back == pytest.approx((1 / there[0], 1 / there[2], 1 / there[1]))
    assert scaled == pytest.approx(there)


def test_equal_times_have_ratio_one():
    assert time_ratio([1.0, 2.0], [1.0, 2.0], 0.05) == (1.0, 1.0, 1.0)


def test_a_single_round_has_no_interval():
    ratio, low, high = time_ratio([3.0], [2.0], 0.05)
    assert ratio == pytest.approx(1.5) and np.isnan([low, high]).all()


@pytest.mark.parametrize(("a", "b"), [([], []), ([1.0, 2.0], [1.0, 2.0, 3.0]), ([0.0, 1.0], [1.0, 1.0]),
                                      ([np.nan, 1.0], [1.0, 1.0]), ([1.0, np.inf], [1.0, 1.0])])
def test_meaningless_times_are_refused(a, b):
    with pytest.raises(ValueError, match=r"same length|positive"):
        time_ratio(a, b, 0.05)
