"""Time ratios: rounds count, iterations do not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dlbench.stats.ratios import time_ratio


def rounds(seed, n=6, iterations=5):
    return np.random.default_rng(seed).lognormal(size=(2, n, iterations))


def test_equals_a_t_interval_on_the_log_medians():
    a, b = rounds(0)
    reference = stats.ttest_rel(np.log(np.median(a, axis=1)), np.log(np.median(b, axis=1)))
    result = time_ratio(a, b)
    expected = *np.exp(reference.confidence_interval()), reference.pvalue
    assert (result.low, result.high, result.p) == pytest.approx(expected, abs=1e-9)


@settings(deadline=None)
@given(st.integers(0, 1000), st.floats(1e-6, 1e6))
def test_swapping_inverts_and_the_unit_of_time_does_not_matter(seed, unit):
    a, b = rounds(seed)
    there, back, scaled = time_ratio(a, b), time_ratio(b, a), time_ratio(unit * a, unit * b)
    assert back.ratio == pytest.approx(1 / there.ratio) and back.low == pytest.approx(1 / there.high)
    assert back.p == pytest.approx(there.p) and scaled[:3] == pytest.approx(there[:3])


def test_more_iterations_of_a_round_do_not_narrow_the_interval():
    a, b = rounds(1)
    assert time_ratio(np.repeat(a, 9, axis=1), np.repeat(b, 9, axis=1)) == pytest.approx(time_ratio(a, b))


def test_equal_times_have_ratio_one():
    assert time_ratio([1.0, 2.0], [1.0, 2.0]) == (1.0, 1.0, 1.0, 1.0, 2)


@pytest.mark.parametrize(("a", "b"), [([1.0], [1.0]), ([1.0, 2.0], [1.0, 2.0, 3.0]), ([0.0, 1.0], [1.0, 1.0]),
                                      ([np.nan, 1.0], [1.0, 1.0]), ([1.0, np.inf], [1.0, 1.0])])
def test_meaningless_times_are_refused(a, b):
    with pytest.raises(ValueError, match=r"rounds|positive"):
        time_ratio(a, b)
