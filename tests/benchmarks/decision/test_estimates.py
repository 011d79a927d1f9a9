"""Estimates from pilots: against the statistics that dlbench has, and against pilots whose truth is known."""

import itertools
import math

import numpy as np
import pytest

from benchmarks.decision import estimates
from benchmarks.decision.cases import find
from benchmarks.decision.estimates import Scores, Seeds, covariances, example_variance, moments, parts, resampled, seeds
from benchmarks.decision.pilots import ABSENT, Pilot
from dlbench.stats.crossed import example_part

EVERY = np.arange(24)
SECONDS = {"keras": 6.0, "final": 0.5, "dlbench": 0.6}


def made(rng, arms=3, tested=300, noise=0.3):
    """Rights [arms, seeds, examples] of three evaluations: examples differ in difficulty and in what an arm adds to them."""
    chance = np.clip(rng.normal(0.8, 0.2, (1, 1, tested)) + rng.normal(0, 0.1, (arms, 1, tested)) + rng.normal(0, 0.02, (1, 24, 1)), 0, 1)
    rights = rng.binomial(3, np.clip(chance + rng.normal(0, noise, (arms, 24, tested)), 0, 1)).astype(np.uint8)
    return Pilot(rights, (rights > 1).astype(np.uint8), 3, ("baseline", "a", "b")[:arms])


def test_the_part_of_the_examples_is_that_of_the_verdicts():
    shares = made(np.random.default_rng(0)).shares()
    one = example_variance(covariances(shares[1] - shares[0]), EVERY, 0, 300)
    assert one == pytest.approx(example_part(shares[1], shares[0]).variance) and one > 0


def test_resampled_seeds_leave_the_part_of_the_examples_as_it_is():
    shares, rng = made(np.random.default_rng(1)).shares(), np.random.default_rng(2)
    products = covariances(shares[1] - shares[0])
    drawn = [rng.integers(24, size=24) for _ in range(300)]
    mean = np.mean([example_variance(products, one, 0, 300) for one in drawn])
    naive = np.mean([example_part(shares[1][one], shares[0][one]).variance for one in drawn])
    truth = example_variance(products, EVERY, 0, 300)
    assert mean == pytest.approx(truth, rel=0.05) and naive > 1.1 * mean


def test_with_folds_only_seeds_of_one_fold_share_examples():
    rng = np.random.default_rng(3)
    luck = rng.normal(0, 1, (4, 200))
    d = luck[EVERY % 4] + rng.normal(0, 0.1, (24, 200))
    assert example_variance(covariances(d), EVERY, 4, 200) == pytest.approx(luck.var() / 200, rel=0.1)
    assert example_variance(covariances(d), EVERY, 0, 200) < 0.5 * luck.var() / 200


def test_a_fold_that_is_an_example_short_counts_without_it():
    d = np.random.default_rng(4).normal(size=(4, 50))
    short = np.where(np.arange(50) < 49, d, np.nan)
    assert covariances(short) == pytest.approx(np.cov(d[:, :49]))


def test_spreads_within_a_part_leave_out_what_folds_differ_by():
    rng = np.random.default_rng(5)
    between, within = 0.02, 0.01
    d = []
    for _ in range(400):
        of_folds = rng.normal(0, between, 4)
        products = np.where((EVERY % 4)[:, None] == EVERY % 4, 500 * between**2, 0.0)
        scores = Scores(*np.zeros((3, 24)), of_folds[EVERY % 4] + rng.normal(0, within, 24), products, 500, 4)
        d.append(moments(scores))
    assert d[0].examples.variance == pytest.approx(between**2)
    assert math.sqrt(np.mean([one.within**2 for one in d])) == pytest.approx(within, rel=0.5)  # what is below 0 counts as 0


def test_the_squared_spread_of_resamples_is_that_of_the_pilot():
    values, rng = np.random.default_rng(6).normal(size=24), np.random.default_rng(7)
    squares = [estimates._sd(values, rng.integers(24, size=24)) ** 2 for _ in range(4000)]
    assert np.mean(squares) == pytest.approx(values.var(ddof=1), rel=0.03)
    assert estimates._sd(values, EVERY) == pytest.approx(values.std(ddof=1))


def test_parts_multiply_to_seeds_times_seconds():
    for needed in (Seeds(40, 20, 10, 12, 9.5), Seeds(4, 5, 4, 8, 8.0)):
        found = parts(needed, SECONDS)
        assert found.ratio == pytest.approx(needed.loop * 6.0 / (needed.looks * 0.6))
        assert found.engine == 12 and found.pairing == needed.loop / needed.paired and found.evaluations == pytest.approx(0.5 / 0.6)


@pytest.mark.parametrize("missing", range(5))
def test_what_is_out_of_reach_has_no_ratio(missing):
    assert parts(Seeds(*[None if place == missing else 8 for place in range(5)]), SECONDS) is None


def test_smaller_margins_take_more_seeds_at_every_step():
    pilot = made(np.random.default_rng(8))
    found = moments(estimates.arm_scores(pilot, pilot, 1, 0))
    for few, many in itertools.pairwise(seeds(found, margin) for margin in (0.06, 0.03)):
        assert all(a <= b for a, b in zip(few, many)) and few.loop < many.loop


def test_looks_are_declared_only_where_they_save_seeds():
    for sd in (0.3, 0.6, 1.0, 1.6):
        n, mean = estimates._decided(sd, estimates.Examples(0.0, 400), 1.0)
        assert mean <= n


def test_rounding_spreads_keeps_them():
    assert all(abs(estimates._rounded(sd) - sd) <= estimates.GRID / 2 for sd in (0.11, 0.5, 1.237)) and estimates._rounded(0.0) == 0


def test_intervals_hold_the_ratio_and_widen_with_rounds_that_differ():
    pilot = made(np.random.default_rng(9))
    arms = [estimates.arm_scores(pilot, pilot, arm, 0) for arm in (1, 2)]
    steady = {"keras": [6.0] * 3, "final": [0.5] * 3, "dlbench": [0.6] * 3}
    unsteady = steady | {"dlbench": [0.2, 0.6, 1.8]}
    ranges = [estimates.limits([one[0] for one in resampled(arms, 0.06, timed, 30)]) for timed in (steady, unsteady)]
    ratio = parts(seeds(moments(arms[0]), 0.06), SECONDS).ratio
    assert ranges[0][0] <= ratio <= ranges[0][1] and ranges[1][1] / ranges[1][0] > 1.5 * ranges[0][1] / ranges[0][0]


def test_seconds_per_run_are_those_of_the_case():
    rounds = [{"case": case, "way": way, "seconds": seconds, "runs": 4, "round": turn}
              for turn in range(2) for case, way, seconds in (("digits", "keras", 8.0 + turn), ("mnist_500", "keras", 80.0))]
    assert estimates.per_run(rounds, find("digits"))["keras"] == [2.0, 2.25]


def test_scores_of_a_pilot_are_means_over_the_examples_that_there_are():
    rights = np.array([[[2, 1, ABSENT], [2, 2, 0]]], np.uint8)
    last = np.array([[[1, 0, ABSENT], [1, 1, 0]]], np.uint8)
    pilot = Pilot(rights, last, 2, ("baseline",))
    assert pilot.averaged().tolist() == [[0.75, pytest.approx(2 / 3)]] and pilot.final().tolist() == [[0.5, pytest.approx(2 / 3)]]
