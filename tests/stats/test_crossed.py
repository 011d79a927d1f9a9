"""Claims about new data: parts are those of the analysis of variance, intervals and tests hold their level at any number of seeds."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from dlbench.stats.crossed import (
    THIS_TEST_SET,
    ExamplePart,
    crossed_t,
    crossed_tost,
    example_part,
    example_parts,
    half_width,
    over_folds,
    resampled_part,
    tail,
)
from dlbench.stats.method import Rule
from dlbench.stats.paired import paired_t, tost
from dlbench.stats.verdict import compare

SHARES = np.random.default_rng(0).random((2, 4, 30)).round(1)


def test_the_part_is_that_of_the_analysis_of_variance():
    ours, theirs = SHARES + [0, 1] * 15
    frame = pd.DataFrame({"d": (ours - theirs).ravel(), "s": np.repeat(range(4), 30), "i": np.tile(range(30), 4)})
    frame["d"] += frame["i"] / 30
    table = anova_lm(ols("d ~ C(s) + C(i)", frame).fit())
    _, examples, rest = table["sum_sq"] / table["df"]
    part = example_part(ours + np.arange(30) / 30, theirs)
    assert part.examples == 30 and part.variance == pytest.approx((examples - rest) / 120) and part.variance > 0


def test_examples_that_differ_by_chance_alone_add_nothing_on_average():
    rng = np.random.default_rng(1)
    raw = [example_part(rng.random((5, 40)), rng.random((5, 40))).variance for _ in range(300)]
    assert np.mean(np.array(raw) == 0) == pytest.approx(0.5, abs=0.1)


def test_resampled_means_give_the_same_part_as_the_values_themselves():
    rng = np.random.default_rng(2)
    d = rng.normal(size=(6, 1)) + 3 * rng.normal(size=(1, 200)) + rng.normal(size=(6, 200))
    weights = rng.multinomial(200, np.full(200, 1 / 200), 4_000) / 200
    exact, found = example_part(d, np.zeros_like(d)), resampled_part(weights @ d.T, 200)
    assert found.examples == 200 and found.variance == pytest.approx(exact.variance, rel=0.1)


def test_without_a_part_nothing_changes():
    d = [0.1, 0.3, -0.2, 0.15]
    assert crossed_t(d, 0.05) == paired_t(d, 0.05) and crossed_tost(d, 0.5) == tost(d, 0.5)
    assert crossed_t(d, 0.05, ExamplePart(0.0, 500)) == paired_t(d, 0.05)


@pytest.mark.parametrize("n", [2, 3, 8])
@pytest.mark.parametrize("variance", [1e-6, 1e-2, 1.0])
def test_p_and_interval_agree(n, variance):
    rng, part = np.random.default_rng(n), ExamplePart(variance, 90)
    for shift in np.linspace(0, 4, 9):
        d = rng.normal(shift, 1, n)
        found = crossed_t(d, 0.05, part)
        assert (found.p < 0.05) == (found.low > 0 or found.high < 0)
        assert found.low <= paired_t(d, 0.05).low and found.high >= paired_t(d, 0.05).high and found.p >= paired_t(d, 0.05).p
        limits = crossed_t(d, 0.1, part)
        assert (crossed_tost(d, 2.0, part) < 0.05) == (limits.low > -2 and limits.high < 2)
        scaled = crossed_t(10 * d, 0.05, ExamplePart(100 * variance, 90))
        assert scaled.p == pytest.approx(found.p) and scaled.low == pytest.approx(10 * found.low)


def test_the_tail_is_the_inverse_of_the_half_width_far_out_too():
    for level in (0.4, 0.025, 1e-4, 1e-12):
        for n, error in ((2, 1.0), (8, 0.1), (30, 2.0)):
            distance = half_width(level, error, n, ExamplePart(0.5, 300))
            assert tail(distance, error, n, np.sqrt(0.5), 300) == pytest.approx(level, rel=1e-6)
    assert tail([0.0, 0.0], 1.0, 5, 1.0, 50).tolist() == pytest.approx([0.5, 0.5])


def test_equal_differences_are_as_sure_as_seeds_and_examples_allow():
    part = ExamplePart(1e-4, 100)
    assert crossed_t([0.01] * 5, 0.05, part).p == pytest.approx(2 * stats.t.sf(1, 99)) and crossed_t([1.0] * 5, 0.05, part).p == 2.0**-4
    assert crossed_tost([0.0] * 5, 0.5, part) == 1.0 and crossed_tost([0.1] * 5, 0.5, part) == 2.0**-5


@pytest.mark.parametrize("n", [2, 3, 5, 8])
@pytest.mark.parametrize("examples", [20, 300])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0, 10.0])
def test_false_differences_stay_below_their_level(n, examples, share):
    """Two crossed random samples, with nothing, little, as much and more to the examples than to the seeds; also far out."""
    rng, studies = np.random.default_rng(n), 40_000
    seeds, rest, of_examples = (rng.chisquare(df, studies) / df for df in (n - 1, (n - 1) * (examples - 1), examples - 1))
    parts = np.maximum((0.5 + share) * of_examples - 0.5 * rest, 1e-12)
    mean = np.abs(rng.normal(0, np.sqrt(1 + share), studies))
    for level in (0.05, 0.005):
        limit = np.hypot(stats.t.isf(level / 2, n - 1) * np.sqrt(seeds), stats.t.isf(level / 2, examples - 1) * np.sqrt(parts))
        assert half_width(level / 2, np.sqrt(seeds[0]), n, ExamplePart(parts[0], examples)) == pytest.approx(limit[0])
        assert (mean > limit).mean() <= level + 4 * np.sqrt(level / studies)


def test_a_family_on_new_data_is_judged_with_its_parts():
    d = np.array([0.02, 0.021, 0.019, 0.02, 0.022, 0.018])
    rows = [(arm, seed, 0.8 + value * (arm == "arm")) for seed, value in enumerate(d) for arm in ("arm", "base")]
    table = pd.DataFrame(rows, columns=["arm", "seed", "score"])
    here, beyond = (compare(table, {"arm": "base"}, Rule(0.01, unit="accuracy", parts=parts)).iloc[0]
                    for parts in ({}, {"arm": ExamplePart(0.02**2, 200)}))
    assert (here["verdict"], beyond["verdict"]) == ("helps", "inconclusive") and pd.isna(here["example_error"])
    assert beyond["low"] < 0 < beyond["high"] and beyond["simultaneous_low"] == beyond["low"]
    assert beyond["example_error"] == pytest.approx(0.02)
    assert pd.isna(beyond["seeds_needed"]) and beyond["examples_needed"] > 200
    assert beyond["reason"].endswith(f"not seeds but more than {beyond['examples_needed']:,} test examples would decide")


def test_parts_are_those_of_the_seeds_that_both_have():
    runs = pd.DataFrame([(arm, seed, f"{arm}{seed}") for arm in "abc" for seed in range(3) if (arm, seed) != ("b", 2)],
                        columns=["arm", "seed", "run_id"])
    kept = {run_id: SHARES[place % 2, place % 4] for place, run_id in enumerate(runs["run_id"])}
    found = example_parts(runs, {"a": "b", "c": "missing"}, lambda run_ids: {name: kept[name] for name in run_ids})
    assert found == {"a": example_part([kept["a0"], kept["a1"]], [kept["b0"], kept["b1"]])}
    assert example_parts(runs, {"a": "b"}, lambda run_ids: {name: kept[name] for name in run_ids if name != "b1"}) == {}
    assert example_parts(runs, {"a": "b"}, lambda run_ids: {name: kept[name][: 10 if name == "a1" else 30] for name in run_ids}) == {}
    assert THIS_TEST_SET == (0.0, 0)


def test_spread_over_seeds_and_parts_of_folds_add_up_to_the_variance_of_the_mean():
    """Also where folds were tested by different numbers of seeds."""
    rng, counts, studies = np.random.default_rng(4), (4, 2, 1), 20_000
    fold = rng.normal(size=(studies, 3)) * (1.0, 2.0, 3.0)
    d = np.concatenate([fold[:, [place]] + rng.normal(size=(studies, count)) for place, count in enumerate(counts)], axis=1)
    part = over_folds([(count, ExamplePart(sd**2, 50)) for count, sd in zip(counts, (1.0, 2.0, 3.0))])
    told = d.var(axis=1, ddof=1).mean() / 7 + part.variance
    assert told == pytest.approx(d.mean(axis=1).var(), rel=0.03) and part.examples == 150


def test_folds_are_counted_apart_and_one_seed_a_fold_needs_no_part():
    rng = np.random.default_rng(5)
    runs = pd.DataFrame([(arm, seed, f"{arm}{seed}") for arm in "ab" for seed in range(4)], columns=["arm", "seed", "run_id"])
    kept = {run_id: rng.random(30 + seed % 2) for run_id, seed in zip(runs["run_id"], runs["seed"])}
    found = example_parts(runs, {"a": "b"}, lambda run_ids: kept, folds=2)["a"]
    each = [example_part(*(np.stack([kept[f"{arm}{seed}"] for seed in seeds]) for arm in "ab")) for seeds in ((0, 2), (1, 3))]
    assert found == over_folds([(2, part) for part in each]) and found.examples == 61
    assert example_parts(runs[runs["seed"] < 2], {"a": "b"}, lambda run_ids: kept, folds=2)["a"] == ExamplePart(0.0, 61)
    assert not example_parts(runs, {"a": "b"}, lambda run_ids: kept)  # without folds, test sets of different sizes are a fault


@pytest.mark.parametrize("folds, rounds", [(2, 4), (4, 2), (4, 4)])
def test_intervals_over_folds_cover_the_effect_on_new_examples(folds, rounds):
    rng, studies = np.random.default_rng(6), 600
    hits = 0
    for _ in range(studies):
        d = [rng.normal(size=(1, 60)) + 0.5 * rng.normal(size=(rounds, 60)) + 0.1 * rng.normal(size=(rounds, 1)) for _ in range(folds)]
        part = over_folds([(rounds, example_part(one, np.zeros_like(one))) for one in d])
        found = crossed_t(np.concatenate([one.mean(axis=1) for one in d]), 0.05, part)
        hits += found.low <= 0 <= found.high
    assert hits / studies > 0.93
