"""Rounds rotate, are kept at once, and are not measured twice."""

from __future__ import annotations

import json
import sys

import pytest

from benchmarks.peers import process, session
from benchmarks.peers.cases import describe, find
from benchmarks.peers.contestants import Failed, Peer, Place, scrubbed
from benchmarks.peers.session import Raw, Session, pending, rotated
from dlbench.values.errors import InputError

MACHINE = {"cpu": "Example CPU", "cores": 2}


def _known(**changed) -> dict:
    """What is known of a case before its first round."""
    return {"case": describe(find("digits")), "machine": MACHINE, "source": "0a1b2c3d", **changed}


def _peer(name: str, measure=lambda place: {"wall_s": 1.0}, **options) -> Peer:
    return Peer(name, name, measure, **options)


@pytest.fixture
def running(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "prepare", lambda place: None)
    case = find("digits")
    raw = Raw(tmp_path / "peers.json")
    part = raw.case(_known(), "the command")
    return Session(raw, part, Place(case, describe(case), tmp_path / "work"), lambda text: None)


def test_each_round_begins_one_further():
    assert [rotated("abc", turn)[0] for turn in range(4)] == ["a", "b", "c", "a"]
    assert all(sorted(rotated("abc", turn)) == ["a", "b", "c"] for turn in range(4))


def test_what_is_done_is_not_measured_again_and_what_failed_is():
    entries = [{"round": 0, "peer": "a", "status": "done"}, {"round": 0, "peer": "b", "status": "failed"}]
    assert [(turn, peer.name) for turn, peer in pending(entries, [_peer("a"), _peer("b")], 2)] == [(0, "b"), (1, "b"), (1, "a")]


def test_a_session_resumes_from_its_file(running):
    calls = []

    def measure(place):
        calls.append(place)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return {"wall_s": float(len(calls))}

    with pytest.raises(KeyboardInterrupt):
        running.measure([_peer("a", measure)], 3)
    again = Raw(running.raw.path)
    part = again.case(_known(), "the command", anew=True)
    assert Session(again, part, running.place, lambda text: None).measure([_peer("a", measure)], 3)
    assert [(entry["round"], entry["wall_s"]) for entry in part["rounds"]] == [(0, 1.0), (1, 3.0), (2, 4.0)]


def test_a_failure_is_kept_with_its_reason_and_without_paths(running):
    def measure(place):
        raise Failed(f"cannot read {place.work}/x")

    assert not running.measure([_peer("a", measure)], 1)
    assert running.part["rounds"] == [{"round": 0, "peer": "a", "status": "failed", "reason": "cannot read WORK/x"}]


def test_a_peer_that_cannot_run_is_left_out_with_its_reason(running):
    assert running.measure([_peer("torch", missing=lambda place: "no torch")], 1)
    assert (running.part["skipped"], running.part["rounds"]) == ({"torch": "no torch"}, [])


def test_rounds_of_other_settings_or_machines_are_never_mixed(running):
    running.raw.keep()
    described = running.place.described
    with pytest.raises(InputError, match="epochs"):
        Raw(running.raw.path).case(_known(case={**described, "epochs": 3}), "")
    with pytest.raises(InputError, match="cores"):
        Raw(running.raw.path).case(_known(machine={**MACHINE, "cores": 4}), "")


@pytest.mark.parametrize("changed", [{"machine": {**MACHINE, "cores": 4}}, {"source": "ffffffff"}])
def test_rounds_of_another_machine_or_source_are_measured_anew_where_that_is_asked(running, changed):
    running.measure([_peer("a")], 2)
    again = Raw(running.raw.path)
    assert len(again.case(_known(), "the command", anew=True)["rounds"]) == 2
    assert again.case(_known(**changed), "the command", anew=True)["rounds"] == []


def test_rounds_of_another_source_are_gone_on_with_where_they_are_not_measured_anew(running):
    running.measure([_peer("a")], 1)
    assert len(Raw(running.raw.path).case(_known(source="ffffffff"), "the command")["rounds"]) == 1


def test_the_file_is_json_with_a_list_of_numbers_on_a_line(running):
    running.measure([_peer("a", lambda place: {"wall_s": 1.23456789, "accuracy": {"baseline": [0.1, 0.2, -1e-07]}})], 1)
    text = running.raw.path.read_text(encoding="utf-8")
    assert json.loads(text)["cases"]["digits"]["rounds"][0]["wall_s"] == 1.234568
    assert "[0, 1, 2, 3, 4, 5, 6, 7]" in text


def test_a_process_is_timed_from_start_to_end_and_its_words_are_noted():
    code = "import sys, time; time.sleep(0.2); print('imported', file=sys.stderr, flush=True); time.sleep(0.2); print('{}')"
    found = process.run([sys.executable, "-c", code], {}, {"ready": r"imported$", "never": "nothing"})
    assert 0.2 <= found.marks["ready"] < found.wall_s, "its words may be read late, and never early"
    assert (found.output.strip(), found.code, "never" in found.marks) == ("{}", 0, False)


def test_a_process_that_fails_leaves_its_last_words():
    found = process.run([sys.executable, "-c", "raise SystemExit('no such thing')"], {}, {})
    assert (found.code, found.tail) == (1, "no such thing")


def test_what_a_process_leaves_behind_is_waited_for_and_not_counted():
    child = "import time; time.sleep(1)"
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}])"
    found = process.run([sys.executable, "-W", "ignore", "-c", code], {}, {})
    assert found.left_s > 0.2 and found.wall_s + found.left_s > 1


def test_paths_of_the_machine_are_taken_out_of_reasons(running):
    place = Place(running.place.case, {}, running.place.work, "/some/data", "/some/torch/bin/python")
    assert scrubbed(place, f"{place.work}/a /some/data/b /some/torch/c") == "WORK/a DATA/b TORCH/c"
