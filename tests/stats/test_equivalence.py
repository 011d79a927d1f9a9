"""What shows equivalence: never ties, few seeds, two groups or few test examples; and false claims stay rare, whatever the differences."""

import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dlbench.stats.equivalence import LEAST_SEEDS, examples_suffice, in_two_groups, objection, skewed_quantile, unseen_rate
from dlbench.stats.method import Rule
from dlbench.stats.paired import tost
from dlbench.stats.verdict import compare

STUDIES, ALLOWED = 2_000, 0.065
"""Simulated studies, and the rate that a true rate of 5 % stays below in 99.9 % of tries of so many."""


def scores(d, examples=None):
    """Long scores of an arm whose differences from its reference are ``d``."""
    rows = [(arm, seed, 0.8 + value * (arm == "arm")) for seed, value in enumerate(d) for arm in ("arm", "base")]
    table = pd.DataFrame(rows, columns=["arm", "seed", "score"])
    return table if examples is None else table.assign(examples=examples)


def judged(d, margin=0.01, examples=None):
    return compare(scores(d, examples), {"arm": "base"}, Rule(margin, unit="accuracy")).iloc[0]


def false_claims(draw, margin, examples=None, studies=STUDIES):
    """Share of studies that claim equivalence; ``draw(rng)`` returns the differences of one whose true mean is minus the margin."""
    rng, rule = np.random.default_rng(0), Rule(margin)
    drawn = (draw(rng) for _ in range(studies))
    return np.mean([tost(d, margin) < rule.method.alpha and not objection(d, rule, examples) for d in drawn])


def test_an_unseen_rate_is_the_exact_bound_of_no_event():
    for trials in (1, 5, 8, 100):
        assert stats.binom.cdf(0, trials, unseen_rate(trials, 0.05)) == pytest.approx(0.05)


@pytest.mark.parametrize("changed", [0, 1, 4])
def test_examples_suffice_where_the_binomial_test_rejects_a_rate_of_the_margin(changed):
    for examples in (50, 200, 450, 1000):
        for margin in (0.005, 0.01, 0.05):
            expected = stats.binom.cdf(changed, examples, margin) < 0.05
            assert examples_suffice(changed / examples, examples, Rule(margin)) == expected
            assert examples_suffice(-changed / examples, examples, Rule(margin)) == expected


def test_a_margin_of_everything_is_always_shown():
    assert examples_suffice(0.0, 1, Rule(1.0)) and examples_suffice(0.3, 10, Rule(2.0))


def test_groups_are_found_on_either_side_and_in_any_order():
    d = np.array([0.0, 0.001, -0.001, 0.0005, -0.02])
    for values in (d, -d, d[::-1], d + 0.5):
        assert in_two_groups(values, 0.01) and "two groups" in objection(values, Rule(0.01))
    assert in_two_groups(np.stack([d, d / 10]), 0.01).tolist() == [True, False]
    normal = np.random.default_rng(0).normal(0, 0.002, (500, 8))
    assert not in_two_groups(normal, 0.01).any()


def test_few_seeds_never_show_equivalence_and_the_reason_asks_for_five():
    d = np.array([0.0001, -0.0002, 0.0001, 0.0, 0.0002, -0.0001])
    for n in range(2, LEAST_SEEDS):
        row = judged(d[:n])
        assert row["verdict"] != "no meaningful effect" and row["seeds_needed"] == LEAST_SEEDS and "at least 5 seeds" in row["reason"]
    assert judged(d[:LEAST_SEEDS])["verdict"] == "no meaningful effect"


def test_a_claim_says_what_the_seeds_cannot_exclude():
    row = judged([0.0001, -0.0002, 0.0001, 0.0, 0.0002, -0.0001, 0.0002, 0.0])
    assert "8 seeds cannot exclude an arm that fails in up to 31 % of its runs" in row["reason"]


@pytest.mark.parametrize(("examples", "verdict"), [(None, "no meaningful effect"), (1000, "no meaningful effect"), (100, "inconclusive")])
def test_few_test_examples_show_no_equivalence(examples, verdict):
    row = judged([0.0001, -0.0002, 0.0001, 0.0, 0.0002, -0.0001, 0.0002, 0.0], examples=examples)
    assert row["verdict"] == verdict
    assert ("100 test examples are too few for this margin and difference; it takes 301 or more" in row["reason"]) == (examples == 100)


def test_the_side_with_fewer_test_examples_counts():
    table = scores([0.0001, -0.0002, 0.0001, 0.0, 0.0002, -0.0001], 1000)
    table.loc[table["arm"] == "base", "examples"] = 50
    assert compare(table, {"arm": "base"}, Rule(0.01)).loc[0, "verdict"] == "inconclusive"


@pytest.mark.parametrize("n", [2, 5, 8, 40])
def test_ties_are_no_proof_of_equivalence(n):
    row = judged(np.zeros(n), examples=100_000)
    assert (row["verdict"], row["p_tost"]) == ("inconclusive", 1.0) and pd.isna(row["seeds_needed"])
    assert f"all {n} differences are exactly 0" in row["reason"]


