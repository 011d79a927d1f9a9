"""What a run of dlbench left in its store, as plain numbers."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pandas as pd

import dlbench
from dlbench.execution.environment import facts
from dlbench.store.read import read

PACKAGES = ("dlbench", "tensorflow", "keras", "numpy")
SUMS = ("load_s", "trace_s", "train_s", "evaluate_s", "wall_s", "examples")


def left_by(folder: Path, arms: list[str]) -> dict[str, Any]:
    """Accuracies, steps, versions, and the sums of the records' costs.

    Returns:
        ``accuracy`` (arm -> list over seeds), ``steps``, ``versions``, ``workers``, ``cost`` (sums over all runs) and
        ``operations``: 3 x 2 x multiply-accumulates x examples, forward and backward, summed over all runs.
    """
    results = read(folder)
    runs = results.runs.drop_duplicates("run_id")
    versions = next(iter(results.environments.values()))
    return {
        "accuracy": {arm: results.runs.test_accuracy[results.runs.arm == arm].tolist() for arm in arms},
        "steps": int(runs.steps.sum()),
        "versions": {name: versions[name] for name in PACKAGES} | {"source": source_digest()},
        "workers": os.cpu_count() or 1,
        "cost": sums(runs),
        "operations": 6 * float((runs.macs * runs.examples).sum()),
    }


def sums(runs: pd.DataFrame) -> dict[str, float]:
    """Sums over runs. Where the records hold no ``evaluate_s``, it is what is left of a run beside load, trace and training."""
    if "evaluate_s" not in runs:
        runs = runs.assign(evaluate_s=runs.wall_s - runs.load_s - runs.trace_s - runs.train_s)
    return {name: float(runs[name].sum()) for name in SUMS}


def source_digest() -> str:
    """8 hexadecimal digits of the SHA-256 of dlbench's source, so that rounds of different versions can be told apart."""
    state = hashlib.sha256()
    folder = Path(dlbench.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        state.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return state.hexdigest()[:8]


def machine() -> dict[str, Any]:
    """What the report says of the machine; no name, no path."""
    found = facts()
    return {name: found[name] for name in ("cpu", "cores", "memory_gib", "system", "python")}
