"""Ratios are taken within rounds, shares add up, goals are judged by the median."""

from __future__ import annotations

import pytest

from benchmarks.peers.cases import CASES
from benchmarks.peers.ratios import GOALS, KERAS, Spread, differs, overhead, overheads, parts_of, ratio, sgemm_share, training_rate


def test_a_ratio_is_taken_round_by_round_and_only_where_both_are_done(mnist):
    mnist["rounds"][1]["work_s"] = 120.0
    mnist["rounds"][7]["status"] = "failed"
    assert ratio(mnist, "keras") == Spread(pytest.approx((2.0 + 182 / 60) / 2), 2.0, pytest.approx(182 / 60), 2)


def test_the_wall_ratio_holds_the_imports_of_both(mnist):
    assert ratio(mnist, "torch", "wall_s").median == pytest.approx(111 / 70)


def test_a_peer_that_was_never_measured_has_no_ratio(mnist):
    mnist["rounds"] = [entry for entry in mnist["rounds"] if entry["peer"] != "tuner"]
    assert ratio(mnist, "tuner") is None


def test_the_parts_of_the_time_sum_to_one_and_overhead_is_all_but_the_first_three(mnist):
    entry = mnist["rounds"][0]
    parts = parts_of(entry)
    assert sum(parts.values()) == pytest.approx(1)
    assert sum(list(parts.values())[3:]) == pytest.approx(overhead(entry)) == pytest.approx(0.04)


def test_the_arithmetic_rate_counts_all_workers_together(mnist):
    assert training_rate(mnist["rounds"][0]) == pytest.approx(8e12 / (1.8 * 60 / 2) / 1e9)
    assert sgemm_share(mnist).median == pytest.approx(training_rate(mnist["rounds"][0]) / 240)


def test_goals_are_judged_by_the_median():
    speed, share = GOALS[0], GOALS[-1]
    assert speed.met(Spread(15.0, 8.0, 16.0, 3)) and not speed.met(Spread(14.9, 9.0, 16.0, 3))
    assert share.at_most and share.met(Spread(0.08, 0.01, 0.2, 3)) and not share.met(Spread(0.081, 0.0, 0.1, 3))


def test_every_case_has_a_goal_against_the_keras_script():
    assert {goal.case for goal in GOALS if goal.text == KERAS} == {case.name for case in CASES}


def test_bfloat16_has_ratios_of_its_own(sweep):
    assert ratio(sweep, "keras", of="dlbench_bfloat16").median == pytest.approx(181 / 30)
    reached = {goal.text: goal.measure(sweep).median for goal in GOALS if goal.case == "mnist_sweep" and not goal.share}
    assert reached == {KERAS: pytest.approx(181 / 60), "in bfloat16, against the Keras script": pytest.approx(181 / 30)}


def test_a_case_reaches_the_goals_it_was_made_to_reach(mnist):
    assert all(goal.met(goal.measure(mnist)) for goal in GOALS if goal.case == "mnist")
    assert overheads(mnist).rounds == 3


def test_accuracies_differ_only_beyond_their_standard_errors():
    assert not differs([0.97, 0.98, 0.99], [0.975, 0.985, 0.98])
    assert differs([0.97, 0.98, 0.99], [0.90, 0.91, 0.92])
    assert not differs([0.99], [0.5])
