"""``dlbench gate`` on a small project outside ours: a git repository with two versions."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from functools import partial

import psutil
import pytest

from dlbench.app import gate_request
from dlbench.gate.pairs import Timer
from tests.repository import git

FIRST = """
import math

def total(n):
    return math.fsum(math.sqrt(i) for i in range(n))
"""
SECOND = FIRST.replace("return math", "math.fsum(math.sqrt(i) for i in range(n))\n    return math")
"""The same answer for twice the work."""
CASES = """
import os
from types import SimpleNamespace
from work import total

VERSION = {version}

def checked():
    return SimpleNamespace(call=lambda: VERSION, reference=lambda: 1, tolerance=(0, 0))

def vary():
    return VERSION * sum(range(1000))

def die():
    return sum(range(1000)) if VERSION == 1 else os._exit(3)

def same():
    return sum(range(3000))

CASES = [SimpleNamespace(name="total", prepare=lambda n: lambda: total(n), options={{"n": 2000}}),
         SimpleNamespace(name="wrong", prepare=checked),
         *(SimpleNamespace(name=f.__name__, prepare=lambda f=f: f) for f in (vary, same, die))]
CASES.append(SimpleNamespace(name=["", "gone", "new"][VERSION], prepare=lambda: same))
"""
SUITE = """
import psutil
import pytest
from work import total

@pytest.mark.parametrize("n", [2000])
def test_total(benchmark, n):
    assert benchmark.pedantic(total, setup=lambda: ((n,), {}), rounds=3) > n

def test_without_benchmark():
    pass

@pytest.mark.skip(reason="not here")
def test_skipped(benchmark):
    benchmark(same)
"""


SURE = ("--min-effect", "50%")
"""Tests share their machine with others."""
PAIR_S = 0.05
"""Long enough to tell twice the work."""


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Pairs take an eighth of their time."""
    monkeypatch.setattr(gate_request, "Timer", partial(Timer, seconds=PAIR_S))


def commit(root, **files):
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    git("add", ".", cwd=root)
    git("commit", "-q", "--allow-empty", "-m", "a version", cwd=root)


@pytest.fixture
def project(tmp_path, call):
    """Two commits; in the second, one function does its work twice. ``call`` works in its folder."""
    git("init", "-q", "-b", "main", cwd=tmp_path)
    commit(tmp_path, work=FIRST, cases=CASES.format(version=1), benchmarks__test_work=SUITE)
    commit(tmp_path, work=SECOND, cases=CASES.format(version=2))
    return tmp_path


def verdicts(project):
    return {case["name"]: case["verdict"] for case in json.loads((project / "gate.json").read_text())["cases"]}


def test_a_module_of_cases_gets_each_verdict(call, project):
    ended = call("gate", "--base", "HEAD~1", "--cases", "cases", *SURE)
    assert ended.code == 1, ended.out + ended.err
    assert verdicts(project) == {"total": "regression", "wrong": "wrong output", "die": "crashed", "vary": "no change", "same": "no change",
                                 "new": "appeared", "gone": "vanished"}
    cases = {case["name"]: case for case in json.loads((project / "gate.json").read_text())["cases"]}
    assert 1.6 < cases["total"]["ratio"] < 2.4 and len(cases["total"]["confirmed"]) >= 12
    assert "exit code 3" in cases["die"]["reason"] and "changed" in cases["vary"]["output"] and cases["same"]["output"] == "same"
    assert "FAILED: 1 regression, 1 wrong output, 1 crashed" in ended.out and max(map(len, ended.out.splitlines())) <= 80
    assert "**regression**" in (project / "gate.md").read_text()


@pytest.mark.slow  # test_gate_projects.py has smaller suites of pytest-benchmark
def test_a_pytest_benchmark_suite_of_a_project_that_does_not_know_dlbench(call, project):
    ended = call("gate", "--base", "HEAD~1", "--pytest", "benchmarks", *SURE)
    assert ended.code == 1, ended.out + ended.err
    suite = "benchmarks/test_work.py::"
    assert verdicts(project) == {f"{suite}test_total[2000]": "regression", f"{suite}test_skipped": "not run"}


def test_a_version_that_did_not_change_passes(call, project):
    ended = call("gate", "--base", "HEAD", "--cases", "cases", "-k", "same", "-k", "vary", *SURE)
    assert ended.code == 0 and "no regression in 2 cases" in ended.out, ended.out + ended.err


def test_what_is_measured_can_stand_in_pyproject(call, project):
    (project / "pyproject.toml").write_text('[tool.dlbench.gate]\ncases = ["cases"]\n')
    assert call("gate", "--base", "HEAD", "-k", "same", *SURE).code == 0


def test_another_environments_python_is_a_base(call, project, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(project))
    assert call("gate", "--base", "HEAD~1", "--base-python", sys.executable, "--cases", "cases", "-k", "same", *SURE).code == 0
    ended = call("gate", "--base-python", sys.executable, "--cases", "cases", "-k", "same")
    assert ended.code == 4 and "both sides load the same files" in " ".join(ended.out.split()), "it is this tree that is installed there"


def test_python_is_this_trees_interpreter_and_the_bases_unless_another_is_named(call, project):
    """One interpreter under two names: the case's output tells which one ran it."""
    other = project / "other-python"
    other.write_text(f'#!/bin/sh\nWHO=other exec {sys.executable} "$@"\n')
    other.chmod(0o755)
    commit(project, who="import os\nWHO = os.environ.get('WHO', 'plain')\nCASES = {'who': lambda: WHO * 1000}")

    def output(*options):
        assert call("gate", "--base", "HEAD", "--cases", "who", *SURE, "--python", str(other), *options).code == 0
        return json.loads((project / "gate.json").read_text())["cases"][0]["output"]

    assert output() == "same" and output("--base-python", sys.executable).startswith("changed")


