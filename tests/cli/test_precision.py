"""``precision`` from the command line: what is screened in bfloat16 and decided in float32, and what the machine gains."""

import json

import pytest

import dlbench
from dlbench.app import doctor
from dlbench.app import plan as planning
from dlbench.execution import driver
from dlbench.execution.gain import known_gain
from dlbench.values.gain import Gain
from tests.execution.fakes import FakePool, accuracy

SCREEN = {0.2: 0.1, 0.5: 0.0}
"""Gain of each rate of dropout in bfloat16: the first helps, of the second nothing is shown."""


@pytest.fixture
def scores():
    """What the runs score: of a study in two parts, other gains in float32."""
    half, whole = accuracy(SCREEN, noise=0.02), accuracy({0.2: 0.1, 0.5: 0.1}, noise=0.002)
    ran = []

    def score(fields, seed):
        ran.append((fields.get("model.precision"), fields.get("model.dropout", 0.0), seed))
        return (half if "model.precision" in fields else whole)(fields, seed)

    score.ran = ran
    return score


@pytest.fixture
def run(call, study, monkeypatch, scores):
    """``run("--fail-on", "hurts")``: what ``dlbench run`` says of a study of two rates of dropout that asks for ``auto``."""
    study.write_text('precision = "auto"\n' + study.read_text().partition('[[arms]]\ntechnique = "l2"')[0])
    monkeypatch.setattr(driver, "Pool", FakePool(scores))
    return lambda *arguments: call("run", study, "--no-timing", "--jobs", "2", *arguments)


def test_what_bfloat16_decides_is_run_in_float32_on_seeds_that_chose_nothing(run, scores, tmp_path):
    ended = run()
    assert ended.code == 0 and "in float32, on other seeds (4 to 7), whose verdicts count: dropout rate=0.2" in " ".join(ended.err.split())
    assert "open, and not run in float32: dropout rate=0.5" in ended.err
    confirmed = {(rate, seed) for kind, rate, seed in scores.ran if kind is None}
    assert confirmed == {(rate, seed) for rate in (0.0, 0.2) for seed in range(4, 8)}
    first, second = (tmp_path / "reports" / name / "report.md" for name in ("study", "study-float32"))
    assert "These runs only screen, in bfloat16" in first.read_text() and "precision: bfloat16 to screen" in first.read_text()
    assert "chose what is here: 1 arm that they decided; dropout rate=0.5 stayed open" in second.read_text()
    before = len(scores.ran)
    assert run().code == 0 and len(scores.ran) == before, "the same command finds all of it there"


def test_where_nothing_is_decided_nothing_is_run_in_float32(run, scores, monkeypatch):
    monkeypatch.setitem(SCREEN, 0.2, 0.0)
    scores_none = accuracy(SCREEN, noise=0.02)
    monkeypatch.setattr(driver, "Pool", FakePool(scores_none))
    ended = run("--fail-on", "inconclusive")
    assert ended.code == 1 and "nothing is run in float32: no arm is decided in bfloat16, so all remain open" in ended.err


def test_a_screening_run_hurts_nobody_until_float32_says_so(run, monkeypatch):
    hurting = accuracy({0.2: -0.1, 0.5: 0.0}, noise=0.02), accuracy({0.2: 0.0, 0.5: 0.0}, noise=0.002)
    monkeypatch.setattr(driver, "Pool", FakePool(lambda fields, seed: hurting["model.precision" not in fields](fields, seed)))
    ended = run("--fail-on", "hurts")
    assert "dropout rate=0.2: hurts" in ended.out and ended.code == 0, "what bfloat16 says is no verdict yet"


def test_a_study_in_float32_hurts_what_it_hurts(run, monkeypatch):
    monkeypatch.setattr(driver, "Pool", FakePool(accuracy({0.2: -0.1, 0.5: 0.0}, noise=0.002)))
    assert run("--fail-on", "hurts").code == 1


def test_from_python_the_results_are_those_in_float32(run, study, tmp_path):
    result = dlbench.run(study, progress=False, timing=False, jobs=2)
    assert result.folder == tmp_path / "reports" / "study-float32" or result.folder.name == "study-float32"
    assert list(result.verdicts["arm"]) == ["dropout rate=0.2"] and result.study["screened"]["open"] == ["dropout rate=0.5"]


def test_an_adaptive_study_is_confirmed_by_looks_on_later_seeds(run, study, scores):
    study.write_text(study.read_text().replace("seeds = 4", "adaptive = { looks = [3, 5] }"))
    assert "(5 to 9)" in run().err
    assert min(seed for kind, _, seed in scores.ran if kind is None) == 5


def test_plan_says_what_bfloat16_gains_of_studies_that_use_it_and_where_it_is_known(call, study, monkeypatch):
    monkeypatch.setattr(planning, "bfloat16_gain", lambda *_: Gain(0.5, 0.25))
    monkeypatch.setattr(planning, "known_gain", lambda *_: None)
    facts = json.loads(call("plan", study, "--json", "--set", "precision=bfloat16").out)
    assert facts["precision"] == "bfloat16" and facts["bfloat16"].startswith("a training step takes 0.50 times the time of float32")
    told = call("plan", study, "--set", "precision=auto").out
    assert "inference 0.25 times" in " ".join(told.split()) and "bfloat16 to screen" in told
    assert "16 runs: 0 done, 16 to do, then up to 16 in float32" in told
    assert "bfloat16" not in call("plan", study).out, "a study in float32 measures nothing"
    monkeypatch.setattr(planning, "known_gain", lambda *_: Gain(1.5, 2.0))
    assert "nothing is gained" in " ".join(call("plan", study).out.split())


def test_doctor_says_what_bfloat16_gains(call, monkeypatch):
    monkeypatch.setattr(doctor, "_workers", lambda: iter([("worker", "ready", True)]))
    monkeypatch.setattr(doctor, "bfloat16_gain", lambda *_: Gain(0.49, 0.38))
    assert "a training step takes 0.49 times the time of float32" in " ".join(call("doctor").out.split())


def test_no_gain_is_known_before_it_was_measured(tmp_path):
    assert known_gain(str(tmp_path)) is None
