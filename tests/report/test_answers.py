"""The sentences are true to the table."""

from dataclasses import replace

import pandas as pd
import pytest

from dlbench.analysis import analyse
from dlbench.report.answers import answer, notes, sentences
from tests.report.conftest import build, empty, fail, without_runs


def test_helps_and_hurts_name_the_direction_and_the_size():
    analysis = analyse(build({"baseline": 0.0, "up": 0.05, "down": -0.05}))
    assert sentences(analysis)["up"].startswith("Helps: it raises test accuracy by ")
    assert sentences(analysis)["down"].startswith("Hurts: it lowers test accuracy by ")
    size = f"{analysis.verdicts.set_index('arm').loc['up', 'difference'] * 100:.2f} percentage points"
    assert size in sentences(analysis)["up"]


def test_with_a_loss_a_fall_helps():
    analysis = analyse(build({"baseline": 0.0, "good": 0.2}, metric="test_loss"))
    assert sentences(analysis)["good"].startswith("Helps: it lowers test loss by 0.0")
    assert "nats" in sentences(analysis)["good"]


def test_no_effect_names_the_margin():
    analysis = analyse(build({"baseline": 0.0, "same": 0.0}, margin=0.02))
    assert "within the margin of ±2 pp" in sentences(analysis)["same"]
    assert answer(analysis) == "The one change tested on this test set makes no meaningful difference."


def test_an_arm_with_another_reference_names_it(results):
    assert "against transfer mode=scratch" in sentences(analyse(results))["transfer mode=finetune"]


def test_doubt_is_told_in_the_answer_itself(results):
    runs = results.runs.copy()
    runs.loc[runs["arm"] == "separable_conv", ["control", "control_faults"]] = ["uncontrolled", "split differs"]
    analysis = analyse(type(results)(**{**vars(results), "runs": runs}))
    assert sentences(analysis)["separable_conv"].endswith("Uncontrolled: split differs (8 of 8 seeds).")
    assert any("Not a controlled comparison: separable_conv" in note for note in list(notes(analysis)))


def test_two_environments_are_noted(results):
    runs = results.runs.assign(environment=["e0"] * 10 + ["e1"] * (len(results.runs) - 10))
    assert any("2 different environments" in note for note in notes(analyse(type(results)(**{**vars(results), "runs": runs}))))


def test_failures_other_than_divergence_are_told_apart(results):
    sentence = sentences(analyse(fail(fail(results, "separable_conv", [1]), "separable_conv", [2], "timeout", "60 s")))["separable_conv"]
    assert "1 of 7 runs diverged, 0 of 8 of baseline, adjusted p 1. 1 of 8 runs failed." in sentence


def test_a_partial_study_says_so_first(results):
    found = list(notes(analyse(without_runs(results, "separable_conv", (1,)))))
    assert found[0] == "Partial: 73 of 80 runs have finished, so every number here may still change."
    assert not any("Partial" in note for note in notes(analyse(results)))



def test_the_answer_counts_every_arm_once(results):
    analysis = analyse(results)
    numbers = [int(word) for word in answer(analysis).replace(",", " ").split() if word.isdigit()]
    assert numbers[0] == len(analysis.verdicts) == sum(numbers[1:])



def test_a_study_of_one_arm_still_says_what_it_reached():
    results = build({"baseline": 0.0})
    analysis = analyse(results)
    mean = results.runs["test_accuracy"].mean() * 100
    assert f"The arm baseline reaches a mean test accuracy of {mean:.2f} %" in answer(analysis)
    assert "8 seeds" in answer(analysis)


@pytest.mark.parametrize("make", [
    empty, lambda: build({"baseline": 0.0}), lambda: without_runs(build(), "separable_conv", (1,)),
    lambda: without_runs(build(), "baseline"), lambda: fail(build(), "baseline", list(range(8)), "error", "ValueError: no"),
    lambda: replace(build(), rounds=pd.DataFrame()),
])
def test_a_partial_study_has_a_sentence_for_each_arm_and_no_hole_in_any(make):
    analysis = analyse(make())
    assert list(sentences(analysis)) == list(analysis.verdicts["arm"])
    assert "nan" not in " ".join([answer(analysis), *sentences(analysis).values(), *notes(analysis)]).lower().replace("finan", "")


def test_a_time_is_told_only_where_it_was_measured(results):
    assert "Training takes" in " ".join(sentences(analyse(results)).values())
    assert "Training takes" not in " ".join(sentences(analyse(replace(results, rounds=pd.DataFrame()))).values())
