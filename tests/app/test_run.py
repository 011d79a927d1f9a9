"""How many workers a session has for which nobody says a number; the other tests' have one."""

import os

import pytest

from dlbench.app.run import fitting_workers
from dlbench.execution import environment
from dlbench.study import load, plan


@pytest.mark.parametrize("line, cores, gpus, workers", [
    ("", 6, [], 6), ("resources = { cpus = 2 }", 6, [], 3), ("devices = 2", 6, ["a", "b", "c", "d"], 2), ("devices = 2", 6, [], 6)])
def test_as_many_workers_as_find_room(tmp_path, monkeypatch, line, cores, gpus, workers):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setattr(environment, "gpus", lambda: gpus)
    (tmp_path / "x.toml").write_text(f'margin = 0.01\n{line}\n[[arms]]\ntechnique = "dropout"\n')
    assert fitting_workers(plan(load(str(tmp_path / "x.toml")))) == workers
