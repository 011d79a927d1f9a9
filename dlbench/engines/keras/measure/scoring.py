"""Computes the scores of a trained network and its predictions for the test examples."""

from __future__ import annotations

import math

import numpy as np

from dlbench.engines.keras.data.resident import Resident
from dlbench.engines.keras.loop.program import Program
from dlbench.engines.keras.loop.train import GRADIENT, Trainer, time_to_target
from dlbench.engines.keras.measure.deploy import Converted
from dlbench.engines.keras.measure.scores import probabilities
from dlbench.references import resolve
from dlbench.values.metric import METRICS
from dlbench.values.metric import metric as metric_named

Scores = dict[str, float | None]


def score_run(model: Program | Converted, trainer: Trainer, metric: str) -> tuple[Scores, dict[str, np.ndarray]]:
    """Score a run that has ended well.

    Args:
        model: that would be shipped.
        trainer: that trained it.
        metric: decides the direction in which a target is reached.

    Returns:
        Every score, and the arrays of :class:`dlbench.values.record.Outcome`.
    """
    recipe, done = trainer.recipe, trainer.done
    scores, arrays = _scores(model, trainer.data, recipe.metrics)
    if recipe.target is not None:
        scores |= time_to_target(recipe, done.curves, trainer.per_epoch, metric)
    scores |= {name: values[0] for name, values in done.curves.items() if name.startswith(GRADIENT)}
    if recipe.transfer.mode == "pretrain":
        arrays |= {f"weights/{name}": value for name, value in trainer.program.network.weights().items()}
    return scores, arrays


def _scores(model: Program | Converted, data: Resident, plugged: tuple[str, ...]) -> tuple[Scores, dict[str, np.ndarray]]:
    """Score every shipped metric and the plug-ins' metrics that the recipe names. Only this function scores the test part."""
    labels = data.test[1].numpy()
    loss, classes, logits = model.evaluate(*data.test, data.inputs)
    right = classes == labels
    some = min(len(data.positions), len(labels))
    train_loss, train_classes, _ = model.evaluate(data.train[0][:some], data.train[1][:some], data.inputs)
    train_accuracy = float(np.mean(train_classes == data.train[1].numpy()[:some]))
    scores = {"test_accuracy": float(right.mean()), "test_loss": loss, "train_loss": train_loss, "train_accuracy": train_accuracy,
              "accuracy_gap": train_accuracy - float(right.mean()), **_computed("test", labels, logits, plugged)}
    if len(data.validation[1]):
        known = data.validation[1].numpy()
        loss, answers, logits = model.evaluate(*data.validation, data.inputs)
        scores |= {"validation_loss": loss, "validation_accuracy": float(np.mean(answers == known)),
                   **_computed("validation", known, logits, plugged)}
    return scores, {"test_bits": np.packbits(right), "test_predictions": classes.astype(np.uint16),
                    "test_labels": labels.astype(np.uint16)}


def _computed(split: str, labels: np.ndarray, logits: np.ndarray, plugged: tuple[str, ...]) -> Scores:
    """Compute the metrics of a split from predictions; None where a score is not defined."""
    scores: Scores = {}
    for item in (*METRICS.shipped, *map(metric_named, plugged)):
        if item.compute and item.split == split:
            score = float(resolve(item.compute)(labels, probabilities(logits)))
            scores[item.name] = score if math.isfinite(score) else None
    return scores
