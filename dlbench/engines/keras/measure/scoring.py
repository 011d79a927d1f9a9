"""Computes the scores of a trained network and its predictions for the test examples."""

from __future__ import annotations

from typing import cast

import numpy as np
import tensorflow as tf

from dlbench.datasets.splits import stratified
from dlbench.engines.keras.data.ondisk import OnDisk
from dlbench.engines.keras.data.resident import Resident
from dlbench.engines.keras.loop.ensemble import Ensemble
from dlbench.engines.keras.loop.program import Program
from dlbench.engines.keras.loop.stopping import Validated
from dlbench.engines.keras.loop.train import GRADIENT, Trainer
from dlbench.engines.keras.measure.deploy import Converted
from dlbench.engines.keras.measure.window import Scores, Window, computed, computed_own, evaluated
from dlbench.engines.keras.tasks import answering, counted
from dlbench.tasks import task
from dlbench.values.metric import metric as metric_named
from dlbench.values.metric import metric_on_validation
from dlbench.values.recipe import FINAL, Recipe

FULL = "train_full"
"""What a study measures that wants training accuracy over all training examples."""
SAMPLE = 2000
"""How many training examples training accuracy is measured on, at most."""


def score_run(model: Program | Converted | Ensemble, trainer: Trainer, window: Window, metric: str) -> tuple[Scores, dict[str, np.ndarray]]:
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
    scores, arrays = _scores(model, trainer, window)
    if recipe.target is not None:
        scores |= time_to_target(recipe, done.curves, trainer.per_epoch, metric)
    scores |= {name: values[0] for name, values in done.curves.items() if name.startswith(GRADIENT)}
    if recipe.transfer.mode == "pretrain":
        arrays |= {f"weights/{name}": value for name, value in trainer.program.network.weights().items()}
    return scores, arrays


def scored_in_training(recipe: Recipe, data: Resident) -> slice | np.ndarray:
    """Choose the training examples that training accuracy is measured on.

    They are all that there are (``measure = ["train_full"]``), or a stratified sample of at most :data:`SAMPLE` that is the same for all
    runs on the same data. Of runs that are scored at their end alone they are the first ones, as many as there are test examples, as they
    were before there were samples.
    """
    count = len(data.positions)
    if FULL in recipe.measure or (recipe.score_over != FINAL and count <= SAMPLE):
        return slice(None)
    if recipe.score_over == FINAL:
        return slice(min(count, len(data.test[1])))
    return stratified(task(recipe.data.task).strata(data.train[1].numpy()), SAMPLE, seed=0)


def _scores(model: Program | Converted | Ensemble, trainer: Trainer, window: Window) -> tuple[Scores, dict[str, np.ndarray]]:
    """Score every metric of the task, and those that the recipe names."""
    data, recipe = trainer.data, trainer.recipe
    last, name = evaluated(model, recipe, data), task(recipe.data.task).counted
    means, values, evaluations = window.closed(last, trainer.done.epoch)
    scores = {**means, **_in_training(model, recipe, data, means[f"test_{name}"] or 0.0)}
    if len(data.validation[1]):
        found = None if isinstance(model, Converted) else trainer.done.validated
        found = found or Validated(*model.evaluate(*data.validation, data.inputs))
        scores |= {"validation_loss": found.loss,
                   f"validation_{name}": counted(recipe.data, found.answers, data.validation[1], data.scaling),
                   **computed_own(model, "validation", data, found.outputs),
                   **computed("validation", recipe, data, found.outputs)}
    return scores, answering(recipe.data).kept(values, evaluations, last.answers, data.known(data.test[1]))


def _in_training(model: Program | Converted | Ensemble, recipe: Recipe, data: Resident, in_test: float) -> Scores:
    (x, y), rows, name = data.train, scored_in_training(recipe, data), task(recipe.data.task).counted
    some = (x[rows], y[rows]) if isinstance(rows, slice) else (x[rows] if isinstance(x, OnDisk) else tf.gather(x, rows), tf.gather(y, rows))
    loss, answers, _ = model.evaluate(*some, data.inputs)
    found = counted(recipe.data, answers, some[1], data.scaling)
    return {"train_loss": loss, f"train_{name}": found, f"{name}_gap": found - in_test}


def time_to_target(recipe: Recipe, curves: dict[str, list[float]], per_epoch: int, metric_name: str) -> dict[str, float | None]:
    """Return the first epoch, step and second at which the validation score reached the target; None where it never did."""
    better = metric_named(metric_name)
    values = curves[metric_on_validation(metric_name).name]
    target = cast(float, recipe.target)
    reached = [v >= target if better.higher_is_better else v <= target for v in values]
    if True not in reached:
        return {"target_epoch": None, "target_step": None, "target_s": None}
    first = reached.index(True)
    return {"target_epoch": first + 1, "target_step": (first + 1) * per_epoch, "target_s": curves["seconds"][first]}
