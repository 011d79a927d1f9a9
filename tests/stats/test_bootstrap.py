"""BCa interval against scipy's own, and when it is not given."""

import numpy as np
import pytest
from scipy import stats

from dlbench.stats.bootstrap import SHOWN_FROM, paired_bootstrap


def test_equals_scipy_on_pairs_with_the_same_draws():
    a, b = np.random.default_rng(0).exponential(size=(2, 25))
    reference = stats.bootstrap((a, b), lambda x, y, axis: (x - y).mean(axis=axis), paired=True, method="BCa",
                                vectorized=True, rng=np.random.default_rng(7)).confidence_interval
    assert paired_bootstrap(a - b, 7) == pytest.approx((reference.low, reference.high), abs=1e-9)


def test_follows_its_seed_and_its_level():
    d = np.random.default_rng(1).normal(size=20)
    assert paired_bootstrap(d, 1) == paired_bootstrap(d, 1) != paired_bootstrap(d, 2)
    narrow, wide = paired_bootstrap(d, 1, alpha=0.2), paired_bootstrap(d, 1, alpha=0.01)
    assert wide[0] < narrow[0] < d.mean() < narrow[1] < wide[1]


def test_not_given_below_twenty_pairs_and_without_width_for_equal_differences():
    assert paired_bootstrap(np.arange(SHOWN_FROM - 1.0)) is None
    assert paired_bootstrap(np.full(SHOWN_FROM, 0.5)) == (0.5, 0.5)
