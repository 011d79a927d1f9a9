"""The engine is started as soon as it is known that a study needs it, and only then."""

import subprocess
import sys
from pathlib import Path

import pytest

from dlbench.app import early
from dlbench.engines.protocol import Description
from dlbench.execution.backends import local
from dlbench.execution.backends.local import start_server
from dlbench.store.database import FILE
from dlbench.study import load, plan

SLOW = ("statsmodels", "scipy.stats", "matplotlib", "jinja2", "dlbench.report", "dlbench.execution.driver", "tensorflow")


@pytest.fixture
def _started(monkeypatch):
    engines = []
    monkeypatch.setattr(early, "start_server", lambda engine: engines.append(engine.name))
    return engines


@pytest.mark.parametrize(("there", "backend", "fresh", "expected"), [
    (False, "local", False, ["keras"]), (True, "local", False, []), (True, "local", True, ["keras"]), (False, "ray", False, [])])
def test_started_where_workers_of_this_machine_are_needed(_started, tmp_path: Path, there, backend, fresh, expected):
    if there:
        (tmp_path / FILE).write_bytes(b"results")
    early.start_engine(plan(load("quickstart")), tmp_path, backend, fresh)
    assert _started == expected


def test_nothing_slow_is_imported_before_the_engine_starts():
    code = f"import sys, dlbench.cli.run; assert not (found := set({SLOW}) & set(sys.modules)), found"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_the_server_of_a_spawned_engine_is_not_started(monkeypatch):
    monkeypatch.setattr(local, "ENSURE_RUNNING", "pytest:fail")
    start_server(Description("mine", "mine:start", method="spawn"))
