"""The benchmark lies beside the package, not in it: its folder's parent is put on the path. And a case measured by nobody."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))

MACHINE = {"cpu": "Example CPU", "cores": 2, "memory_gib": 8, "system": "Linux x86_64", "python": "3.11.0"}
VERSIONS = {"dlbench": "0.1.0", "tensorflow": "2.21.0", "keras": "3.15.1", "numpy": "2.4.6"}


def dlbench_entry(turn: int, work_s: float = 60.0, **changed) -> dict:
    """A round of dlbench: two workers, 10 s of imports, 96 % of the time spent tracing, training or evaluating."""
    shares = {"trace_s": 0.1, "train_s": 1.8, "evaluate_s": 0.02, "wall_s": 1.93}
    cost = {"load_s": 1.0, "examples": 480_000, **{name: share * work_s for name, share in shares.items()}}
    marks = {"ready": 10.0, "training": 10.5, "trained": 10.0 + work_s - 0.5}
    return {"round": turn, "peer": "dlbench", "status": "done", "reason": "", "wall_s": 10 + work_s, "ready_s": 10.0,
            "work_s": work_s, "left_s": 0.5, "marks": marks, "steps": 3752, "evaluated": 80_000, "workers": 2,
            "parameters": {"baseline": 93_322}, "cold": True,
            "accuracy": {"baseline": [0.97, 0.98, 0.99, 0.98]}, "cost": cost, "operations": 8e12,
            "versions": {**VERSIONS, "source": "0a1b2c3d"}, **changed}


def peer_entry(turn: int, peer: str, work_s: float, **changed) -> dict:
    """A round of another peer, with 15 s of imports."""
    return {"round": turn, "peer": peer, "status": "done", "reason": "", "wall_s": 15 + work_s, "ready_s": 15.0,
            "work_s": work_s, "accuracy": {"baseline": [0.975, 0.985, 0.98, 0.98]}, "steps": 3752, "evaluated": 40_000,
            "parameters": {"baseline": 93_322}, "versions": {"numpy": "2.4.6"}, **changed}


def sgemm_entry(turn: int, gflops: float = 240.0) -> dict:
    """A round of matrix multiplication."""
    return {"round": turn, "peer": "sgemm", "status": "done", "reason": "", "wall_s": 5.0,
            "gflops": {"numpy": gflops, "tensorflow": gflops - 10}}


@pytest.fixture
def mnist():
    """Three rounds of MNIST that reach every goal: 3, 2.8 and 1.6 times, 62 % of 240 GFLOP/s, 4 % overhead."""
    rounds = []
    for turn in range(3):
        rounds += [dlbench_entry(turn), peer_entry(turn, "keras", 180.0 + turn), peer_entry(turn, "keras_spe", 150.0),
                   peer_entry(turn, "tuner", 168.0), peer_entry(turn, "torch", 96.0), sgemm_entry(turn)]
    case = {"name": "mnist", "dataset": "tfds:mnist", "model": "guide_cnn", "epochs": 1, "seeds": [0, 1, 2, 3],
            "arms": [{"name": "baseline"}], "examples": None, "validation": 0.0, "sampled": False, "base": None, "limited": False}
    return {"case": case, "machine": MACHINE, "rounds": rounds, "skipped": {},
            "command": "python -m benchmarks.peers --case mnist --rounds 3"}


@pytest.fixture
def sweep(mnist):
    """Three rounds of the sweep, in bfloat16 too: 3 times and, in bfloat16, 6 times as fast as the Keras script."""
    rounds = [entry for entry in mnist["rounds"] if entry["peer"] in ("dlbench", "keras")]
    rounds += [dlbench_entry(turn, 30.0) | {"peer": "dlbench_bfloat16"} for turn in range(3)]
    rounds = [entry | {"evaluated": 120_000} for entry in rounds]
    return {**mnist, "case": {**mnist["case"], "name": "mnist_sweep", "validation": 0.1, "sampled": True}, "rounds": rounds}