def test_a_base_without_the_cases_measures_nothing(call, project):
    commit(project, late="CASES = {'sum': lambda: sum(range(1000))}")
    ended = call("gate", "--base", "HEAD~1", "--cases", "late")
    assert ended.code == 4 and "the base has no cases" in " ".join(ended.out.split()) and "appeared" in ended.out


def test_a_tree_whose_cases_cannot_be_imported_fails(call, project):
    commit(project, cases="1 / 0")
    ended = call("gate", "--base", "HEAD~1", "--cases", "cases")
    assert ended.code == 1 and "ZeroDivisionError" in ended.out


@pytest.mark.parametrize("options, words", [
    ((), "nothing to compare with"), (("--base", "nowhere"), "no such git reference"), (("--base", "HEAD", "--cases", "caes"), "caes"),
    (("--base", "HEAD", "--cases", "cases", "-k", "nothing"), "no such cases"),
    (("--base", "HEAD", "--min-effect", "5"), "5% or 0.05"),
    (("--base", "HEAD", "--pytest", "nowhere"), "nowhere"), (("--base", "HEAD", "--servers", "2"), "not in the range"),
    (("--base-python", "nowhere"), "--base-python nowhere: no such program"),
    (("--base", "HEAD", "--python", "nowhere"), "--python nowhere: no such program"), (("--base", "HEAD", "--out", "work.py"), "--out"),
    (("--base", "HEAD"), "no such cases; accepted"),
])
def test_what_cannot_be_gated_is_refused(options, words, call, project):
    ended = call("gate", *options)
    assert ended.code == 2 and words in ended.err.splitlines()[-1] and ended.out == "", ended.err


@pytest.mark.parametrize("table, words", [("case = []", "unknown key 'case'"), ("cases = 'x'", "a list of modules"),
                                          ("pytest = [1]", "a list of paths"), ("= 1", "pyproject.toml")])
def test_a_wrong_table_in_pyproject_is_refused(table, words, call, project):
    (project / "pyproject.toml").write_text(f"[tool.dlbench.gate]\n{table}\n")
    ended = call("gate", "--base", "HEAD")
    assert ended.code == 2 and words in ended.err


def test_cases_may_be_declared_as_an_entry_point(call, project):
    info = project / "own-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: own\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[dlbench.cases]\nmine = cases:CASES\n")
    commit(project)
    assert call("gate", "--base", "HEAD", "-k", "same", *SURE).code == 0
    assert verdicts(project) == {"same": "no change"}


WAITING = """
import time

def wait():
    time.sleep({seconds})

CASES = {{"wait": wait}}
"""


@pytest.mark.slow
def test_waiting_counts_on_the_wall_clock_only_and_is_named(call, project):
    commit(project, waiting=WAITING.format(seconds=0.005))
    commit(project, waiting=WAITING.format(seconds=0.010))
    ended = call("gate", "--base", "HEAD~1", "--cases", "waiting", "--clock", "wall", *SURE)
    assert ended.code == 1 and verdicts(project) == {"wait": "regression"}


def test_no_process_outlives_a_gate_that_is_killed(project):
    commit(project, endless="import time\nCASES = {'endless': lambda: time.sleep(600)}")
    running = subprocess.Popen([sys.executable, "-m", "dlbench", "gate", "--base", "HEAD", "--cases", "endless"], cwd=project,
                               stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    for line in running.stderr:
        if line.startswith("checking"):
            break
    deadline = time.monotonic() + 20
    while len(family := psutil.Process(running.pid).children(recursive=True)) < 8 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(family) >= 8, "six servers and a process of each side"
    running.kill()
    running.wait()
    running.stderr.close()
    _, alive = psutil.wait_procs(family, 10)
    assert not alive


@pytest.mark.skipif(signal.getsignal(signal.SIGINT) is signal.SIG_IGN, reason="started in the background: Ctrl-C is ignored")
def test_an_interrupted_gate_ends_its_processes_and_does_not_say_that_it_resumes(project):
    commit(project, endless="import time\nCASES = {'endless': lambda: time.sleep(600)}")
    running = subprocess.Popen([sys.executable, "-m", "dlbench", "gate", "--base", "HEAD", "--cases", "endless"], cwd=project,
                               stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    with running.stderr:
        for line in running.stderr:
            if line.startswith("checking"):
                break
        family = psutil.Process(running.pid).children(recursive=True)
        running.send_signal(signal.SIGINT)
        assert running.stderr.read().strip() == "dlbench: interrupted; nothing is kept, the same command starts anew"
    assert running.wait() == 130 and not psutil.wait_procs(family, 10)[1]


@pytest.mark.parametrize("options, words", [
    (("--bisect", "HEAD"), "BASE..HEAD"), (("--bisect", "nowhere..HEAD"), "nowhere is no git reference"),
    (("--bisect", "HEAD..HEAD"), "no commit lies between"), (("--bisect", "HEAD~1..HEAD", "--base", "HEAD"), "do not go together"),
    (("--base-python", sys.executable, "--history", "h.jsonl"), "with --base REF"),
    (("--base", "HEAD", "--history", "bad.jsonl"), "line 1"),
])
def test_options_that_do_not_go_together_or_name_nothing_are_refused(options, words, call, tmp_path):
    git("init", "-q", "-b", "main", cwd=tmp_path)
    (tmp_path / "bad.jsonl").write_text("{")
    git("add", ".", cwd=tmp_path)
    git("commit", "-q", "-m", "a version", cwd=tmp_path)
    ended = call("gate", "--pytest", "tests", *options)
    assert ended.code == 2 and words in ended.err.splitlines()[-1] and ended.out == "", ended.err
