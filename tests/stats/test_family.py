"""Adjusted p-values against their definitions and scipy."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dlbench.stats.family import holm, max_t_signflip


def signflip_by_enumeration(d):
    """Max-T p of a full table, straight from the definition."""
    def largest(table):
        t = table.mean(axis=1) / (table.std(axis=1, ddof=1) / np.sqrt(table.shape[1]))
        return np.abs(t)
    observed = largest(d)
    flips = np.array([largest(d * np.array(signs)).max() for signs in product([1, -1], repeat=d.shape[1])])
    return (flips[:, None] >= observed * (1 - 1e-9)).mean(axis=0)


def test_holm_equals_the_step_down_definition():
    p = np.random.default_rng(0).uniform(size=9)
    ordered = np.sort(p)
    expected = [min(1.0, max((9 - j) * ordered[j] for j in range(i + 1))) for i in range(9)]
    assert np.sort(holm(p)) == pytest.approx(expected, abs=1e-12)


def test_holm_reproduces_r_p_adjust():
    assert holm([0.01, 0.02, 0.03, 0.04, 0.05]) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    assert holm([]).size == 0


def test_holm_refuses_nan():
    with pytest.raises(ValueError, match="p-values"):
        holm([0.1, np.nan])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_never_lowers_a_p_nor_exceeds_bonferroni(p):
    adjusted = holm(p)
    assert (adjusted >= np.array(p) - 1e-15).all() and (adjusted <= np.minimum(1, len(p) * np.array(p)) + 1e-15).all()


@pytest.mark.parametrize("arms", [1, 4])
def test_signflip_equals_the_enumeration(arms):
    d = np.random.default_rng(arms).normal(0.4, 1, size=(arms, 7))
    assert max_t_signflip(d) == pytest.approx(signflip_by_enumeration(d), abs=1e-12)


def test_one_arm_equals_scipy_permutation_test():
    d = np.random.default_rng(5).normal(0.5, 1, size=9)
    reference = stats.permutation_test((d, np.zeros(9)), lambda a, b, axis: np.abs((a - b).mean(axis=axis)),
                                       permutation_type="samples", vectorized=True, alternative="greater", n_resamples=np.inf)
    assert max_t_signflip(d[None])[0] == pytest.approx(reference.pvalue, abs=1e-12)


def test_monte_carlo_agrees_with_the_exact_p_and_follows_its_seed():
    d = np.random.default_rng(6).normal(0.35, 1, size=(3, 17))
    exact = max_t_signflip(d[:, :16])
    padded = np.hstack([d[:, :16], np.zeros((3, 1))])
    assert max_t_signflip(padded, 0) == pytest.approx(max_t_signflip(padded, 0))
    assert max_t_signflip(padded, 0).tolist() != max_t_signflip(padded, 1).tolist()
    assert exact.min() > 0 and max_t_signflip(d, 0).min() >= 1 / 10_001


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_signflip_ignores_the_order_of_seeds_and_the_sign_of_arms(seed):
    rng = np.random.default_rng(seed)
    d = rng.normal(size=(3, 6))
    shuffled = d[:, rng.permutation(6)] * np.array([[1.0], [-1.0], [1.0]]) * 7
    assert max_t_signflip(shuffled) == pytest.approx(max_t_signflip(d), abs=1e-12)


def test_the_floor_is_two_patterns_and_constant_arms_reach_it():
    assert max_t_signflip(np.full((1, 5), 0.3))[0] == 2 / 2**5
    assert max_t_signflip(np.zeros((1, 5)))[0] == 1.0


def test_an_arm_of_two_seeds_neither_wins_nor_masks_the_others():
    d = np.random.default_rng(7).normal(2, 1, size=(2, 10))
    d[1, 2:] = np.nan
    d[1, :2] = [1.0, 1.0001]
    p = max_t_signflip(d)
    assert p[0] < 0.05 and p[1] >= 0.5
    assert np.isnan(max_t_signflip(np.array([[1.0, 2.0], [np.nan, np.nan]]))[1])
    assert np.isnan(max_t_signflip(np.full((1, 3), np.nan))).all()
