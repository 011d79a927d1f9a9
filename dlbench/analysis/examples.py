"""The answers of arms and their references to the same test examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dlbench.analysis.judge import foremost
from dlbench.analysis.scores import finished_runs
from dlbench.store.results import Answers, Results

MOST_ARMS = 12


@dataclass(frozen=True, eq=False)
class Pair:
    """The answers of an arm and its reference to the same test examples, on the seeds that both completed.

    Attributes:
        row: the arm's row of the verdict table.
        ours, theirs: predicted classes, shape (seeds, examples).
        labels: true classes, shape (examples,).
        evaluation: hash of the evaluation set.
    """

    row: Any
    ours: np.ndarray
    theirs: np.ndarray
    labels: np.ndarray
    evaluation: str


def answered_pairs(results: Results, verdicts: pd.DataFrame) -> list[Pair]:
    """Read the answers of the arms that differ most; none where no answers were kept.

    Args:
        results: of a study.
        verdicts: its verdict table.
    """
    if results.answers is None or not len(verdicts):
        return []
    pairs = (_pair(results, results.answers, row) for row in foremost(verdicts, MOST_ARMS).itertuples())
    return [pair for pair in pairs if pair is not None]


def _pair(results: Results, answers: Answers, row: Any) -> Pair | None:
    done = finished_runs(results)
    ours, theirs = (dict(zip(part["seed"], part["run_id"])) for part in (done[done["arm"] == name] for name in (row.arm, row.reference)))
    said = answers.predictions({*ours.values(), *theirs.values()})
    seeds = [seed for seed in ours if ours[seed] in said and theirs.get(seed) in said]
    sizes = {said[side[seed]].shape for side in (ours, theirs) for seed in seeds}
    labels = answers.labels(ours[seeds[0]]) if seeds else None
    if labels is None or sizes != {labels.shape} or any(said[run_id].dtype.kind not in "ui" for run_id in said):
        return None
    own, other = (np.stack([said[side[seed]] for seed in seeds]).astype(np.int64) for side in (ours, theirs))
    return Pair(row, own, other, labels.astype(np.int64), answers.evaluation(ours[seeds[0]]))
