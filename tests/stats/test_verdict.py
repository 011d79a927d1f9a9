"""The verdict interface: decisions, degenerate cases, symmetries and errors."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from dlbench.stats.method import METHOD, Correction, Method, Rule
from dlbench.stats.paired import PairedT
from dlbench.stats.power import seeds_needed, upper_sd
from dlbench.stats.verdict import COLUMNS, compare
from dlbench.values.verdict import Verdict

RULE = Rule(margin=0.005, unit="accuracy")


def table(arms):
    """Long scores of arms given as {arm: scores by seed}; None is a failed run."""
    return pd.DataFrame([(arm, seed, score) for arm, scores in arms.items() for seed, score in enumerate(scores)
                         if score is not None], columns=["arm", "seed", "score"])


def study(seed, arms=4, n=8, spread=0.004):
    """Random study: arms with effects of 0 to 3 margins against one baseline."""
    rng = np.random.default_rng(seed)
    base = 0.9 + rng.normal(0, 0.01, n)
    shared = rng.normal(0, spread, n)
    effects = rng.choice([0.0, 0.005, -0.005, 0.015], arms)
    return {"base": base} | {f"arm{i}": base + effect + shared + rng.normal(0, spread, n) for i, effect in enumerate(effects)}


def against_base(arms):
    return {arm: "base" for arm in arms if arm != "base"}


def numeric(result):
    return result.select_dtypes("number").to_numpy(float, na_value=np.nan)


def test_columns_order_and_types():
    arms = study(0)
    result = compare(table(arms), {"arm2": "base", "arm0": "arm1"}, RULE)
    assert list(result.columns) == list(COLUMNS) and result["arm"].tolist() == ["arm2", "arm0"]
    assert result["reference"].tolist() == ["base", "arm1"]
    assert {str(kind) for kind in result.dtypes} == {"object", "Int64", "Float64"}


def test_numbers_equal_scipy_and_statsmodels():
    arms = study(1)
    result = compare(table(arms), against_base(arms), RULE)
    tests = [stats.ttest_rel(arms[arm], arms["base"]) for arm in result["arm"]]
    assert result["p"].to_numpy(float) == pytest.approx([t.pvalue for t in tests], abs=1e-9)
    assert result["low"].to_numpy(float) == pytest.approx([t.confidence_interval(0.95).low for t in tests], abs=1e-9)
    adjusted = multipletests([t.pvalue for t in tests], method="holm")[1]
    assert result["p_adjusted"].to_numpy(float) == pytest.approx(adjusted, abs=1e-9)
    assert (result["simultaneous_low"] < result["low"]).all() and (result["high"] < result["simultaneous_high"]).all()


def test_each_verdict():
    rng = np.random.default_rng(2)
    base, noise = 0.9 + rng.normal(0, 0.01, 10), rng.normal(0, 0.001, (4, 10))
    arms = {"base": base, "up": base + 0.02 + noise[0], "down": base - 0.02 + noise[1], "same": base + noise[2],
            "unclear": base + 0.005 + 10 * noise[3], "gone": [0.9] + [None] * 9}
    result = compare(table(arms), against_base(arms), RULE).set_index("arm")
    assert result["verdict"].to_dict() == {"up": "helps", "down": "hurts", "same": "no meaningful effect",
                                           "unclear": "inconclusive", "gone": "no verdict"}
    assert result.loc["unclear", "seeds_needed"] > 10 and result["seeds_needed"].notna().sum() == 1
    flipped = compare(table(arms), against_base(arms), Rule(0.005, higher_is_better=False)).set_index("arm")
    assert flipped.loc["up", "verdict"] == "hurts" and flipped.loc["down", "verdict"] == "helps"
    assert "10 of 10 seeds worse" in flipped.loc["up", "reason"]


def test_significant_but_inside_the_margin_has_no_meaningful_effect():
    d = 0.001 + np.random.default_rng(3).normal(0, 0.0003, 10)
    row = compare(table({"base": np.full(10, 0.9), "arm": 0.9 + d}), {"arm": "base"}, RULE).iloc[0]
    assert row["p_adjusted"] < 0.05 and row["verdict"] == "no meaningful effect"
    assert "wholly inside the margin" in row["reason"]


def test_identical_scores_are_no_proof():
    row = compare(table({"base": [0.9, 0.8, 0.7], "arm": [0.9, 0.8, 0.7]}), {"arm": "base"}, RULE).iloc[0]
    assert (row["p"], row["p_signflip"], row["effect_size"], row["verdict"]) == (1.0, 1.0, 0.0, "inconclusive")


@pytest.mark.parametrize(("n", "verdict", "needed"), [(5, "inconclusive", 6), (6, "helps", None)])
def test_constant_differences_are_decided_by_the_signs(n, verdict, needed):
    base = np.linspace(0.7, 0.8, n)
    row = compare(table({"base": base, "arm": base + 0.02}), {"arm": "base"}, RULE).iloc[0]
    assert row["p"] == row["p_signflip"] == 2 / 2**n and row["verdict"] == verdict
    assert row["seeds_needed"] == needed if needed else pd.isna(row["seeds_needed"])
    assert pd.isna(row["effect_size"]) and "sign-flip p decides" in row["reason"]


def test_failed_seeds_are_left_out_of_the_pairs_and_said():
    arms = study(4)
    arms["arm0"] = [None, None, *arms["arm0"][2:]]
    result = compare(table(arms), against_base(arms), Rule(0.005, planned=8)).set_index("arm")
    assert result.loc["arm0", "n"] == 6 and "only 6 of 8 planned seeds" in result.loc["arm0", "reason"]
    assert result.loc["arm0", "reference_mean"] == pytest.approx(arms["base"][2:].mean())
    assert result.loc["arm1", "n"] == 8 and "planned" not in result.loc["arm1", "reason"]


def test_an_arm_without_runs_stays_in_the_family():
    arms = study(5, arms=1)
    alone = compare(table(arms), {"arm0": "base"}, RULE)
    both = compare(table(arms), {"arm0": "base", "missing": "base"}, RULE)
    assert both.loc[0, "p_adjusted"] == pytest.approx(min(1, 2 * alone.loc[0, "p"]))
    assert both.loc[1, "verdict"] == "no verdict" and both.loc[1, list(COLUMNS)[4:22]].isna().all()


def test_empty_inputs():
    assert list(compare(table({}), {}, RULE).columns) == list(COLUMNS)
    assert compare(table({}), {"a": "b"}, RULE).loc[0, "verdict"] == "no verdict"


def test_an_inconclusive_arm_with_seeds_enough_for_the_margin_asks_for_more():
    base, noise = np.linspace(0.8, 0.9, 20), stats.zscore(np.random.default_rng(0).normal(size=20), ddof=1)
    arms = {"base": base} | {f"arm{i}": base + 0.0025 + 0.00435 * noise for i in range(10)}
    row = compare(table(arms), against_base(arms), RULE).iloc[0]
    assert seeds_needed(0.005, upper_sd(0.00435, 20), k=10) <= 20
    assert row["verdict"] == "inconclusive"
    assert row["seeds_needed"] == seeds_needed(0.0025, upper_sd(0.00435, 20), k=10) > 20


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_swapping_arm_and_baseline_negates_the_effect_and_leaves_p(seed):
    arms = study(seed, arms=1)
    there, back = (compare(table(arms), pair, RULE).iloc[0] for pair in ({"arm0": "base"}, {"base": "arm0"}))
    assert back["difference"] == pytest.approx(-there["difference"]) and back["low"] == pytest.approx(-there["high"])
    for name in ("p", "p_adjusted", "p_tost", "p_signflip", "correlation"):
        assert back[name] == pytest.approx(there[name])
    opposite = {"helps": "hurts", "hurts": "helps"}
    assert back["verdict"] == opposite.get(there["verdict"], there["verdict"])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_shuffling_rows_and_renaming_seeds_changes_nothing(seed):
    arms = study(seed, arms=3, n=6)
    scores = table(arms)
    shuffled = scores.sample(frac=1, random_state=seed).assign(seed=lambda rows: [f"s{(7 * s + 3) % 11}" for s in rows["seed"]])
    plain, mixed = compare(scores, against_base(arms), RULE), compare(shuffled, against_base(arms), RULE)
    assert numeric(mixed) == pytest.approx(numeric(plain), nan_ok=True)
    assert mixed["verdict"].tolist() == plain["verdict"].tolist()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(1e-3, 1e3))
def test_scaling_the_metric_scales_the_interval(seed, factor):
    arms = study(seed, arms=3, n=6)
    plain = compare(table(arms), against_base(arms), RULE)
    scaled = compare(table({arm: factor * x for arm, x in arms.items()}), against_base(arms), Rule(0.005 * factor))
    for name in ("difference", "low", "high", "simultaneous_low", "welch_high", "hodges_lehmann"):
        assert scaled[name].to_numpy(float) == pytest.approx(factor * plain[name].to_numpy(float))
    for name in ("p", "p_adjusted", "p_tost_adjusted", "p_signflip", "effect_size"):
        assert scaled[name].to_numpy(float) == pytest.approx(plain[name].to_numpy(float))
    assert scaled["verdict"].tolist() == plain["verdict"].tolist()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.sampled_from([None, 0.0, 0.5, 0.51, 1.0, 1e-9]), min_size=4, max_size=4), min_size=2, max_size=4))
def test_no_cell_is_nan_and_no_sentence_says_it(scores):
    arms = {("base" if i == 0 else f"arm{i}"): values for i, values in enumerate(scores)}
    result = compare(table(arms), against_base(arms), RULE)
    values = numeric(result)
    assert np.isfinite(values[~result.select_dtypes("number").isna().to_numpy()]).all()
    assert not result["reason"].str.contains(r"\b(?:nan|inf)\b", case=False).any()
    assert set(result["verdict"]) <= set(Verdict)
    undecided = result[result["verdict"] == "inconclusive"]
    assert (undecided["seeds_needed"] > undecided["n"]).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, None])
def test_a_score_that_is_no_number_names_arm_and_seed(bad):
    scores = table({"base": [0.9, 0.8], "arm": [0.9, 0.8]})
    scores.loc[3, "score"] = bad
    with pytest.raises(ValueError, match="'arm', seed 1"):
        compare(scores, {"arm": "base"}, RULE)


def test_other_errors_name_what_is_wrong():
    scores = table({"base": [0.9, 0.8], "arm": [0.9, 0.8]})
    with pytest.raises(ValueError, match="'base', seed 0: two scores"):
        compare(pd.concat([scores, scores.iloc[:1]]), {"arm": "base"}, RULE)
    with pytest.raises(ValueError, match=r"lack the columns \['score'\]"):
        compare(scores.drop(columns="score"), {"arm": "base"}, RULE)
    with pytest.raises(ValueError, match="its own reference"):
        compare(scores, {"arm": "arm"}, RULE)


@pytest.mark.parametrize("wrong", [{"margin": 0}, {"margin": np.nan}, {"margin": 1, "planned": -1}])
def test_a_meaningless_rule_is_refused(wrong):
    with pytest.raises(ValueError):
        Rule(**wrong)


def test_the_method_of_the_rule_judges():
    rng = np.random.default_rng(2)
    base = rng.normal(0.9, 0.01, 8)
    arms = {"base": base, "arm": base + rng.normal(0.004, 0.005, 8), "other": base + rng.normal(0.004, 0.005, 8)}
    method = Method(0.1, replace(METHOD.test, estimate=lambda d, alpha, part: PairedT(0.5, -alpha, alpha, 0.06, 0.1)),
                    Correction("none", np.asarray))
    result = compare(table(arms), against_base(arms), Rule(0.0001, method=method)).iloc[0]
    assert result[["difference", "low", "high", "p", "p_adjusted", "verdict"]].tolist() == [0.5, -0.1, 0.1, 0.06, 0.06, "helps"]
    assert (result["simultaneous_low"], result["simultaneous_high"]) == (-0.05, 0.05)
