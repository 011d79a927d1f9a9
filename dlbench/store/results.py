"""What a results folder holds, as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from dlbench.store import answers
from dlbench.store.database import Store
from dlbench.store.interim import InterimAnalysis
from dlbench.store.pictures import AFTER, BEFORE, IMAGES, ROWS, evaluation_key, evaluation_of, preview_key
from dlbench.values.metric import Metric, stored_metric

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Answers:
    """The test answers of a results folder's runs; nothing is read before it is asked for, and nothing is kept.

    Args:
        folder: the results folder.
    """

    folder: Path

    def shares(self, run_ids: Iterable[str]) -> dict[str, np.ndarray]:
        """Run id -> the share of its evaluations that had each test example right, float64 [n]; a run without is left out."""
        return self._of_each(run_ids, Store.shares)

    def values(self, metric: str, run_ids: Iterable[str]) -> dict[str, np.ndarray]:
        """Return the same as :func:`dlbench.store.answers.values`."""
        with Store(self.folder) as store:
            return answers.values(store, metric, run_ids)

    def examples(self, run_ids: Iterable[str]) -> dict[str, int]:
        """Run id -> the number of its test examples; a run that left no answers is left out."""
        return self._of_each(run_ids, answers.examples)

    def labels(self, run_id: str) -> np.ndarray | None:
        """The true classes of the examples that a run was tested on; None where they were not kept."""
        return self._of_each([run_id], Store.labels).get(run_id)

    def predictions(self, run_ids: Iterable[str]) -> dict[str, np.ndarray]:
        """Run id -> the predicted class of each test example; a run that left none is left out."""
        return self._of_each(run_ids, lambda store, run_id: store.arrays(run_id).get("test_predictions"))

    def errors(self, run_ids: Iterable[str]) -> dict[str, np.ndarray]:
        """Run id -> the target of each test example and the error of its mean prediction, float64 [2, n]; a run without is left out."""
        return self._of_each(run_ids, answers.errors)

    def label_answers(self, run_ids: Iterable[str]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Run id -> the labels of each test example and their log odds, bool and float32 [n, labels]; a run without is left out."""
        return self._of_each(run_ids, answers.label_answers)

    def images(self, evaluation: str) -> dict[int, np.ndarray]:
        """Row -> image (uint8 [h, w, c]) of those test examples of an evaluation set that were kept as pictures."""
        kept = self._of_each([evaluation_key(evaluation)], Store.kept).popitem()[1]
        return dict(zip(kept.get(ROWS, np.zeros(0, int)).tolist(), kept.get(IMAGES, ())))

    def evaluation(self, run_id: str) -> str:
        """Hash of the evaluation set that a run was scored on; empty where it is not known."""
        return self._of_each([run_id], evaluation_of)[run_id]

    def preview(self, recipe: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray] | None:
        """Training images before (uint8 [n, h, w, c]) and after a recipe's augmentation (uint8 [draws, n, h, w, c]); None where
        there are none."""
        kept = self._of_each([preview_key(recipe)], Store.kept).popitem()[1]
        return (kept[BEFORE], kept[AFTER]) if len(kept.get(BEFORE, ())) else None

    def _of_each(self, keys: Iterable[str], read: Callable[[Store, str], Answer | None]) -> dict[str, Answer]:
        with Store(self.folder) as store:
            answers = {key: read(store, key) for key in keys}
        return {key: answer for key, answer in answers.items() if answer is not None}


@dataclass(frozen=True)
class Tuning:
    """What tuning tried and chose, and the comparison of the arms at their chosen settings.

    Attributes:
        nuisance: the tuned recipe fields.
        metric: on the validation split; its mean over the tuning seeds chooses.
        seeds: that choose; the comparison uses others.
        trials: one row a trial, in the order of the grid; columns ``arm, setting`` (dict: recipe field -> value; empty for an arm
            that changes every nuisance field itself), ``n, planned`` (runs that completed, runs in all), ``mean, chosen``.
        results: the comparison at the chosen settings, on the study's seeds; None before any arm has chosen. Its ``study``
            has ``chosen`` (arm -> setting).
    """

    nuisance: tuple[str, ...]
    metric: Metric
    seeds: tuple[int, ...]
    trials: pd.DataFrame
    results: Results | None


