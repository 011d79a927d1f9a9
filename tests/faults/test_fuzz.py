"""Broken input ends in one message, wherever it comes in: a few inputs here, thousands in the slow form, and all that failed once."""

import importlib.util
import json
import subprocess
import sys

import pytest

from tests.faults.fuzz import CORPUS, ENGINES, ROOT, Failed, Runner, Watch, by_hypothesis, fuzzed, shares
from tests.faults.size import sized
from tests.faults.targets import TARGETS, Target
from tests.faults.unseen import Unseen

KEPT = sorted(CORPUS.glob("*/*"))


@pytest.fixture(scope="module")
def watch():
    return Watch()


@pytest.mark.parametrize("name", TARGETS)
def test_broken_input_ends_in_a_message(name, watch, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    runner = Runner(TARGETS[name], tmp_path, watch, tmp_path / "failed")
    runner.warm_up()
    by_hypothesis(runner, wanted := {"results": 8, "sealed": 8, "cache": 20}.get(name, 50), 0)
    assert runner.inputs >= wanted


def test_a_number_is_fed_once_however_often_it_is_drawn():
    unseen = Unseen()
    drawn = [b"", b"\x00", bytes(8), b"\x02", b"\x01", b"\x01", b"\xff", b"\xff", bytes(8)]
    numbers = [int.from_bytes(unseen(data)) for data in drawn]
    assert len(set(numbers)) == len(drawn) and numbers[0] == 0 and 255 in numbers


def test_a_number_that_failed_in_the_place_of_a_drawn_one_fails_again_and_is_kept(watch, tmp_path):
    def feed(data, _):
        if data[-1] == 1:
            raise Failed("one is broken")

    runner = Runner(Target(feed, lambda: [b"\x00"], (), 1, numbered=True), tmp_path, watch, tmp_path / "failed")
    runner(b"\x00")
    for _ in range(2):
        with pytest.raises(Failed):
            runner(b"\x00")
    (kept,) = (tmp_path / "failed").iterdir()
    assert kept.read_bytes() == b"\x01"


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_failed_once_does_not_fail_again(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (folder := tmp_path / "input").mkdir()
    TARGETS[path.parent.name].feed(path.read_bytes(), folder)


def test_fifty_thousand_inputs_are_promised_beside_stores_and_caches():
    assert sum(target.inputs for name, target in TARGETS.items() if name not in ("sealed", "cache")) == 50_000
    assert TARGETS["sealed"].inputs == 10_000 and TARGETS["cache"].inputs == 3_000


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", sorted(TARGETS, key=lambda name: name != "sealed"))  # what takes longest comes first
def test_broken_inputs_resealed_stores_and_damaged_caches_by_the_thousand(name, engine, record_property):
    if engine == "atheris" and importlib.util.find_spec("atheris") is None:
        pytest.skip("needs atheris: pip install dlbench[fuzz]")
    wanted = shares(sized(TARGETS[name].inputs))[engine]
    counts = fuzzed(name, engine, wanted, 0)
    record_property("fuzz", json.dumps([counts]))
    assert not counts["failed"] and counts["inputs"] >= wanted


@pytest.mark.slow
@pytest.mark.parametrize("module, promised", [("models", 1000), ("folders", 3000)])
def test_random_folders_and_models_are_taken_as_they_are_or_refused_with_a_sentence(module, promised, record_property):
    (counts,), ended = _told(f"tests.faults.{module}", "--count", sized(promised))
    record_property("drawn", json.dumps(counts | {"promised": promised}))
    assert ended.returncode == 0, counts["failures"]


def _told(module, *arguments):
    """What a program printed, one JSON object a line, and how it ended."""
    ended = subprocess.run([sys.executable, "-m", module, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False)
    return [json.loads(line) for line in ended.stdout.splitlines()], ended
