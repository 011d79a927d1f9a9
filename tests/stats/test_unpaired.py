"""Welch's verdicts: p-values and intervals are scipy's and statsmodels', the family-wise control is Holm's, and ties prove nothing."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.weightstats import ttost_ind

from dlbench.stats import unpaired
from dlbench.stats.crossed import unpaired_part
from dlbench.stats.family import holm
from dlbench.stats.method import Rule
from dlbench.stats.unpaired import compare_unpaired, to_published


def table(**arms):
    return pd.DataFrame([(arm, seed, score) for arm, scores in arms.items() for seed, score in enumerate(scores)],
                        columns=["arm", "seed", "score"])


def drawn(seed, *arms):
    rng = np.random.default_rng(seed)
    return {name: rng.normal(mean, sd, n) for name, mean, sd, n in arms}


@pytest.mark.parametrize("seed", range(5))
def test_p_values_and_intervals_are_those_of_scipy_and_statsmodels(seed):
    arms = drawn(seed, ("base", 0.9, 0.01, 7), ("a", 0.91, 0.02, 5), ("b", 0.9, 0.01, 12))
    found = compare_unpaired(table(**arms), {"a": "base", "b": "base"}, Rule(0.02)).set_index("arm")
    for arm in ("a", "b"):
        test = stats.ttest_ind(arms[arm], arms["base"], equal_var=False)
        assert found.loc[arm, "p"] == pytest.approx(test.pvalue)
        assert (found.loc[arm, "low"], found.loc[arm, "high"]) == pytest.approx(tuple(test.confidence_interval(0.95)))
        assert found.loc[arm, "p_tost"] == pytest.approx(ttost_ind(arms[arm], arms["base"], -0.02, 0.02, usevar="unequal")[0])
    assert list(found["p_adjusted"]) == pytest.approx(list(holm(found["p"].to_numpy(float))))
    assert list(found["n"]) == [5, 7]


def test_direction_and_equivalence():
    arms = drawn(1, ("base", 1.0, 0.01, 8), ("up", 1.2, 0.01, 8), ("same", 1.0, 0.01, 8))
    against = {"up": "base", "same": "base"}
    assert list(compare_unpaired(table(**arms), against, Rule(0.1))["verdict"]) == ["helps", "no meaningful effect"]
    assert compare_unpaired(table(**arms), against, Rule(0.1, higher_is_better=False))["verdict"].iloc[0] == "hurts"


def test_what_cannot_be_judged_says_why():
    arms = {"base": [0.5, 0.5, 0.5], "one": [0.6], "tie": [0.5, 0.5, 0.5], "none": []}
    found = compare_unpaired(table(**arms), dict.fromkeys(("one", "tie", "none"), "base"), Rule(0.01)).set_index("arm")
    assert found.loc["one", "verdict"] == found.loc["none", "verdict"] == "no verdict"
    assert "needs at least 2 runs of both" in found.loc["one", "reason"]
    assert found.loc["tie", "verdict"] == "inconclusive" and "no spread" in found.loc["tie", "reason"]


@pytest.mark.parametrize("scores, why", [([0.5, 0.501, 0.499, 0.5], "at least 5 runs"),
                                         ([0.5, 0.501, 0.499, 0.5, 0.5, 0.45, 0.45], "fall into two groups")])
def test_few_runs_and_two_groups_show_no_equivalence(scores, why):
    base = [0.5, 0.501, 0.499, 0.5, 0.502, 0.498, 0.5]
    found = compare_unpaired(table(base=base, arm=scores), {"arm": "base"}, Rule(0.045)).iloc[0]
    assert found["verdict"] == "inconclusive" and (why in found["reason"] or found["p_tost_adjusted"] > 0.05)


def test_an_open_arm_says_how_many_runs_would_decide():
    arms = drawn(3, ("base", 0.9, 0.02, 4), ("a", 0.905, 0.02, 4))
    found = compare_unpaired(table(**arms), {"a": "base"}, Rule(0.01)).iloc[0]
    assert found["verdict"] == "inconclusive" and found["seeds_needed"] > 4 and f"about {found['seeds_needed']} runs" in found["reason"]


def test_an_interval_to_a_published_value_is_welchs():
    ours = drawn(4, ("a", 0.9, 0.02, 6))["a"]
    theirs = np.array([0.88, 0.9, 0.92, 0.9])
    expected = stats.ttest_ind(ours, theirs, equal_var=False).confidence_interval(0.95)
    assert to_published(ours, theirs.mean(), theirs.std(ddof=1), 4) == pytest.approx(tuple(expected))
    exact = stats.t.interval(0.95, 5, ours.mean() - 0.9, stats.sem(ours))
    assert to_published(ours, 0.9, None, 4) == pytest.approx(tuple(exact))


@pytest.mark.slow
def test_false_claims_stay_below_the_level():
    rng, false = np.random.default_rng(0), 0
    for _ in range(200):
        scores = {name: rng.normal(0, 1 + place % 3, 5 + place) for place, name in enumerate(("base", "a", "b", "c", "d"))}
        found = compare_unpaired(table(**scores), dict.fromkeys(("a", "b", "c", "d"), "base"), Rule(0.5))
        false += found["verdict"].isin(["helps", "hurts"]).any()
    assert false / 200 < 0.05 + 3 * (0.05 * 0.95 / 200) ** 0.5


@pytest.mark.parametrize("n", [3, 6, 40])
def test_the_interval_to_a_published_value_is_welchs(n):
    ours, theirs = (np.random.default_rng(seed).normal(0.9, sd, size) for seed, sd, size in ((1, 0.01, 12), (2, 0.03, n)))
    expected = stats.ttest_ind(ours, theirs, equal_var=False).confidence_interval(0.95)
    assert to_published(ours, theirs.mean(), theirs.std(ddof=1), n) == pytest.approx(tuple(expected))


def test_the_middle_of_many_differences_is_found_without_forming_them(monkeypatch):
    draw = np.random.default_rng(0)
    samples = [(draw.normal(size=draw.integers(1, 9)).round(1), draw.normal(size=draw.integers(1, 9)).round(1)) for _ in range(50)]
    expected = [np.median(a[:, None] - b) for a, b in samples]
    monkeypatch.setattr(unpaired, "MOST_PAIRS", 0)
    assert [unpaired.middle_difference(a, b) for a, b in samples] == pytest.approx(expected, abs=1e-12)


def values(draw, runs, examples, shift, share):
    """Values of a test set that all runs share, of which each run has noise of its own besides."""
    return examples + shift * share + draw.normal(0, 0.3, (runs, 1)) * 0.05 + draw.normal(0, 0.5, (runs, examples.size))


def test_the_part_of_the_examples_is_without_bias_and_that_of_equal_sides_is_small():
    draw, found = np.random.default_rng(1), []
    for _ in range(400):
        shift = draw.normal(0, 0.4, 60)
        found.append(unpaired_part(values(draw, 4, np.zeros(60), shift, 1), values(draw, 3, np.zeros(60), shift, 0)).variance)
    assert np.mean(found) == pytest.approx(0.16 / 60, rel=0.05)
    same = values(draw, 4, np.zeros(60), np.zeros(60), 0)
    assert unpaired_part(same, same).variance == 0


@pytest.mark.slow
def test_a_claim_about_new_data_is_wider_and_holds_its_level():
    draw, errors, wider = np.random.default_rng(2), {"new": 0, "this": 0}, []
    for _ in range(300):
        shift = draw.normal(0, 0.4, 60)
        sides = {"a": values(draw, 4, np.zeros(60), shift, 1), "base": values(draw, 5, np.zeros(60), shift, 0)}
        scores = table(**{arm: side.mean(axis=1) for arm, side in sides.items()})
        parts = {"a": unpaired_part(sides["a"], sides["base"])}
        new, this = (compare_unpaired(scores, {"a": "base"}, Rule(0.5, parts=known)).iloc[0] for known in (parts, {}))
        errors = {"new": errors["new"] + (new["p"] < 0.05), "this": errors["this"] + (this["p"] < 0.05)}
        wider.append(new["high"] - new["low"] >= this["high"] - this["low"])
        assert (new["p"] < 0.05) == (not new["low"] <= 0 <= new["high"])
    assert all(wider) and errors["new"] <= 0.05 * 300 + 3 * np.sqrt(0.05 * 0.95 * 300) < errors["this"]
