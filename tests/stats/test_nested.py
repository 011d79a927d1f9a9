"""The interval that respects servers: what it is invariant to, that it covers, and Holm's procedure on intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from dlbench.stats.family import holm
from dlbench.stats.nested import NestedMean, beyond, clipped, nested_mean


def draws(rng, of_server, of_pair, sides=(1, 1)):
    servers = sides[1] * rng.normal(size=(1, 3, 1)) - sides[0] * rng.normal(size=(3, 1, 1))
    return of_server * servers + of_pair * rng.normal(size=(3, 3, 2))


def test_swapping_the_sides_turns_the_sign_and_nothing_else():
    d = draws(np.random.default_rng(0), 0.02, 0.01)
    one, other = nested_mean(d), nested_mean(-d.transpose(1, 0, 2))
    assert one.mean == pytest.approx(-other.mean) and one.error == pytest.approx(other.error) and one.df == pytest.approx(other.df)


def test_a_constant_moves_the_mean_alone():
    d = draws(np.random.default_rng(1), 0.02, 0.01)
    assert nested_mean(d + 0.3).mean == pytest.approx(nested_mean(d).mean + 0.3)
    assert nested_mean(d + 0.3).error == pytest.approx(nested_mean(d).error)


def test_the_variance_is_that_of_two_groups_of_servers_where_pairs_add_nothing():
    rng = np.random.default_rng(2)
    base, head = rng.normal(size=3), rng.normal(size=3)
    found = nested_mean((head - base[:, None])[..., None].repeat(2, axis=2))
    assert found.error == pytest.approx(math.sqrt(base.var(ddof=1) / 3 + head.var(ddof=1) / 3))
    assert found.p_beyond(0.0) == pytest.approx(stats.ttest_ind(head, base, equal_var=False).pvalue), "then it is Welch's t test"


@pytest.mark.parametrize("of_server, of_pair", [(0.0, 1.0), (0.5, 1.0), (1.0, 1.0), (2.0, 1.0), (1.0, 0.0)])
@pytest.mark.parametrize("sides", [(1, 1), (1, 0)])
def test_it_covers_whatever_the_share_of_the_servers(of_server, of_pair, sides):
    rng, n = np.random.default_rng(3), 1000
    held = sum(low <= 0 <= high for low, high in (nested_mean(draws(rng, of_server, of_pair, sides)).limits() for _ in range(n)))
    assert held / n > 0.95 - 4 * math.sqrt(0.95 * 0.05 / n)


def test_pairs_taken_as_independent_do_not_cover():
    rng = np.random.default_rng(4)
    p = [stats.ttest_1samp(draws(rng, 1.0, 0.5).ravel(), 0).pvalue for _ in range(500)]
    assert np.mean(np.array(p) > 0.05) < 0.75


@pytest.mark.parametrize("d", [np.zeros((3, 2, 2)), np.zeros((1, 1, 4)), np.zeros((3, 3)), np.full((2, 2, 1), np.nan)])
def test_other_layouts_are_refused(d):
    with pytest.raises(ValueError, match="shape"):
        nested_mean(d)


def test_no_spread_at_all_is_beyond_where_the_mean_is():
    assert beyond([nested_mean(np.full((3, 3, 2), 0.1))], 0.05)[0].beyond
    assert not beyond([nested_mean(np.full((3, 3, 2), 0.01))], 0.05)[0].beyond


def test_the_verdict_is_holms_and_the_interval_agrees_with_it():
    rng, margin = np.random.default_rng(5), 0.05
    for _ in range(200):
        means = [NestedMean(float(rng.normal(0, 0.1)), float(rng.uniform(0.003, 0.03)), 4, 18) for _ in range(5)]
        found = beyond(means, margin)
        adjusted = holm([mean.p_beyond(margin) for mean in means])
        assert [case.beyond for case in found] == [p < 0.05 for p in adjusted]
        assert all(case.low > margin or case.high < -margin for case in found if case.beyond)


def test_members_that_were_not_tested_widen_the_intervals_of_the_others():
    mean = [NestedMean(0.1, 0.01, 4, 18)]
    alone, crowded = beyond(mean, 0.05)[0], beyond(mean, 0.05, untested=9)[0]
    assert crowded.low < alone.low and crowded.p_adjusted == pytest.approx(10 * alone.p_adjusted)


def test_a_stray_pair_is_drawn_in_and_servers_stay_as_they_are():
    rng = np.random.default_rng(6)
    d = draws(rng, 0.05, 0.01)
    strayed = d.copy()
    strayed[1, 2, 0] += 3.0
    assert np.abs(clipped(strayed) - d).max() < 0.2 and abs(nested_mean(clipped(strayed)).mean - nested_mean(d).mean) < 0.02
    servers = draws(rng, 1.0, 0.0)
    assert clipped(servers) == pytest.approx(servers), "whatever a server does, it does to all of its pairs"


def test_the_interval_covers_with_strays_too():
    rng, n = np.random.default_rng(7), 600
    held = 0
    for _ in range(n):
        d = draws(rng, 0.5, 1.0)
        low, high = nested_mean(clipped(d + 10 * (rng.random(d.shape) < 0.1) * rng.normal(size=d.shape))).limits()
        held += low <= 0 <= high
    assert held / n > 0.95 - 4 * math.sqrt(0.95 * 0.05 / n)
