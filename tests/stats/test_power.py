"""Planning against published values, integration, simulation and the definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from dlbench.stats.crossed import ExamplePart
from dlbench.stats.equivalence import LEAST_SEEDS, skewed_quantile
from dlbench.stats.power import (
    Spread,
    detectable_difference,
    equivalence_power,
    examples_needed,
    paired_power,
    seeds_needed,
    study_reach,
    upper_sd,
)


def power_by_integration(effect, n, level):
    """P(|T| > t) with T noncentral, integrated over the chi distribution of the spread."""
    critical, shift, df = stats.t.ppf(1 - level / 2, n - 1), effect * np.sqrt(n), n - 1
    def integrand(u):
        tails = stats.norm.sf(critical * u - shift) + stats.norm.cdf(-critical * u - shift)
        return tails * stats.chi.pdf(u * np.sqrt(df), df) * np.sqrt(df)
    return integrate.quad(integrand, 0, 10, limit=500, epsabs=1e-12, points=[min(9.0, shift / critical), 1.0])[0]


@pytest.mark.parametrize(("effect", "n"), [(0.2, 199), (0.5, 34), (0.8, 15), (1.0, 10)])
def test_sample_sizes_of_g_power(effect, n):
    """Two-sided one-sample t, alpha 0.05, power 0.8: Faul et al., Behav. Res. Methods 39, 2007."""
    assert seeds_needed(effect, 1.0) == n


@pytest.mark.parametrize("n", [2, 5, 12])
@pytest.mark.parametrize("effect", [0.0, 0.5, 2.0, 30.0])
def test_power_equals_integration(effect, n):
    assert paired_power(effect, 1.0, n, k=10) == pytest.approx(power_by_integration(effect, n, 0.005), abs=1e-7)


@settings(deadline=None)
@given(st.floats(0.05, 20), st.integers(1, 100))
def test_seeds_needed_is_the_smallest(effect, k):
    n = seeds_needed(effect, 1.0, k)
    assert paired_power(effect, 1.0, n, k) >= 0.8
    assert n == 2 or paired_power(effect, 1.0, n - 1, k) < 0.8


@pytest.mark.parametrize("k", [1, 10, 500])
@pytest.mark.parametrize("n", [2, 3, 8, 50])
def test_detectable_difference_inverts_seeds_needed(n, k):
    difference = detectable_difference(n, 0.01, k)
    assert seeds_needed(difference * (1 + 1e-6), 0.01, k) == n
    assert seeds_needed(difference * (1 - 1e-6), 0.01, k) == n + 1


def test_upper_sd_covers_as_often_as_it_says():
    sd = np.random.default_rng(0).normal(size=(20_000, 5)).std(axis=1, ddof=1)
    limits = upper_sd(1.0, 5) * sd
    assert np.mean(limits > 1) == pytest.approx(0.8, abs=0.01)


def test_ends_of_the_range():
    assert seeds_needed(1.0, 0.0) == 2 and detectable_difference(5, 0.0) == 0.0
    assert seeds_needed(1e-9, 1.0) is None
    assert seeds_needed(0.00335, 1.0) == pytest.approx(699_400, rel=1e-4), "short of a million, and so it is a number"


@pytest.mark.parametrize("call", [lambda: seeds_needed(0.0, 1.0), lambda: seeds_needed(np.nan, 1.0), lambda: upper_sd(1.0, 1),
                                  lambda: detectable_difference(1, 1.0), lambda: detectable_difference(3, np.inf)])
def test_meaningless_input_is_refused(call):
    with pytest.raises(ValueError):
        call()


@pytest.mark.parametrize(("n", "k"), [(3, 1), (8, 1), (8, 10), (20, 10)])
def test_equivalence_power_equals_a_simulation_of_tost(n, k):
    d = np.random.default_rng(n).normal(0, 0.7, (40_000, n))
    error = d.std(axis=1, ddof=1) / np.sqrt(n)
    p = special.stdtr(n - 1, (np.abs(d.mean(axis=1)) - 1.0) / error)
    shown = (p < 0.05 / k) & (np.abs(d.mean(axis=1)) + skewed_quantile(0.05, n) * error < 1.0) & (n >= LEAST_SEEDS)
    assert equivalence_power(1.0, 0.7, n, k) == pytest.approx(shown.mean(), abs=0.008)


def test_many_seeds_follow_the_normal_formula():
    """With n large, power = 2 Phi(margin sqrt(n) / sd - z) - 1."""
    n = 4000
    expected = 2 * special.ndtr(0.05 * np.sqrt(n) - special.ndtri(0.95)) - 1
    assert expected > equivalence_power(0.05, 1.0, n) == pytest.approx(expected, abs=0.015), "skew costs less and less"


def test_reach_agrees_with_its_parts():
    reach = study_reach(8, 0.004, 0.005, k=10)
    assert paired_power(reach.detectable, 0.004, 8, 10) == pytest.approx(0.8, abs=1e-6)
    assert paired_power(0.005, 0.004, reach.seeds, 10) >= 0.8 > paired_power(0.005, 0.004, reach.seeds - 1, 10)
    assert equivalence_power(0.005, 0.004, reach.equivalence_seeds, 10) >= 0.8
    assert equivalence_power(0.005, 0.004, reach.equivalence_seeds - 1, 10) < 0.8
    assert "out of reach: 8 seeds" in reach.warning


def test_a_margin_in_reach_gives_no_warning_and_no_spread_decides_everything():
    assert study_reach(30, 0.002, 0.005, k=10).warning == ""
    assert study_reach(5, 0.0, 0.005) == (0.0, 1.0, 1.0, 2, 5, "", None)


def test_a_hopeless_margin_is_said():
    reach = study_reach(5, 1.0, 1e-9)
    assert reach.seeds is None and reach.equivalence_seeds is None and "more than a million seeds" in reach.warning


@pytest.mark.parametrize("wrong", [{"margin": 0.0}, {"margin": np.inf}, {"n": 1}, {"sd": -1.0}, {"sd": np.nan}])
def test_meaningless_plans_are_refused(wrong):
    with pytest.raises(ValueError):
        study_reach(**{"n": 8, "sd": 1.0, "margin": 1.0} | wrong)


@pytest.mark.parametrize(("n", "k"), [(3, 1), (8, 10)])
@pytest.mark.parametrize("of_examples", [0.1, 1.0])
def test_power_on_new_data_equals_a_simulation(n, k, of_examples):
    rng, sd, part = np.random.default_rng(n), 0.5, ExamplePart((of_examples * 0.3) ** 2, 400)
    d = rng.normal(0, sd, (40_000, n)) + np.sqrt(part.variance) * rng.normal(size=(40_000, 1))
    error, mean = d.std(axis=1, ddof=1) / np.sqrt(n), d.mean(axis=1)

    def half(quantile):
        return np.hypot(quantile(n - 1) * error, quantile(399) * np.sqrt(part.variance))

    found = (np.abs(mean + 1.0) > half(lambda df: stats.t.isf(0.05 / k / 2, df))).mean()
    assert paired_power(1.0, Spread(sd, part), n, k) == pytest.approx(found, abs=0.01)
    if n >= LEAST_SEEDS:
        critical = max(skewed_quantile(0.05, n), stats.t.isf(0.05 / k, n - 1))
        width = np.hypot(critical * error, stats.t.isf(0.05 / k, 399) * np.sqrt(part.variance))
        assert equivalence_power(1.0, Spread(sd, part), n, k) == pytest.approx((np.abs(mean) + width < 1.0).mean(), abs=0.01)


def test_a_small_part_of_the_examples_changes_little_and_a_large_one_cannot_be_outrun_by_seeds():
    assert paired_power(1.0, Spread(1.0, ExamplePart(1e-8, 500)), 8) == pytest.approx(paired_power(1.0, 1.0, 8), abs=1e-3)
    part = ExamplePart(0.2, 400)
    assert seeds_needed(1.0, Spread(1.0, part), k=10) is None
    enough = examples_needed(1.0, Spread(1.0, part), k=10)
    assert enough > 400 and seeds_needed(1.0, Spread(1.0, ExamplePart(0.2 * 400 / (2 * enough), 2 * enough)), k=10) < 200
    reach = study_reach(8, Spread(1.0, part), 1.0, k=10)
    assert reach.examples == enough and f"more than {enough:,} test examples: with 400, no number of seeds is enough" in reach.warning
    assert paired_power(reach.detectable, Spread(1.0, part), 8, 10) == pytest.approx(0.8, abs=1e-6)
