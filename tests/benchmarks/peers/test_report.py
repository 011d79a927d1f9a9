"""The report says what the raw rounds say."""

from __future__ import annotations

import re

from benchmarks.peers.report import render


def _render(part: dict) -> str:
    return render({"schema": 1, "cases": {part["case"]["name"]: part}})


def test_nothing_measured_is_said_so():
    assert "Nothing has been measured yet." in render({"schema": 1, "cases": {}})


def test_goals_stand_beside_what_was_reached(mnist):
    text = _render(mnist)
    assert "| mnist | against the Keras script | at least 2.5 | 3.02 (3.00 to 3.03) | 3 | yes |" in text
    assert "| mnist | overhead | at most 5 % | 4.0 % (4.0 to 4.0) | 3 | yes |" in text
    assert "fell short\n\n- digits: not measured yet." in text


def test_cases_that_are_not_measured_yet_are_named_with_their_commands_and_goals(mnist):
    text = _render(mnist)
    assert "- transfer: A few photographs, the head of a frozen VGG16: `python -m benchmarks.peers --case transfer`" in text
    assert "| transfer | against the Keras script | at least 20 | not measured | 0 | – |" in text
    assert "- transfer: not measured yet." in text and "- mnist: not measured yet." not in text


def test_a_case_that_could_not_be_begun_is_not_measured(mnist):
    assert "- mnist: not measured yet." in render({"schema": 1, "cases": {
        "mnist": {**mnist, "rounds": []}, "digits": {**mnist, "case": {**mnist["case"], "name": "digits"}}}})


def test_bfloat16_stands_beside_float32(sweep):
    text = _render(sweep)
    float32, bfloat16 = "2.80 (2.79 to 2.81) | 3.02 (3.00 to 3.03)", "4.90 (4.88 to 4.92) | 6.03 (6.00 to 6.07)"
    assert f"| Keras script | 196.0 | 181.0 | {float32} | {bfloat16} | 3 |" in text
    assert "| dlbench in bfloat16 | 40.0 | 30.0 | 0.57 (0.57 to 0.57) | 0.50 (0.50 to 0.50) | 1 | 1 | 3 |" in text
    assert "was faster than dlbench" not in text


def test_what_is_evaluated_is_said_and_counted(mnist, sweep):
    assert "dlbench also evaluates training examples, and the others do not." in _render(mnist)
    text = _render(sweep)
    assert "After each epoch every peer evaluates the validation part. At the end of each training every peer evaluates the test" in text
    assert "After each epoch" not in _render({**sweep, "case": {**sweep["case"], "validation": 0.0}})
    assert "| *examples evaluated, all trainings* | 120,000 | 120,000 | 120,000 |" in text
    assert "| *trainable parameters, one network an arm* | 93,322 | 93,322 | 93,322 |" in text
    sweep["rounds"][1]["evaluated"] = 80_000
    assert "Keras script evaluated 80,000 examples, dlbench 120,000: one of them evaluated more often." in _render(sweep)
    assert "evaluated more often" not in _render(mnist)


def test_a_look_at_data_before_dlbench_is_ready_is_told(mnist):
    assert "it looked at data and model" not in _render(mnist)
    for entry in mnist["rounds"]:
        if entry["peer"] == "dlbench":
            entry["marks"]["looking"] = 2.5
    assert "For 7.5 s before dlbench was ready it looked at data and model" in _render(mnist)


def test_rounds_of_before_there_were_counts_of_parameters_are_still_reported(mnist):
    for entry in mnist["rounds"]:
        for key in ("evaluated", "parameters", "cold"):
            entry.pop(key, None)
    for key in ("examples", "validation", "sampled", "base"):
        mnist["case"].pop(key)
    text = _render(mnist)
    assert "optimizer steps" in text and "trainable parameters, one" not in text and "nothing else, when each round began" not in text


def test_every_table_has_as_many_cells_as_heads(mnist):
    tables = re.findall(r"(?:^\|.*\n)+", _render(mnist), flags=re.MULTILINE)
    assert len(tables) == 4
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_a_missed_goal_is_said_in_words(mnist):
    for entry in mnist["rounds"]:
        if entry["peer"] == "torch":
            entry["work_s"] = 54.0
    text = _render(mnist)
    assert "| 0.90 (0.90 to 0.90) | 3 | **no** |" in text
    assert "mnist: against the PyTorch script: 0.90 times faster (0.90 to 0.90), and at least 1.5 was wanted." in text
    assert "PyTorch script was faster than dlbench" in text


def test_overhead_names_its_largest_part(mnist):
    for entry in mnist["rounds"]:
        if entry["peer"] == "dlbench":
            entry["cost"]["train_s"] -= 24.0
    text = _render(mnist)
    assert "overhead: 24.0 %, and at most 5 % was wanted. Its largest part: between runs, and workers without a run" in text


def test_a_limited_try_reaches_no_goal(mnist):
    mnist["case"]["limited"] = True
    text = _render(mnist)
    assert "–, a limited try" in text and "the goals say nothing here" in text
    assert "| yes |" not in text


def test_peers_that_were_left_out_or_failed_are_named_with_the_reason(mnist):
    mnist["rounds"] = [entry for entry in mnist["rounds"] if entry["peer"] not in ("torch", "tuner")]
    mnist["skipped"] = {"torch": "no --torch-python was given"}
    mnist["rounds"].append({"round": 0, "peer": "tuner", "status": "failed", "reason": "exit code 1: it broke"})
    text = _render(mnist)
    assert "- PyTorch script: left out: no --torch-python was given" in text
    assert "- KerasTuner grid search: failed: exit code 1: it broke" in text
    assert "| mnist | against the PyTorch script | at least 1.5 | not measured | 0 | – |" in text


def test_unequal_training_is_named(mnist):
    for entry in mnist["rounds"]:
        if entry["peer"] == "keras":
            entry |= {"steps": 1876, "accuracy": {"baseline": [0.80, 0.81, 0.80, 0.81]}}
    text = _render(mnist)
    assert "Keras script took 1,876 optimizer steps, dlbench 3,752" in text
    assert "'baseline' scores 17.50 points lower in Keras script than in dlbench" in text


def test_accuracies_of_too_few_seeds_are_not_compared_and_that_is_said(mnist):
    assert "too few to say whether they differ" not in _render(mnist)
    mnist["case"]["seeds"] = [0, 1]
    assert "mnist: accuracies are means over 2 seeds, too few to say whether they differ." in _render(mnist)


def test_an_unsteady_machine_and_a_changed_source_are_named(mnist):
    mnist["rounds"][1]["wall_s"] *= 1.5
    mnist["rounds"][0]["versions"]["source"] = "ffffffff"
    text = _render(mnist)
    assert "the machine was not steady" in text
    assert "dlbench's source changed between rounds (2 versions)" in text


def test_a_session_that_was_broken_off_is_reported_as_far_as_it_came(mnist):
    for count in range(1, len(mnist["rounds"])):
        assert "## What fell short" in _render({**mnist, "rounds": mnist["rounds"][:count]})
