"""Scores the test part after each of a run's last epochs, so that a score is a mean over them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dlbench.engines.keras.data.resident import Resident
from dlbench.engines.keras.loop.program import Program
from dlbench.engines.keras.measure.deploy import Converted
from dlbench.engines.keras.measure.scores import probabilities
from dlbench.references import resolve
from dlbench.values.metric import METRICS
from dlbench.values.metric import metric as metric_named
from dlbench.values.recipe import Recipe
from dlbench.values.window import evaluations, scored_once

Scores = dict[str, float | None]


@dataclass(frozen=True)
class Evaluation:
    """What one evaluation of the test part found: its scores, and the predicted classes, int64 [n]."""

    scores: Scores
    classes: np.ndarray


def evaluated(model: Program | Converted, data: Resident, plugged: tuple[str, ...]) -> Evaluation:
    """Evaluate the test part; this alone scores it. Every shipped metric is computed, and the plug-ins' that are named."""
    labels = data.test[1].numpy()
    loss, classes, logits = model.evaluate(*data.test, data.inputs)
    accuracy = float((classes == labels).mean())
    return Evaluation({"test_accuracy": accuracy, "test_loss": loss, **computed("test", labels, logits, plugged)}, classes)


def computed(split: str, labels: np.ndarray, logits: np.ndarray, plugged: tuple[str, ...]) -> Scores:
    """Compute the metrics of a split from predictions; None where a score is not defined."""
    scores: Scores = {}
    for item in (*METRICS.shipped, *map(metric_named, plugged)):
        if item.compute and item.split == split:
            score = float(resolve(item.compute)(labels, probabilities(logits)))
            scores[item.name] = score if math.isfinite(score) else None
    return scores


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

    def after_epoch(self, epoch: int, program: Program) -> None:
        """Evaluate the test part, where the scores are means over this epoch too; the last one is evaluated at the run's end."""
        if self.once or epoch == self.epochs or (self.epochs is not None and epoch <= self.epochs - self._size(self.epochs)):
            return
        self.found.append(evaluated(program, self.data, self.recipe.metrics))

    def _size(self, epochs: int) -> int:
        return 1 if self.once else evaluations(self.recipe.score_over, epochs)

    def closed(self, last: Evaluation, epochs: int) -> tuple[Scores, np.ndarray, int]:
        """Average over the window.

        Args:
            last: the evaluation of the trained network.
            epochs: that the run had.

        Returns:
            The mean of each score, None where one of the evaluations has none; for each example how many evaluations had it right,
            uint8 [n]; and the number of evaluations.
        """
        size = min(self._size(epochs), epochs)
        earlier = list(self.found)[: epochs - 1][-(size - 1):] if size > 1 else []
        counted, labels = [*earlier, last], self.data.test[1].numpy()
        means = {name: _mean([one.scores[name] for one in counted]) for name in last.scores}
        return means, np.stack([one.classes == labels for one in counted]).sum(axis=0, dtype=np.uint8), len(counted)


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(values) else None
