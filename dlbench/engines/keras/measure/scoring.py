"""Computes the scores of a trained network and its predictions for the test examples."""

from __future__ import annotations

import numpy as np

from dlbench.engines.keras.data.resident import Resident
from dlbench.engines.keras.loop.program import Program
from dlbench.engines.keras.loop.train import GRADIENT, Trainer, time_to_target
from dlbench.engines.keras.measure.deploy import Converted
from dlbench.engines.keras.measure.window import Scores, Window, computed, evaluated


def score_run(model: Program | Converted, trainer: Trainer, window: Window, metric: str) -> tuple[Scores, dict[str, np.ndarray]]:
    """Score a run that has ended well.

    Args:
        model: that would be shipped.
        trainer: that trained it.
        window: what the test part's evaluations at the end of epochs found.
        metric: decides the direction in which a target is reached.

    Returns:
        Every score, and the arrays of :class:`dlbench.values.record.Outcome`.
    """
    recipe, done = trainer.recipe, trainer.done
    scores, arrays = _scores(model, trainer.data, window, done.epoch, recipe.metrics)
    if recipe.target is not None:
        scores |= time_to_target(recipe, done.curves, trainer.per_epoch, metric)
    scores |= {name: values[0] for name, values in done.curves.items() if name.startswith(GRADIENT)}
    if recipe.transfer.mode == "pretrain":
        arrays |= {f"weights/{name}": value for name, value in trainer.program.network.weights().items()}
    return scores, arrays


def _scores(model: Program | Converted, data: Resident, window: Window, epochs: int,
            plugged: tuple[str, ...]) -> tuple[Scores, dict[str, np.ndarray]]:
    """Score every shipped metric and the plug-ins' metrics that the recipe names."""
    last = evaluated(model, data, plugged)
    means, rights, evaluations = window.closed(last, epochs)
    some = min(len(data.positions), len(last.classes))
    train_loss, train_classes, _ = model.evaluate(data.train[0][:some], data.train[1][:some], data.inputs)
    train_accuracy = float(np.mean(train_classes == data.train[1].numpy()[:some]))
    gap = train_accuracy - (means["test_accuracy"] or 0.0)
    scores = {**means, "train_loss": train_loss, "train_accuracy": train_accuracy, "accuracy_gap": gap}
    if len(data.validation[1]):
        known = data.validation[1].numpy()
        loss, answers, logits = model.evaluate(*data.validation, data.inputs)
        scores |= {"validation_loss": loss, "validation_accuracy": float(np.mean(answers == known)),
                   **computed("validation", known, logits, plugged)}
    right = {"test_bits": np.packbits(rights.astype(bool))} if evaluations == 1 else {
        "test_rights": rights, "test_evaluations": np.array([evaluations], np.uint8)}
    return scores, {**right, "test_predictions": last.classes.astype(np.uint16), "test_labels": data.test[1].numpy().astype(np.uint16)}
