"""Ratios of times over rounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dlbench.stats.ratios import time_ratio


def rounds(seed, n=6):
    return np.random.default_rng(seed).lognormal(size=(2, n))


def test_equals_a_t_interval_on_the_logs():
    a, b = rounds(0)
    reference = stats.ttest_rel(np.log(a), np.log(b)).confidence_interval(0.9)
    assert time_ratio(a, b, 0.1)[1:] == pytest.approx(tuple(np.exp(reference)), rel=1e-12)
    assert time_ratio(a, b, 0.1).ratio == pytest.approx(stats.gmean(a / b), rel=1e-12)


@settings(deadline=None)
@given(st.integers(0, 1000), st.floats(1e-6, 1e6))
def test_swapping_inverts_and_the_unit_of_time_does_not_matter(seed, unit):
    a, b = rounds(seed)
    there, back, scaled = time_ratio(a, b, 0.05), time_ratio(b, a, 0.05), time_ratio(unit * a, unit * b, 0.05)
    assert back.ratio == pytest.approx(1 / there.ratio) and back.low == pytest.approx(1 / there.high)
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