@pytest.mark.parametrize("n", [5, 8, 16])
@pytest.mark.parametrize("spread", [0.3, 1.5])
def test_normal_and_rounded_differences_are_falsely_equivalent_in_five_percent_at_most(n, spread):
    assert false_claims(lambda rng: rng.normal(-1, spread, n), 1.0) <= ALLOWED
    assert false_claims(lambda rng: rng.normal(-1, spread, n).round(), 1.0) <= ALLOWED


@pytest.mark.parametrize("n", [5, 8])
@pytest.mark.parametrize("examples", [20, 50, 100])
@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_a_coarse_test_set_is_falsely_equivalent_in_five_percent_at_most(n, examples, noise):
    """The arm has a share of answers wrong that its reference has right, the same in all runs, and each run flips a few of its own."""
    for margin in (1.001 * unseen_rate(examples), 0.3):
        def draw(rng, margin=margin):
            lost = rng.binomial(examples, margin)
            own = rng.binomial(examples, noise / examples, (2, n)) if noise else np.zeros((2, n))
            return (own[0] - own[1] - lost) / examples

        assert false_claims(draw, margin, examples) <= ALLOWED


@pytest.mark.parametrize("n", [5, 8, 16])
def test_two_equal_groups_are_falsely_equivalent_in_five_percent_at_most(n):
    assert false_claims(lambda rng: rng.choice([0.0, -2.0], n) + rng.normal(0, 0.05, n), 1.0) <= ALLOWED


@pytest.mark.parametrize("share", [5, 10])
@pytest.mark.parametrize("n", [2, 3, 4, 5, 8])
def test_rare_falls_are_never_certified_by_ties_and_with_noise_only_where_no_seed_shows_one(n, share):
    fall = 1.0 * share

    def draw(rng, noise):
        return np.where(rng.random(n) < 1 / share, -fall, 0.0) + rng.normal(0, noise, n)

    assert false_claims(lambda rng: draw(rng, 0.0), 1.0) == 0
    unseen = (1 - 1 / share) ** n if n >= LEAST_SEEDS else 0.0
    assert false_claims(lambda rng: draw(rng, 0.1), 1.0) == pytest.approx(unseen, abs=0.04)


@pytest.mark.parametrize(("n", "side", "law"), [(5, -1, "exponential"), (8, 1, "exponential"), (16, 1, "exponential"), (8, -1, "gamma")])
def test_skewed_differences_are_falsely_equivalent_in_five_percent_at_most(n, side, law):
    """The mean is the margin, on either side; most seeds lie nearer to 0, and few far beyond."""
    draws = {"exponential": lambda rng: rng.exponential(size=n) - 1, "gamma": lambda rng: rng.gamma(2, size=n) - 2}
    assert false_claims(lambda rng: side * (1 + 0.7 * draws[law](rng)), 1.0) <= ALLOWED


@pytest.mark.parametrize("n", [2, 5, 16])
def test_the_skewed_quantile_is_that_of_an_exponential_sample(n):
    d = 1 - np.random.default_rng(1).exponential(size=(400_000, n))
    t = d.mean(axis=1) / d.std(axis=1, ddof=1) * np.sqrt(n)
    for level in (0.05, 0.005):
        assert (t > skewed_quantile(level, n)).mean() == pytest.approx(level, rel=0.1)


def test_the_skewed_quantile_falls_to_that_of_t_and_knows_any_number_of_seeds():
    extra = [skewed_quantile(0.05, n) / stats.t.isf(0.05, n - 1) for n in (5, 8, 16, 64, 256, 5_000)]
    assert all(one > two for one, two in pairwise(extra)) and extra[-1] < 1.05


def test_a_claim_that_skew_could_hide_says_how_many_seeds_would_do():
    d = np.array([0.004, -0.004, 0.003, -0.003, 0.0045, -0.0045])
    row = judged(d, margin=0.0065)
    assert row["p_tost_adjusted"] < 0.05 and row["verdict"] == "inconclusive" and "6 seeds are too few to exclude" in row["reason"]
    assert 6 < row["seeds_needed"] < 20 and row["reason"].endswith(f"; about {row['seeds_needed']} would")


@pytest.mark.parametrize("difference, examples", [(0.0, 100), (0.004, 449), (-0.005, 449), (0.009, 500)])
def test_the_test_examples_that_it_takes_are_more_than_there_are_and_just_enough(difference, examples):
    rule = Rule(0.01)
    noise = np.array([1.0, -1.0, 2.0, -2.0, 1.0, -1.0, 0.5, -0.5]) * 1e-4
    said = objection(difference + noise, rule, examples)
    needed = int(re.search(r"it takes ([\d,]+) or more", said).group(1).replace(",", ""))
    assert needed > examples and examples_suffice(difference, needed, rule) and not examples_suffice(difference, needed - 1, rule)


def test_no_number_of_test_examples_shows_a_difference_beyond_the_margin_to_be_within():
    assert objection(0.02 + np.linspace(-1e-4, 1e-4, 8), Rule(0.01), 100) == "100 test examples are too few for this margin and difference"
