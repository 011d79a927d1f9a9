"""Calling the command line as a user does, and a results folder that no training was paid for."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from dlbench.execution.driver import Options
from dlbench.execution.stages import arm_row, study_record
from dlbench.store.database import Store
from dlbench.study import load, plan
from dlbench.values.recipe import to_dict
from dlbench.values.record import Controls, Cost, Record
from tests.calling import called

STUDY = """
question = "Does dropout help?"
margin = 0.01
seeds = 4

[[arms]]
technique = "dropout"
rate = [0.2, 0.5]

[[arms]]
technique = "l2"
strength = 0.01
"""
GAINS = {"dropout rate=0.2": 0.05, "dropout rate=0.5": -0.05, "l2 strength=0.01": 0.0}


@pytest.fixture
def call(monkeypatch, tmp_path):
    """``call("plan", "x.toml")``: what the command line does with these arguments, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DLBENCH_DATA_DIR", raising=False)
    return partial(called, tmp_path)


@pytest.fixture
def study(tmp_path) -> Path:
    """A study file in the folder that ``call`` works in."""
    path = tmp_path / "study.toml"
    path.write_text(STUDY, encoding="utf-8")
    return path


@pytest.fixture
def results(study, tmp_path) -> Path:
    """Results of that study, made up: one dropout helps, one hurts, one run of l2 failed."""
    whole, folder = plan(load(str(study))), tmp_path / "reports" / "study"
    facts = study_record(whole, Options(folder, "dlbench run study.toml", 1, None, ""))
    with Store(folder, write=True) as store:
        store.open_study("made-up", facts, [arm_row(arm) for arm in whole.arms], [(*cell, run) for cell, run in whole.cells.items()])
        store.add_environment("here", {"python": "3.11"})
        for (arm, seed), run_id in whole.cells.items():
            record = Record(run_id, to_dict(_recipe(whole, arm)), seed, "done", "", *_left(arm, seed), "here", "2026-01-01T00:00:00+00:00")
            lost = Record(run_id, record.recipe, seed, "killed", "the worker was killed by signal 9", environment="here")
            store.add(lost if (arm, seed) == ("l2 strength=0.01", 3) else record, {})
    return folder


def _recipe(whole, name):
    return next(arm.recipe for arm in whole.arms if arm.name == name)


def _left(arm: str, seed: int) -> tuple[dict, dict, Cost, Controls]:
    noise = np.random.default_rng((seed, len(arm))).normal(0, 0.001)
    scores = {"test_accuracy": 0.9 + 0.01 * seed + GAINS.get(arm, 0.0) + noise}
    cost = Cost(parameters=1000, macs=5000, train_s=1.0, wall_s=2.0, peak_memory_bytes=10**8)
    controls = Controls("d", "s", "e", {"dense": "i"}, order=("o",), weights=f"{arm} {seed}", global_draws=())
    return scores, {}, cost, controls
