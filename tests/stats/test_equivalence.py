"""TOST against two one-sided scipy tests and the interval that defines it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dlbench.stats.equivalence import tost


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
    assert tost(np.zeros(3), 0.1) == 0.0
    assert tost(np.full(6, 0.05), 0.1) == 2.0**-6
    assert tost(np.full(6, 0.1), 0.1) == tost(np.full(6, -0.2), 0.1) == 1.0


@pytest.mark.parametrize("margin", [0.0, -1.0, np.nan, np.inf])
def test_a_margin_must_be_positive(margin):
    with pytest.raises(ValueError, match="margin"):
        tost([1.0, 2.0], margin)


def test_one_pair_is_refused():
    with pytest.raises(ValueError, match="at least 2"):
        tost([1.0], 0.1)
