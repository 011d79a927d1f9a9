"""Declared looks: boundaries that spend what they should, decisions and replays."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dlbench.stats.boundaries import Decided, boundaries, shared_levels
from dlbench.stats.family import holm
from dlbench.stats.gatekeeping import gatekept
from dlbench.stats.method import Method, Rule
from dlbench.stats.sequential import judge_extension, judge_interim
from dlbench.stats.verdict import COLUMNS, compare
from tests.stats.replay import judge_looks

PLAN = boundaries((3, 6, 9), arms=2, paths=200_000)
RULE = Rule(margin=0.005, unit="accuracy")
REFERENCES = {"good": "base", "dull": "base"}


def study(seeds, effect=0.05, noise=0.002, dull_noise=0.01):
    """Scores of a baseline, an arm with an effect and an arm at half the margin."""
    rng = np.random.default_rng(11)
    base, good, dull = 0.8 + rng.normal(0, [[0.02], [noise], [dull_noise]], (3, 9))
    arms = {"base": base, "good": base + good - 0.8 + effect, "dull": base + dull - 0.8 + 0.0025}
    return pd.DataFrame([(arm, seed, scores[seed]) for arm, scores in arms.items() for seed in seeds],
                        columns=["arm", "seed", "score"])


def test_a_power_of_the_share_spends_little_early_and_everything_in_the_end():
    d, plan = np.random.default_rng(98).normal(size=(200_000, 12)), boundaries((4, 8, 12), arms=1, exponent=3)
    crossed = np.zeros(len(d), bool)
    for n, effect in zip(plan.looks, plan.effect, strict=True):
        crossed |= stats.ttest_1samp(d[:, :n], 0.0, axis=1).pvalue <= effect
        assert crossed.mean() == pytest.approx(0.05 * (n / 12) ** 3, abs=0.0018)


def shared(p, plan=PLAN, look=9):
    return shared_levels([p], plan, look, "effect")[0]


def test_one_look_shares_alpha_as_holm_does():
    p = [0.001, 0.02, 0.6, 0.012, None]
    adjusted = shared(p, boundaries((7,), arms=5, paths=1000), 7)
    assert adjusted[:4] == pytest.approx(holm([0.001, 0.02, 0.6, 0.012, 1.0])[:4]) and adjusted[4] is None


def test_a_decided_arm_leaves_its_share_to_the_others_at_once_and_later():
    alone, after = shared([0.02])[0], shared([0.02], replace(PLAN, decided=Decided(effect=1)))[0]
    assert after < alone and shared([0.02, 1e-9])[0] == pytest.approx(after)
    assert shared([0.02], replace(PLAN, decided=Decided(equivalence=1)))[0] == alone


def test_one_look_at_several_metrics_is_gatekeeping():
    rng, plan = np.random.default_rng(5), boundaries((7,), arms=3, paths=1000)
    for _ in range(50):
        p = rng.uniform(size=(2, 3)) ** 6
        expected = gatekept(p)
        adjusted = np.array(shared_levels(p.tolist(), plan, 7, "effect"), float)
        assert ((adjusted < 0.05) == (expected < 0.05)).all(), "what alpha decides is decided alike"
        assert (np.diff(adjusted, axis=0) >= 0).all()


def test_a_later_metric_is_tested_only_once_the_first_is_decided():
    assert shared_levels([[0.5], [1e-9]], PLAN, 9, "effect")[1][0] >= 0.05
    assert shared_levels([[1e-9], [1e-9]], PLAN, 9, "effect")[1][0] < 0.05
    assert shared_levels([[1e-9], [None]], PLAN, 9, "effect")[1] == [None]


@pytest.mark.parametrize("sign", [1, pytest.param(-1, marks=pytest.mark.slow)])
def test_several_metrics_at_looks_keep_the_family_wise_error(sign):
    """The first metric of an arm has an effect, so that the gate is open; nothing else has one."""
    rng, plan, false, studies = np.random.default_rng(3), boundaries((4, 8), arms=2, exponent=3), 0, 4000
    for _ in range(studies):
        d = rng.normal(size=(2, 2, 8))  # metric, arm, seed
        d[1] = 0.7 * sign * d[0] + 0.7 * d[1]
        d[0, 0] += 1.5
        false += _claims_more_than_the_first(d, plan)
    assert false / studies < 0.05 + 3 * np.sqrt(0.05 * 0.95 / studies)


def _claims_more_than_the_first(d, plan):
    still = [0, 1]
    for n in plan.looks:
        p = stats.ttest_1samp(d[:, still, :n], 0.0, axis=2).pvalue
        decided = np.array(shared_levels(p.tolist(), replace(plan, decided=Decided(0)), n, "effect"), float) < 0.05
        if decided[1].any() or any(decided[0, position] for position, arm in enumerate(still) if arm == 1):
            return True
        still = [arm for position, arm in enumerate(still) if not decided[0, position]]
        if not still:
            return False
    return False


def test_one_look_is_the_plain_test():
    plan = boundaries((7,), arms=5)
    assert plan.effect == (0.01,) and plan.equivalence == (0.01,)


def test_boundaries_spend_alpha_in_proportion_to_the_seeds():
    """Crossing rates of a fresh simulation, independent of the one that set the levels."""
    plan = boundaries((4, 8, 12), arms=1)
    d = np.random.default_rng(99).normal(size=(200_000, 12))
    crossed, lower = np.zeros(len(d), bool), np.zeros(len(d), bool)
    for n, effect, equivalence in zip(plan.looks, plan.effect, plan.equivalence, strict=True):
        result = stats.ttest_1samp(d[:, :n], 0.0, axis=1)
        crossed |= result.pvalue <= effect
        lower |= stats.t.cdf(result.statistic, n - 1) <= equivalence
        assert crossed.mean() == pytest.approx(0.05 * n / 12, abs=0.0018)
        assert lower.mean() == pytest.approx(0.05 * n / 12, abs=0.0018)


def test_boundaries_follow_their_simulation_and_are_reproducible():
    again = boundaries((3, 6, 9), arms=2, paths=199_999)
    assert again.effect != PLAN.effect
    assert boundaries.__wrapped__((3, 6, 9), 2, paths=200_000) == PLAN
    assert boundaries((3, 6, 9), 2, exponent=3, paths=200_000).effect != PLAN.effect


def test_a_large_effect_stops_early_and_the_rest_goes_on():
    table = judge_interim(study(range(3)), REFERENCES, RULE, PLAN, 3).set_index("arm")
    assert list(table.reset_index().columns) == list(COLUMNS)
    assert table.loc["good", "verdict"] == "helps" and table.loc["dull", "verdict"] == "inconclusive"
    assert table.loc["dull", "seeds_needed"] == 6 and "goes on to 6 seeds" in table.loc["dull", "reason"]


def test_the_rescaled_p_decides_exactly_where_the_raw_p_passes_its_level():
    scores = study(range(6), effect=0.004)
    table = judge_interim(scores, REFERENCES, RULE, PLAN, 6)
    plain = compare(scores, REFERENCES, RULE)
    expected = np.minimum(1, plain["p"].to_numpy(float) * 0.05 / PLAN.effect[1])
    assert table["p_adjusted"].to_numpy(float) == pytest.approx(expected)
    good, base = (scores.loc[scores["arm"] == arm, "score"] for arm in ("good", "base"))
    limits = stats.ttest_rel(good, base).confidence_interval(1 - PLAN.effect[1])
    assert (table.loc[0, "simultaneous_low"], table.loc[0, "simultaneous_high"]) == pytest.approx((limits.low, limits.high))


def test_the_last_look_says_how_many_seeds_would_decide():
    row = judge_interim(study(range(9)), {"dull": "base"}, RULE, PLAN, 9).iloc[0]
    assert row["verdict"] == "inconclusive" and row["seeds_needed"] > 9 and "seeds would decide" in row["reason"]


def test_replay_stores_every_look_and_ends_where_the_runs_end():
    scores = study(range(9))
    scores = scores[~((scores["arm"] == "good") & (scores["seed"] >= 3))]
    table = judge_looks(scores, REFERENCES, RULE, PLAN, range(9))
    assert table[["arm", "look"]].values.tolist() == [["good", 3], ["dull", 3], ["dull", 6], ["dull", 9]]
    table = judge_looks(scores[scores["seed"] < 6], REFERENCES, RULE, PLAN, range(9))
    assert table["look"].tolist() == [3, 3, 6]


def test_failed_seeds_are_said_at_a_look():
    scores = study(range(6))
    table = judge_interim(scores[~((scores["arm"] == "dull") & (scores["seed"] == 1))], REFERENCES, RULE, PLAN, 6)
    assert "only 5 of 6 planned seeds" in table.loc[1, "reason"]


def test_an_extension_is_judged_on_its_new_seeds():
    scores = study(range(9))
    table = judge_extension(scores, REFERENCES, RULE, pilot=[0, 1, 2])
    alone = compare(scores[scores["seed"] > 2], REFERENCES, RULE)
    assert table["p"].tolist() == alone["p"].tolist() and table["n"].tolist() == [6, 6]
    assert table["reason"].str.endswith("; judged on the 6 new seeds; 3 earlier ones were its pilot").all()


@pytest.mark.parametrize("wrong", [{"looks": ()}, {"looks": (1, 4)}, {"looks": (5, 5)}, {"looks": (5,), "arms": 0},
                                   {"looks": (5,), "alpha": 0.0}])
def test_meaningless_looks_are_refused(wrong):
    with pytest.raises(ValueError, match="looks"):
        boundaries(**{"arms": 1, "paths": 100} | wrong)


def test_undeclared_looks_are_refused():
    scores = study(range(6))
    for look, rule, references in ((4, RULE, REFERENCES), (6, Rule(0.005, method=Method(0.1)), REFERENCES),
                                   (6, RULE, REFERENCES | {"third": "base"})):
        with pytest.raises(ValueError, match="declared"):
            judge_interim(scores, references, rule, PLAN, look)
    with pytest.raises(ValueError, match="6 seeds at the look of 3"):
        judge_interim(scores, REFERENCES, RULE, PLAN, 3)