@dataclass(frozen=True)
class Results:
    """A study's results, read from its store. Everything a report or a verdict needs, and nothing else.

    Attributes:
        study: name, question, dataset, model, design, metric, margin, seeds (list), adaptive (looks, metric, margin; absent
            where no looks are declared), budget, split_seed, folds (of a study whose seeds test them in turn), target (or None),
            for a factorial or fractional design factor_names and factors (arm -> those that are on), for a fractional one
            resolution and aliases (see :class:`dlbench.study.fractional.FractionalDesign`),
            scope (``new_data`` or ``this_test_set``, which absence means), metrics (of a study with several: [name, margin] each, the one
            that decides first), budgets (of a study with several: numbers of epochs, ascending),
            text (of the study file), hash (SHA-256 of the text), command (that reproduces it), created (ISO 8601 UTC).
        arms: one row an arm, the baseline first; columns ``arm, reference`` (None for the baseline and
            for the ``scratch`` arm of another task), ``changes`` (dict:
            recipe field -> (reference's value, arm's value)), ``recipe`` (canonical dict), ``techniques`` (text).
        runs: one row an arm and seed that has a record; columns ``arm, seed, run_id, status, reason, environment,
            started, control`` (controlled | uncontrolled | fault | inert | baseline | unknown), ``control_faults`` (text) and
            every score, cost and hash (:func:`dlbench.values.controls.digests`) as a column of its own.
        curves: one row an arm, seed and epoch; columns ``arm, seed, epoch, train_loss, train_accuracy, validation_loss,
            validation_accuracy, learning_rate, seconds``.
        rounds: one row an arm and timed round; columns ``arm, reference, batch_size, reference_batch_size, step_ms, inference_ms,
            reference_step_ms, reference_inference_ms``: milliseconds of one training step (a whole batch) and of inference over one
            example, of the arm and of its reference in the same round.
        environments: hash -> versions, machine, threads, oneDNN.
        complete: whether every planned run has a final record, and an adaptive study needs no further interim analysis.
        answers: which test examples each run had right, read when it is asked for; None where there is no store behind.
        tuning: what a study that tunes nuisance fields tried and chose; None for any other.
        lengths: the same study at each of its budgets, ascending, the last one being the longest, which decides; empty for a study with
            one budget, and in each of these.
        others: the same study on its other datasets; ``study["datasets"]`` names them all, ``study["dataset"]`` the one that
            everything else here is about.
        planned: how many runs (an arm and a seed each) are planned; of an adaptive study, up to its next interim
            analysis; None: every arm on every seed.
        interim: every interim analysis of any of these arms, in the order taken; of an adaptive study, its own.
        pilot: seeds that the verdicts leave out, because an earlier interim analysis has seen them.
        repetition: of a study of a script, the score of its first run (``first``) and that of the same run once more (``again``).
        taken: runs that were made for another study of this machine -> that ``study`` and its ``folder``.
        remarks: what people wrote beside the results; empty where nobody did.
    """

    study: dict[str, Any]
    arms: pd.DataFrame
    runs: pd.DataFrame
    curves: pd.DataFrame
    rounds: pd.DataFrame
    environments: dict[str, dict[str, Any]]
    complete: bool
    answers: Answers | None = None
    tuning: Tuning | None = None
    others: tuple[Results, ...] = ()
    lengths: tuple[Results, ...] = ()
    planned: int | None = None
    interim: tuple[InterimAnalysis, ...] = ()
    pilot: tuple[int, ...] = ()
    remarks: str = ""
    taken: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    repetition: Mapping[str, float | None] = field(default_factory=dict[str, float | None])

    @property
    def metric(self) -> Metric:
        """What the verdicts are on: a plug-in's metric as it was declared when the study was run."""
        return stored_metric(self.study)

    def on_metric(self, name: str, margin: float) -> Results:
        """The same results with another of the study's metrics in the place of the first."""
        return replace(self, study=self.study | {"metric": name, "margin": margin})

    @property
    def parts(self) -> tuple[Results, ...]:
        """The results on each dataset, the first one being these."""
        return (self, *self.others)

    @property
    def runs_planned(self) -> int:
        """How many runs are planned, at all budgets."""
        if self.lengths:
            return sum(one.runs_planned for one in self.lengths)
        return len(self.arms) * len(self.study["seeds"]) if self.planned is None else self.planned
