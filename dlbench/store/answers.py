"""What runs answered to the test examples, one by one."""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from dlbench.store.database import Store
from dlbench.values.metric import BY_EXAMPLE, METRICS, SCORERS
from dlbench.values.record import ERROR, KNOWN_LABELS, LOG_ODDS, TARGET, VALUES

MEASURES = frozenset(known.name for known in (*METRICS.shipped, *SCORERS))
"""The metrics that dlbench computes itself."""
CLOSE = 1e-6


def values(store: Store, metric: str, run_ids: Iterable[str]) -> dict[str, np.ndarray]:
    """Run id -> the value of each test example whose mean is the run's score in a metric; a run without such values is left out."""
    if any(metric == known.name for known in BY_EXAMPLE):
        return {run_id: kept[name].astype(float) for run_id in run_ids if (name := f"{VALUES}{metric}") in (kept := store.arrays(run_id))}
    told = metric not in MEASURES  # by a script: its answers are those of its score where their mean is the score
    found = {run_id: store.shares(run_id) for run_id in run_ids} if told or metric == "test_accuracy" else {}
    known = {run_id: shares for run_id, shares in found.items() if shares is not None}
    scores = store.scores(metric) if told else {}
    return {run_id: right for run_id, right in known.items() if not told or abs(right.mean() - scores.get(run_id, np.nan)) < CLOSE}


def errors(store: Store, run_id: str) -> np.ndarray | None:
    """Return the target of each test example of a run, and what its prediction is too high, float64 [2, n]; None where it left none."""
    kept = store.arrays(run_id)
    names = [f"{VALUES}{name}" for name in (TARGET, ERROR)]
    return np.stack([kept[name] for name in names]).astype(float) if all(name in kept for name in names) else None


def label_answers(store: Store, run_id: str) -> tuple[NDArray[np.bool_], NDArray[np.float32]] | None:
    """Return which labels each test example of a run has, bool [n, labels], and the log odds that the run gives them.

    Returns:
        None of runs with one class or number an example, and of versions that kept no answers to several labels.
    """
    kept = store.arrays(run_id)
    if KNOWN_LABELS not in kept or LOG_ODDS not in kept:
        return None
    log_odds = kept[LOG_ODDS].astype(np.float32)
    return np.unpackbits(kept[KNOWN_LABELS], axis=1, count=log_odds.shape[1]).astype(bool), log_odds


def examples(store: Store, run_id: str) -> int | None:
    """Return how many test examples a run was scored on; None if it left no answers."""
    row = store.connection.execute(
        f"SELECT shape FROM arrays WHERE run_id = ? AND (name = 'test_predictions' OR name LIKE '{VALUES}%') "
        "ORDER BY attempt DESC LIMIT 1", (run_id,)).fetchone()
    return json.loads(row[0])[0] if row else None
