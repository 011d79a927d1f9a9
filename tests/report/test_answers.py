"""The sentences are true to the table."""

from dlbench.analysis import analyse
from dlbench.report.answers import answer, notes, sentences
from tests.report.conftest import build, fail


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
    assert answer(analysis) == "The one change tested makes no meaningful difference."


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
