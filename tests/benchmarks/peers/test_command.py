"""The command measures one case after another, and what is wrong with one of them is said before the first is measured."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from benchmarks.peers import __main__ as command
from benchmarks.peers import session
from benchmarks.peers.cases import CASES
from benchmarks.peers.contestants import Failed, Peer


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """Calls the command with peers that train nothing; returns its result, and what was measured so far."""
    calls: list[tuple[str, str]] = []

    def peer(name: str) -> Peer:
        def measure(place):
            calls.append((place.case.name, name))
            return {"wall_s": 2.0, "work_s": 1.0, "accuracy": {arm["name"]: [0.5] for arm in place.described["arms"]}, "steps": 1,
                    "evaluated": 1, "parameters": {}, "versions": {"source": "0a1b2c3d"}, "left_s": 0.0, "workers": 1, "ready_s": 1.0,
                    "marks": {"training": 1.0, "trained": 2.0}, "cost": dict.fromkeys(("load_s", "trace_s", "train_s", "evaluate_s"), 0.1)}

        return Peer(name, name, measure)

    def prepare(place):
        if place.case.name == "transfer":
            raise Failed("there is no data")

    monkeypatch.setattr(command.contestants, "PEERS", (peer("dlbench"), peer("keras")))
    monkeypatch.setattr(session, "prepare", prepare)
    out = tmp_path / "peers.md"
    return lambda *options: (CliRunner().invoke(command.main, ["--out", str(out), *options]), calls, out)


def test_all_cases_are_measured_one_after_the_other_and_one_without_data_stops_none(measured):
    result, calls, out = measured("--rounds", "1")
    assert [name for name, peer in calls if peer == "dlbench"] == [case.name for case in CASES if case.name != "transfer"]
    assert result.exit_code == 3 and "transfer: there is no data" in result.output
    assert "- transfer: not measured yet." in out.read_text(encoding="utf-8")


def test_the_same_command_again_measures_only_what_is_missing(measured):
    options = "--case", "digits", "--case", "mnist", "--rounds", "1", "--anew"
    measured(*options)
    result, calls, _ = measured(*options, "--case", "mnist_sweep")
    assert result.exit_code == 0
    assert [name for name, peer in calls if peer == "keras"] == ["digits", "mnist", "mnist_sweep"]


def test_rounds_of_other_settings_are_refused_before_anything_is_measured(measured):
    measured("--case", "mnist", "--rounds", "1")
    result, calls, out = measured("--case", "digits", "--case", "mnist", "--seeds", "1")
    assert result.exit_code == 2 and "case 'mnist'" in result.output and "--anew" in result.output
    assert len(calls) == 2
    measured("--case", "mnist", "--rounds", "1", "--seeds", "1", "--anew")
    assert json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))["cases"]["mnist"]["case"]["seeds"] == [0]


def test_rounds_are_kept_where_a_case_cannot_be_measured_anew(measured):
    measured("--case", "digits", "--rounds", "1")
    before = measured("--report-only")[2].with_suffix(".json").read_text(encoding="utf-8")
    result, _, out = measured("--case", "transfer", "--rounds", "1", "--anew")
    assert result.exit_code == 3 and out.with_suffix(".json").read_text(encoding="utf-8") == before
