"""Scores the test part after each of a run's last epochs, so that a score is a mean over them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dlbench.engines.keras.data.resident import Resident
from dlbench.engines.keras.loop.ensemble import Ensemble
from dlbench.engines.keras.loop.program import Program
from dlbench.engines.keras.measure.deploy import Converted
from dlbench.engines.keras.tasks import answering, counted
from dlbench.references import resolve
from dlbench.tasks import task
from dlbench.values.metric import metric as metric_named
from dlbench.values.recipe import Recipe
from dlbench.values.window import evaluations, scored_once

Scores = dict[str, float | None]


@dataclass(frozen=True)
class Evaluation:
    """What one evaluation of the test part found: its scores, the answers, [n], and the values of each example, by metric."""

    scores: Scores
    answers: np.ndarray
    values: dict[str, np.ndarray]


def evaluated(model: Program | Converted | Ensemble, recipe: Recipe, data: Resident) -> Evaluation:
    """Evaluate the test part; this alone scores it. Every metric of the task is computed, and those that the recipe names."""
    known = data.known(data.test[1])
    loss, answers, outputs = model.evaluate(*data.test, data.inputs)
    answered = answering(recipe.data)
    scores = {f"test_{task(recipe.data.task).counted}": counted(recipe.data, answers, data.test[1], data.scaling), "test_loss": loss,
              **computed_own(model, "test", data, outputs), **computed("test", recipe, data, outputs)}
    return Evaluation(scores, answers, answered.values(known, answered.predictions(outputs, data.scaling), answers))


def computed(split: str, recipe: Recipe, data: Resident, outputs: np.ndarray) -> Scores:
    """Compute the metrics of a split, ``test`` or ``validation``, from outputs; None where a score is not defined."""
    known, predicted = data.known(getattr(data, split)[1]), answering(recipe.data).predictions(outputs, data.scaling)
    scores: Scores = {}
    for item in (*task(recipe.data.task).scored, *map(metric_named, recipe.metrics)):
        if item.compute and item.split == split:
            score = float(resolve(item.compute)(known, predicted))
            scores[item.name] = score if math.isfinite(score) else None
    return scores


def computed_own(model: Program | Converted | Ensemble, split: str, data: Resident, outputs: np.ndarray) -> Scores:
    """Compute the loss and metrics of a split that the model was compiled with, where the study takes them."""
    own = model.network.own
    return {} if own is None else own.scores(split, getattr(data, split)[1], outputs)


class Window:
    """The evaluations that the scores of a run are means over.

    A run whose number of epochs is known before is evaluated in the last of them alone; another one, after each epoch.

    Args:
        recipe: of the run.
        data: its data.
        epochs: how many the run will have; None where that is not known.
    """

    def __init__(self, recipe: Recipe, data: Resident, epochs: int | None) -> None:
        self.recipe, self.data, self.epochs = recipe, data, epochs
        self.once = scored_once(recipe)
        if recipe.training.early_stopping.patience_epochs is not None:
            self.epochs = None
        self.found: list[Evaluation] = []

    def after_epoch(self, epoch: int, evaluation: Callable[[], Evaluation]) -> None:
        """Keep an evaluation of the test part, where the scores are means over this epoch too; the last one is made at the run's end."""
        if self.once or epoch == self.epochs or (self.epochs is not None and epoch <= self.epochs - self._size(self.epochs)):
            return
        self.found.append(evaluation())

    def _size(self, epochs: int) -> int:
        return 1 if self.once else evaluations(self.recipe.score_over, epochs)

    def closed(self, last: Evaluation, epochs: int) -> tuple[Scores, dict[str, np.ndarray], int]:
        """Average over the window.

        Args:
            last: the evaluation of the trained network.
            epochs: that the run had.

        Returns:
            The mean of each score, None where one of the evaluations has none; the values of each example, summed over the evaluations, by
            metric; and the number of evaluations.
        """
        size = min(self._size(epochs), epochs)
        earlier = list(self.found)[: epochs - 1][-(size - 1):] if size > 1 else []
        every = [*earlier, last]
        means = {name: _mean([one.scores[name] for one in every]) for name in last.scores}
        return means, {name: np.sum([one.values[name] for one in every], axis=0) for name in last.values}, len(every)


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(values) else None
