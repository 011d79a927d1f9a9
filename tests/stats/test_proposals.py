"""The control of a stream of proposals: its levels are those of the papers, and its looks hold any level."""

import numpy as np
import pytest
from scipy import special, stats

from benchmarks.error_rates import judges, streams
from dlbench.stats.proposals import DISCARD, KEEP, LOOKS, UNDECIDED, ErrorControl, judge, one_sided_p


def saffron_levels(p, alpha, first, candidate):
    """Levels as the paper writes them (Ramdas et al. 2018, section 2.2, with gamma_j proportional to j**-1.6)."""
    def gamma(j):
        return j**-1.6 / special.zeta(1.6)
    levels, kept = [], []
    for t in range(1, len(p) + 1):
        def idle(since, t=t):
            return t - since - sum(one <= candidate for one in p[since:t - 1])
        level = first * gamma(idle(0))
        for number, when in enumerate(kept):
            level += (alpha - first if number == 0 else alpha) * gamma(idle(when))
        levels.append(min(candidate, (1 - candidate) * level))
        if p[t - 1] <= levels[-1]:
            kept.append(t)
    return levels, kept


def test_levels_of_the_false_discovery_rate_are_those_of_the_paper():
    rng = np.random.default_rng(0)
    p = np.where(rng.random(200) < 0.2, rng.uniform(0, 1e-4, 200), rng.random(200))
    control, levels, kept = ErrorControl("fdr", 0.05), [], []
    for number, one in enumerate(p, 1):
        levels.append(control.level)
        kept += [number] * control.add(float(one))
    expected, expected_kept = saffron_levels(p.tolist(), 0.05, 0.025, 0.1)
    np.testing.assert_allclose(levels, expected, rtol=1e-6)
    assert kept == expected_kept and len(kept) > 5


def test_levels_of_the_family_wise_error_add_up_to_alpha_and_no_p_moves_them():
    control, other = ErrorControl("fwer", 0.05), ErrorControl("fwer", 0.05)
    levels = []
    for _ in range(3000):
        levels.append(control.level)
        assert control.level == other.level
        control.add(1.0)
        other.add(0.0)
    assert sum(levels) < 0.05 < sum(levels) + 0.05 * 3000**-0.6 / 0.6
    assert control.wealth == pytest.approx(0.05 - sum(levels))


def test_a_ledger_that_is_read_again_has_the_same_level():
    past = [0.5, 0.0001, 0.05, 0.9]
    once = ErrorControl("fdr", 0.05)
    for p in past:
        once.add(p)
    again = ErrorControl("fdr", 0.05, past)
    assert (again.level, again.wealth) == (once.level, once.wealth)


@pytest.mark.parametrize("law", list(streams.LAWS))
@pytest.mark.parametrize("level", [0.05, 0.002])
def test_a_proposal_without_gain_is_kept_at_most_at_its_level(law, level):
    rng = np.random.default_rng(1)
    d = streams.LAWS[law](rng, (40_000, LOOKS[-1])) - streams.LAWS[law](rng, (40_000, LOOKS[-1]))
    p, _ = judges.stream_p(d, np.full(len(d), level))
    assert np.mean(p <= level) < level + 3 * np.sqrt(level / len(d))


def test_many_proposals_at_once_are_judged_as_one_by_one():
    rng = np.random.default_rng(2)
    d = rng.normal(size=(200, LOOKS[-1])) + rng.choice([0.0, 1.0], (200, 1))
    p, seeds = judges.stream_p(d, np.full(200, 0.004))
    for gains, of_all, taken in zip(d, p, seeds):
        look = next(found for n in LOOKS if (found := judge(gains[:n], 0.004)).verdict != "open" or n == LOOKS[-1])
        assert look.p == pytest.approx(min(of_all, 1.0))
        assert len(gains[:taken]) == taken and judge(gains[:taken], 0.004).verdict == look.verdict


def test_verdicts():
    rng = np.random.default_rng(0)
    assert judge(rng.normal(2, 1, 12), 0.01).verdict == KEEP
    assert judge([0.0, 0.0, 0.0], 0.01).verdict == DISCARD
    assert judge([0.1, 0.2, 0.3], 0.01, margin=5.0).verdict == DISCARD
    assert judge(0.4 + stats.zscore(rng.normal(size=48)), 1e-4).verdict == UNDECIDED


def test_a_bound_of_ties_is_no_proof():
    assert one_sided_p([1.0] * 3) == 0.125
    assert one_sided_p([0.0] * 48) == 1.0


def test_the_false_discovery_rate_holds_over_a_stream_whose_incumbent_serves_all():
    found = streams.run(np.random.default_rng(3), "dlbench, fdr", "normal", (0.1, 1.0), 100, proposals=40)
    assert found["FDR"] < 0.1 and found["gains found"] > 1
    greedy = streams.run(np.random.default_rng(3), "greedy, one run", "normal", (0.1, 1.0), 100, proposals=40)
    assert greedy["FDR"] > 0.5


def test_bad_control():
    with pytest.raises(ValueError, match="fwer"):
        ErrorControl("lord", 0.05)
    with pytest.raises(ValueError, match="first look"):
        judge([1.0, 2.0], 0.01)
