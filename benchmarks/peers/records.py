"""What a run of dlbench left in its store, as plain numbers."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import dlbench
from dlbench.execution.environment import facts
from dlbench.store.read import read

PACKAGES = ("dlbench", "tensorflow", "keras", "numpy")
SUMS = ("load_s", "trace_s", "train_s", "evaluate_s", "wall_s", "examples")


def left_by(folder: Path, arms: list[str], arrays: Path) -> dict[str, Any]:
    """Accuracies, steps, evaluated examples, parameters, versions, and the sums of the records' costs.

    Args:
        folder: of the results.
        arms: that were trained.
        arrays: the file with the arrays of every peer, which says how many examples the validation and the test part have.

    Returns:
        ``accuracy`` (arm -> list over seeds), ``steps``, ``evaluated``, ``parameters`` (arm -> ``all``), ``versions``, ``workers``,
        ``cost`` (sums over all runs) and ``operations``: 3 x 2 x multiply-accumulates x examples, forward and backward, over all runs.
    """
    results = read(folder)
    runs = results.runs.drop_duplicates("run_id")
    versions = next(iter(results.environments.values()))
    by_arm = {arm: results.runs[results.runs.arm == arm] for arm in arms}
    return {
        "accuracy": {arm: of.test_accuracy.tolist() for arm, of in by_arm.items()},
        "steps": int(runs.steps.sum()),
        "evaluated": evaluated(runs, arrays),
        "parameters": {arm: {"all": int(of.parameters.iloc[0])} for arm, of in by_arm.items()},
        "versions": {name: versions[name] for name in PACKAGES} | {"source": source_digest()},
        "workers": os.cpu_count() or 1,
        "cost": sums(runs),
        "operations": 6 * float((runs.macs * runs.examples).sum()),
    }


def evaluated(runs: pd.DataFrame, arrays: Path) -> int:
    """How many examples runs evaluated: the validation part after each epoch, the test part once, and for training accuracy as many as the
    records say."""
    with np.load(arrays) as stored:
        validation, test = (len(stored[f"y_{part}"]) for part in ("validation", "test"))
    return int((runs.epochs * validation + test + runs.train_scored).sum())


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
