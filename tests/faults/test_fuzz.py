"""Broken input ends in one message, wherever it comes in: a few inputs here, 100,000 in the slow form, and all that failed once."""

import importlib.util
import json
import subprocess
import sys

import pytest

from tests.faults.fuzz import CORPUS, PROMISED, ROOT, Runner, Watch, by_hypothesis
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
    by_hypothesis(runner, 20 if name in ("results", "sealed") else 150, 0)
    assert runner.inputs >= 20


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_failed_once_does_not_fail_again(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (folder := tmp_path / "input").mkdir()
    TARGETS[path.parent.name].feed(path.read_bytes(), folder)


@pytest.mark.slow
def test_a_hundred_thousand_broken_inputs(record_property):
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("needs atheris: pip install dlbench[fuzz]")
    done = subprocess.run([sys.executable, "-m", "tests.faults.fuzz", "--inputs", str(PROMISED)], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    record_property("fuzz", json.dumps(found))
    assert done.returncode == 0, done.stderr[-3000:]
    assert sum(counts["inputs"] for counts in found) >= PROMISED
