"""The verdict of a gate of training quality: directions, failures, several metrics, and the time that trainings take."""

import math

import numpy as np
import pytest

from dlbench.execution.interim import Size
from dlbench.gate.quality import _speed
from dlbench.gate.terms import Judged, Terms
from dlbench.gate.training import Trained
from dlbench.gate.verdicts import Pair, judge
from dlbench.values.errors import InputError

ACCURACY, LOSS = Judged("accuracy", 0.05), Judged("loss", 0.05, higher_is_better=False)
PLAN = Terms((ACCURACY,), (8, 20)).plan([])


def trained(seed, wall_s=1.0, **scores):
    known = {name: value for name, value in scores.items() if math.isfinite(value)}
    return Trained("", seed, next(iter(known.values()), None), "" if known else "it failed", known, wall_s=wall_s)


def pairs(shift, seeds=8, noise=0.002, lost=(), missed=(), wall_s=(1.0, 1.0)):
    rng = np.random.default_rng(0)
    old, noises = rng.normal(0.8, 0.02, seeds), rng.normal(0, noise, seeds)
    noises -= noises.mean()
    return [Pair(trained(seed, wall_s[0], accuracy=math.nan if seed in missed else old[seed], loss=1 - old[seed]),
                 trained(seed, wall_s[1], accuracy=math.nan if seed in lost else old[seed] + shift + noises[seed],
                         loss=1 - old[seed] - shift - noises[seed])) for seed in range(seeds)]


@pytest.mark.parametrize("metric", [ACCURACY, LOSS])
@pytest.mark.parametrize(("shift", "verdict"), [(0.0, "not worse"), (0.2, "not worse"), (-0.02, "not worse"), (-0.05, "undecided"),
                                                (-0.2, "worse")])
@pytest.mark.parametrize("paired", [True, False])
def test_the_verdict_is_about_the_margin_whatever_the_direction_of_the_score(metric, shift, verdict, paired):
    if paired or abs(shift) > 0.1:
        assert judge(metric, pairs(shift), PLAN, 0, paired).verdict == verdict


def test_limits_are_in_the_units_and_the_direction_of_the_score():
    told = judge(LOSS, pairs(-0.02), PLAN, 0, True).as_json()
    assert told["low"] < told["difference"] < told["high"] and told["difference"] == pytest.approx(0.02, abs=0.002)
    assert told["head_mean"] - told["base_mean"] == pytest.approx(told["difference"])


def test_trainings_of_one_seed_say_more_than_two_groups():
    assert judge(ACCURACY, pairs(0.0), PLAN, 0, True).gain.low > judge(ACCURACY, pairs(0.0), PLAN, 0, False).gain.low


def test_failed_trainings_are_no_missing_rows():
    assert judge(ACCURACY, pairs(0.0, lost=[3]), PLAN, 0, True).verdict == "undecided"
    assert judge(ACCURACY, pairs(0.0, seeds=20, lost=range(8)), PLAN, 1, True).verdict == "worse"
    assert judge(ACCURACY, pairs(0.0, lost=[3], missed=[4]), PLAN, 0, True).verdict == "not worse", "either tree fails now and then"
    assert judge(ACCURACY, pairs(0.0, missed=[4]), PLAN, 0, True).verdict == "not worse"
    assert judge(ACCURACY, pairs(0.2, lost=range(1, 8)), PLAN, 0, True).verdict == "worse"


def test_a_collapse_of_one_seed_is_no_small_loss():
    found = judge(Judged("accuracy", 0.3), [*pairs(0.0, 19), Pair(trained(19, accuracy=0.8), trained(19, accuracy=0.1))], PLAN, 1, True)
    assert found.verdict == "undecided" and "two groups" in found.reason


def test_ties_of_coarse_scores_show_nothing_and_equal_scores_to_the_last_bit_everything():
    coarse = [Pair(trained(seed, accuracy=0.9 + 0.1 * (seed % 2)), trained(seed, accuracy=0.9 + 0.1 * (seed % 2))) for seed in range(8)]
    assert judge(ACCURACY, coarse, PLAN, 0, True).verdict == "undecided"
    fine = [Pair(one.base, one.base) for one in pairs(0.0)]
    assert judge(ACCURACY, fine, PLAN, 0, True).identical
    failed = [*fine[:7], Pair(fine[7].base, trained(7, accuracy=math.nan))]
    assert judge(ACCURACY, failed, PLAN, 0, True).verdict == "undecided", "one of them has no score in this tree"


def test_a_further_metric_costs_the_claim_of_worse_and_not_that_of_not_worse():
    alone, one_of_three = (judge(ACCURACY, pairs(-0.07), PLAN, 0, True, metrics) for metrics in (1, 3))
    assert alone.gain.low == one_of_three.gain.low and alone.gain.high < one_of_three.gain.high


def test_time_is_a_ratio_of_trainings_that_are_long_enough():
    assert _speed(pairs(0.0, wall_s=(1.0, 2.0))) is None
    assert _speed(pairs(0.0, wall_s=(3.0, 6.0))).ratio == pytest.approx(2)


def test_time_to_be_spent_buys_as_many_seeds_as_it_lasts():
    terms = Terms((ACCURACY,), spend_s=100.0)
    taken = []
    while size := terms.next_size(taken, pair_s=2.0, used_s=2.0 * (taken[-1].seeds if taken else 2)):
        taken.append(size)
    assert taken[-1] == Size(50, 1.0) and [one.seeds for one in taken] == sorted({one.seeds for one in taken})
    assert sum(terms.plan(taken).equivalence) > 0.05 > max(terms.plan(taken).equivalence)
    with pytest.raises(InputError, match="accepted: at least 150 s"):
        terms.next_size([], pair_s=30.0, used_s=60.0)
