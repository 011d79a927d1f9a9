"""Non-inferiority: its limits against libraries, its error rates with all interim analyses, and its power as planned."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from benchmarks.error_rates.quality import rates
from dlbench.stats.boundaries import boundaries
from dlbench.stats.equivalence import skewed_quantile
from dlbench.stats.noninferiority import paired_gain, plan_power, seeds_to_show, unpaired_gain

PLAN = boundaries((5, 8, 12, 20), 1)
STUDIES = 3_000
SURE = 3 * math.sqrt(0.05 * 0.95 / STUDIES)


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def test_the_limit_of_worse_is_that_of_the_t_test(rng):
    new, old = rng.normal(size=(2, 9))
    assert paired_gain(new, old, 0.05).high == pytest.approx(stats.ttest_rel(new, old).confidence_interval(0.9).high)
    welch = CompareMeans(DescrStatsW(new), DescrStatsW(old)).tconfint_diff(0.1, usevar="unequal")
    assert unpaired_gain(new, old, 0.05).high == pytest.approx(welch[1])


def test_the_limit_of_not_worse_is_wider_for_skew(rng):
    new, old = rng.normal(size=(2, 9))
    gain, error = paired_gain(new, old, 0.05), (new - old).std(ddof=1) / 3
    assert (gain.mean - gain.low) / error == pytest.approx(skewed_quantile(0.05, 9))
    assert gain.mean - gain.low > gain.high - gain.mean
    assert unpaired_gain(new, old, 0.05).low < stats.ttest_ind(new, old, equal_var=False).confidence_interval(0.9).low


def test_differences_without_spread_show_something_only_by_their_number():
    ties, shift = (paired_gain(np.arange(8) + gain, np.arange(8), 0.05) for gain in (0.0, 0.1))
    assert (ties.low, ties.high) == (-math.inf, math.inf) and (shift.low, shift.high) == pytest.approx((0.1, 0.1))
    assert paired_gain([1.1, 2.1], [1, 2], 0.05).low == -math.inf
    assert unpaired_gain([1, 1, 1], [2, 2, 2], 0.05).low == -math.inf


@pytest.mark.parametrize("paired", [True, False])
@pytest.mark.parametrize(("law", "most"), [("normal", 0.05), ("heavy tails (t with 3 degrees of freedom)", 0.05),
                                           ("rare losses (exponential)", 0.055)])
def test_not_worse_is_false_at_the_margin_in_one_of_twenty_comparisons_at_most(rng, law, most, paired):
    shown, _, _ = rates(rng, STUDIES, law, -1.0, 1.0, paired, PLAN)
    assert shown <= most + SURE


def test_worse_is_false_at_the_margin_in_one_of_twenty_comparisons(rng):
    _, worse, _ = rates(rng, STUDIES, "normal", -1.0, 1.0, True, PLAN)
    assert 0.03 < worse <= 0.05 + SURE


@pytest.mark.parametrize("margin", [0.75, 1.5])
def test_power_and_seeds_are_as_planned(rng, margin):
    planned, (shown, _, seeds) = plan_power(margin, 1.0, PLAN), rates(rng, STUDIES, "normal", 0.0, margin, True, PLAN)
    assert shown == pytest.approx(planned.shown, abs=0.04) and seeds == pytest.approx(planned.seeds, abs=0.5)


def test_the_seeds_that_are_told_to_be_needed_are_enough(rng):
    needed = seeds_to_show(1.0, 1.0)
    shown, fewer = (rates(rng, STUDIES, "normal", 0.0, 1.0, True, boundaries((n,), 1))[0] for n in (needed, needed - 1))
    assert fewer < 0.8 + SURE and shown > 0.8 - SURE
    assert seeds_to_show(1.0, 0.0) == 5 and seeds_to_show(1e-9, 1.0) is None
