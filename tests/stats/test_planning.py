"""What a study can detect: consistent with the tests that it plans."""

import numpy as np
import pytest
from scipy import special

from dlbench.stats.planning import equivalence_power, study_reach
from dlbench.stats.power import paired_power


@pytest.mark.parametrize(("n", "k"), [(3, 1), (8, 1), (8, 10), (20, 10)])
def test_equivalence_power_equals_a_simulation_of_tost(n, k):
    d = np.random.default_rng(n).normal(0, 0.7, (40_000, n))
    error = d.std(axis=1, ddof=1) / np.sqrt(n)
    p = special.stdtr(n - 1, (np.abs(d.mean(axis=1)) - 1.0) / error)
    assert equivalence_power(1.0, 0.7, n, k) == pytest.approx((p < 0.05 / k).mean(), abs=0.008)


def test_many_seeds_follow_the_normal_formula():
    """With n large, power = 2 Phi(margin sqrt(n) / sd - z) - 1."""
    n = 4000
    expected = 2 * special.ndtr(0.05 * np.sqrt(n) - special.ndtri(0.95)) - 1
    assert equivalence_power(0.05, 1.0, n) == pytest.approx(expected, abs=1e-3)


def test_reach_agrees_with_its_parts():
    reach = study_reach(8, 0.004, 0.005, k=10)
    assert paired_power(reach.detectable, 0.004, 8, 10) == pytest.approx(0.8, abs=1e-6)
    assert paired_power(0.005, 0.004, reach.seeds, 10) >= 0.8 > paired_power(0.005, 0.004, reach.seeds - 1, 10)
    assert equivalence_power(0.005, 0.004, reach.equivalence_seeds, 10) >= 0.8
    assert equivalence_power(0.005, 0.004, reach.equivalence_seeds - 1, 10) < 0.8
    assert "out of reach: 8 seeds" in reach.warning


def test_a_margin_in_reach_gives_no_warning_and_no_spread_decides_everything():
    assert study_reach(30, 0.002, 0.005, k=10).warning == ""
    assert study_reach(2, 0.0, 0.005) == (0.0, 1.0, 1.0, 2, 2, "")


def test_a_hopeless_margin_is_said():
    reach = study_reach(5, 1.0, 1e-9)
    assert reach.seeds is None and reach.equivalence_seeds is None and "more than a million seeds" in reach.warning


@pytest.mark.parametrize("wrong", [{"margin": 0.0}, {"margin": np.inf}, {"n": 1}, {"sd": -1.0}, {"sd": np.nan}])
def test_meaningless_plans_are_refused(wrong):
    with pytest.raises(ValueError):
        study_reach(**{"n": 8, "sd": 1.0, "margin": 1.0} | wrong)
