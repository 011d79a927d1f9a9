"""Rounds take turns, resume, and are kept apart from those of other machines; nothing is trained here."""

import os

import pytest

from benchmarks.decision import timing
from benchmarks.decision.cases import CASES, LOOPED, TIMED, described, find, planned
from benchmarks.decision.sessions import Session
from benchmarks.decision.timing import AGREEMENT_SEEDS, DLBENCH, FINAL, LOOP, SEEDS, WAYS, Timing, loop_seeds, pending, request
from benchmarks.peers.cases import describe
from benchmarks.peers.cases import find as peers_case
from dlbench.study import load, plan
from dlbench.values.errors import InputError


class Counted:
    """Answers for a process: blocks of two runs that take as long as the way of the request."""

    def __init__(self, module, env):
        assert env["TF_ENABLE_ONEDNN_OPTS"] == "1" and os.path.isabs(env["DLBENCH_CACHE_DIR"])

    def ask(self, asked):
        return {"scores": {"baseline": [0.9], "dropout 0.5": [0.9]}, "steps": 10}, 6.0 if "seeds" in asked else 1.0

    def close(self):
        Counted.closed += 1


@pytest.fixture
def counted(monkeypatch):
    Counted.closed = 0
    monkeypatch.setattr(timing, "Session", Counted)


def test_a_process_answers_line_by_line_whatever_else_it_prints():
    session = Session("tests.benchmarks.decision.echo", dict(os.environ))
    assert session.ask({"a": 1})[0] == {"a": 1, "heard": True} and session.ask({"b": [2.5]})[0]["b"] == [2.5]
    with pytest.raises(RuntimeError, match="echo ended with exit code 7"):
        session.ask({"end": True})
    session.close()


def test_no_seed_of_the_loop_is_used_twice():
    used = [seed for turn in range(5) for of_arm in loop_seeds(turn) for seed in of_arm]
    assert len(used) == len(set(used)) and len(loop_seeds(0)) == len(LOOPED) and not {*used} & {*AGREEMENT_SEEDS}


def test_every_way_begins_in_turn_and_what_is_done_is_not_done_again():
    case = find("digits")
    every = list(pending([], [case], 3))
    assert sorted(way for _, _, way in every) == sorted(3 * WAYS) and [every[3 * turn][2] for turn in range(3)] == list(WAYS)
    done = [{"round": turn, "case": one.name, "way": way} for turn, one, way in every[:4]]
    assert list(pending(done, [case], 3)) == every[4:]


def test_rounds_are_kept_and_resumed(tmp_path, counted):
    file, cases = tmp_path / "timing.json", [find("digits")]
    Timing(file, tmp_path, lambda text: None).measure(cases, 1)
    first = timing.read(file)
    Timing(file, tmp_path, lambda text: None).measure(cases, 2)
    both = timing.read(file)
    assert both["rounds"][:3] == first["rounds"] and len(both["rounds"]) == 6 and len(both["starts"]) == 2 and Counted.closed == 4
    assert {entry["way"]: entry["seconds"] / entry["runs"] for entry in both["rounds"]} == {LOOP: 3.0, FINAL: 0.5, DLBENCH: 0.5}
    Timing(file, tmp_path, lambda text: None).measure(cases, 2)
    assert timing.read(file) == both and Counted.closed == 4
    assert both["scores"] == {"digits": [0.9]}


@pytest.mark.parametrize("name", ["machine", "source"])
def test_rounds_of_another_machine_or_version_are_not_added_to(tmp_path, counted, monkeypatch, name):
    file = tmp_path / "timing.json"
    Timing(file, tmp_path, lambda text: None).measure([find("digits")], 1)
    monkeypatch.setattr(timing, "machine" if name == "machine" else "source_digest", lambda: "another")
    with pytest.raises(InputError, match=f"another {name}; remove"):
        Timing(file, tmp_path, lambda text: None)


def test_no_rounds_are_said_to_be_missing(tmp_path):
    with pytest.raises(InputError, match="--step timing"):
        timing.read(tmp_path / "timing.json")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_ways_train_the_same(case):
    study, loop = planned(case), described(case)
    recipes = {arm.name: arm.recipe for arm in study.arms}
    assert [arm["name"] for arm in loop["arms"]] == list(LOOPED) and {*LOOPED, *TIMED} <= set(recipes)
    assert loop["epochs"] == study.study.baseline.budget.amount and loop["model"] == study.study.baseline.model.name
    for arm in loop["arms"]:
        recipe = recipes[arm["name"]]
        assert (arm["batch_size"], arm["learning_rate"], arm["dropout"]) == (
            recipe.training.batch_size, recipe.training.learning_rate, recipe.model.dropout)
    assert study.study.baseline.data.validation == 0 and study.study.baseline.score_over == "last_quarter"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_dlbench_is_timed_as_it_decides_and_once_as_the_loop_scores(case, tmp_path):
    final, decides = (request(way, case, 0, tmp_path)["choices"] for way in (FINAL, DLBENCH))
    assert final["changes"] == {"score.over": "final"} and decides["changes"] == ({"folds": 4} if case.folds else {})
    for choices, score in ((final, "final"), (decides, "last_quarter")):
        made = plan(load(str(case.study), overrides=tuple(f"{key}={value}" for key, value in choices["changes"].items())))
        assert {arm.recipe.score_over for arm in made.arms} == {score}
    assert case.folds in (0, SEEDS)


def test_settings_that_the_loop_does_not_know_are_those_of_the_peers():
    assert set(described(find("digits"))["arms"][0]) == set(describe(peers_case("digits"))["arms"][0])
