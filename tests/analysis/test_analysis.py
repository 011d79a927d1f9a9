"""The analysis says what the runs say, whatever is missing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dlbench.analysis import analyse
from dlbench.analysis import analysis as analysis_module
from dlbench.values.errors import InputError
from dlbench.values.verdict import Verdict
from tests.report.conftest import EFFECTS, build, empty, fail, without_runs


def test_every_compared_arm_has_one_row(results):
    analysis = analyse(results)
    assert sorted(analysis.verdicts["arm"]) == sorted(
        arm for arm in EFFECTS if arm not in ("baseline", "transfer mode=scratch")
    )
    assert set(analysis.verdicts["verdict"]) <= set(Verdict)


def test_differences_are_the_means_of_the_paired_scores(results):
    scores = results.runs.pivot(index="seed", columns="arm", values="test_accuracy")
    for row in analyse(results).verdicts.itertuples():
        assert row.difference == pytest.approx((scores[row.arm] - scores[row.reference]).mean())


def test_pairs_agree_with_the_verdicts(results):
    analysis = analyse(results)
    means = analysis.pairs.groupby("arm")["difference"].mean()
    for row in analysis.verdicts.itertuples():
        assert means[row.arm] == pytest.approx(row.difference)


def test_arms_of_one_reference_stand_together_the_best_first(results):
    table = analyse(results).verdicts
    assert list(dict.fromkeys(table["reference"])) == ["baseline", "transfer mode=scratch"]
    for _, rows in table.groupby("reference"):
        assert rows["difference"].is_monotonic_decreasing


def test_where_lower_is_better_the_lowest_comes_first():
    table = analyse(build(metric="test_loss")).verdicts
    assert table.loc[table["reference"] == "baseline", "difference"].is_monotonic_increasing


def test_a_failed_run_is_an_outcome_and_never_a_number(results):
    analysis = analyse(fail(results, "separable_conv", [2, 5]))
    row = analysis.verdicts.set_index("arm").loc["separable_conv"]
    assert (row["n"], row["done"], row["diverged"], row["failed"]) == (6, 6, 2, 0)
    assert analysis.failures[["arm", "seed", "status"]].values.tolist() == [
        ["separable_conv", 2, "diverged"],
        ["separable_conv", 5, "diverged"],
    ]
    assert row["divergence"] == "2 of 8 runs diverged, 0 of 8 of baseline, adjusted p 1"


def test_a_score_that_is_not_finite_is_left_out(results):
    runs = results.runs.copy()
    runs.loc[(runs["arm"] == "separable_conv") & (runs["seed"] == 0), "test_accuracy"] = np.inf
    assert analyse(replace(results, runs=runs)).verdicts.set_index("arm").loc["separable_conv", "n"] == 7


def test_ratios_are_to_the_reference_of_the_arm(results):
    row = analyse(results).verdicts.set_index("arm").loc["separable_conv"]
    assert row["parameters_ratio"] == pytest.approx(7000 / 19000)
    assert row["macs_ratio"] == pytest.approx(60 / 210)
    assert row["step_low"] < row["step_ratio"] < row["step_high"] and row["step_ratio"] == pytest.approx(1.43)


def test_without_timings_there_is_no_ratio(results):
    analysis = analyse(replace(results, rounds=pd.DataFrame()))
    assert analysis.verdicts["step_ratio"].isna().all()


def test_an_unknown_metric_is_a_usage_error():
    with pytest.raises(InputError, match="test_acuracy"):
        analyse(build(metric="test_acuracy"))


@pytest.mark.parametrize(
    "make",
    [
        empty,
        lambda: build({"baseline": 0.0}),
        lambda: without_runs(build(), "separable_conv", (1,)),
        lambda: without_runs(build(), "baseline"),
        lambda: fail(build(), "baseline", list(range(8)), "error", "ValueError: no"),
    ],
)
def test_partial_studies_are_analysed_and_undecided_where_they_must_be(make):
    results = make()
    analysis = analyse(results)
    assert len(analysis.verdicts) == results.arms["reference"].notna().sum()
    assert (analysis.verdicts.loc[analysis.verdicts["n"].astype(float) < 2, "verdict"] == "no verdict").all()


@pytest.mark.parametrize("name, module", [("noise", "noise"), ("factors", "factor_effects"), ("answered", "answered_pairs")])
def test_what_few_reports_need_is_computed_when_asked_for_and_once(results, monkeypatch, name, module):
    asked = []
    monkeypatch.setattr(analysis_module, module, lambda *_: asked.append(name) or object())
    analysis = analyse(results)
    assert not asked
    assert getattr(analysis, name) is getattr(analysis, name) and asked == [name]
