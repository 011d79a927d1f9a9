"""The sentences are true to the table."""

from dlbench.report.analysis import analyse
from tests.report.conftest import build, fail


def test_helps_and_hurts_name_the_direction_and_the_size():
    analysis = analyse(build({"baseline": 0.0, "up": 0.05, "down": -0.05}))
    assert analysis.answers["up"].startswith("Helps: it raises test accuracy by ")
    assert analysis.answers["down"].startswith("Hurts: it lowers test accuracy by ")
    size = f"{analysis.verdicts.set_index('arm').loc['up', 'difference'] * 100:.2f} percentage points"
    assert size in analysis.answers["up"]


def test_with_a_loss_a_fall_helps():
    analysis = analyse(build({"baseline": 0.0, "good": 0.2}, metric="test_loss"))
    assert analysis.answers["good"].startswith("Helps: it lowers test loss by 0.0")
    assert "nats" in analysis.answers["good"]


def test_no_effect_names_the_margin():
    analysis = analyse(build({"baseline": 0.0, "same": 0.0}, margin=0.02))
    assert "within the margin of ±2 pp" in analysis.answers["same"]
    assert analysis.answer == "The one change tested makes no meaningful difference."


def test_an_arm_with_another_reference_names_it(results):
    assert "against transfer mode=scratch" in analyse(results).answers["transfer mode=finetune"]


def test_doubt_is_told_in_the_answer_itself(results):
    runs = results.runs.copy()
    runs.loc[runs["arm"] == "separable_conv", ["control", "control_faults"]] = ["uncontrolled", "split differs"]
    analysis = analyse(type(results)(**{**vars(results), "runs": runs}))
    assert analysis.answers["separable_conv"].endswith("Uncontrolled: split differs (8 of 8 seeds).")
    assert any("Not a controlled comparison: separable_conv" in note for note in analysis.notes)


def test_two_environments_are_noted(results):
    runs = results.runs.assign(environment=["e0"] * 10 + ["e1"] * (len(results.runs) - 10))
    assert any("2 different environments" in note for note in analyse(type(results)(**{**vars(results), "runs": runs})).notes)


def test_failures_other_than_divergence_are_told_apart(results):
    sentence = analyse(fail(fail(results, "separable_conv", [1]), "separable_conv", [2], "timeout", "60 s")).answers[
        "separable_conv"
    ]
    assert "1 of 7 runs diverged, 0 of 8 of baseline, adjusted p 1. 1 of 8 runs failed." in sentence
