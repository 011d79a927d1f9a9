"""Broken input ends in one message, wherever it comes in: a few inputs here, thousands in the slow form, and all that failed once."""

import importlib.util
import json
import subprocess
import sys

import pytest

from tests.faults.fuzz import CORPUS, PROMISED, ROOT, Runner, Watch, by_hypothesis
from tests.faults.size import sized
from tests.faults.targets import TARGETS

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
    by_hypothesis(runner, {"results": 20, "sealed": 20, "cache": 60}.get(name, 150), 0)
    assert runner.inputs >= 20


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_failed_once_does_not_fail_again(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (folder := tmp_path / "input").mkdir()
    TARGETS[path.parent.name].feed(path.read_bytes(), folder)


@pytest.mark.slow
def test_broken_inputs_resealed_stores_and_damaged_caches_by_the_thousand(record_property):
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("needs atheris: pip install dlbench[fuzz]")
    assert sum(target.inputs for name, target in TARGETS.items() if name not in ("sealed", "cache")) == 50_000
    found, ended = _told("tests.faults.fuzz", "--inputs", sized(PROMISED))
    record_property("fuzz", json.dumps(found))
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert {counts["target"] for counts in found} == set(TARGETS)


@pytest.mark.slow
@pytest.mark.parametrize("module, promised", [("folders", 3000), ("models", 300)])
def test_random_folders_and_models_are_taken_as_they_are_or_refused_with_a_sentence(module, promised, record_property):
    (counts,), ended = _told(f"tests.faults.{module}", "--count", sized(promised))
    record_property("drawn", json.dumps(counts | {"promised": promised}))
    assert ended.returncode == 0, counts["failures"]


def _told(module, *arguments):
    """What a program printed, one JSON object a line, and how it ended."""
    ended = subprocess.run([sys.executable, "-m", module, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False)
    return [json.loads(line) for line in ended.stdout.splitlines()], ended
