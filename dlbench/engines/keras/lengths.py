"""Which runs need no training of their own, or only from some step on: those that have the bits of another run until then."""

from __future__ import annotations

import numpy as np

from dlbench.techniques.schedules import factors
from dlbench.techniques.transfer_learning import pretraining
from dlbench.values.recipe import Recipe, Schedule, edit
from dlbench.values.window import without_end

STEPS_PER_EPOCH = 4
"""Of the schedules that are compared: a schedule that is a function of epochs alone is the same for any number."""


def shared(longer: Recipe, shorter: Recipe) -> float:
    """Return the share of the second recipe's steps, at least, that have in a run of the first one every bit that they have in its own run.

    The second one may have fewer epochs, and what acts where training ends or where a network is scored: early stopping, fewer bits,
    thresholds that are moved, averages over views or over passes with dropout. It may also be without the moving averages of weights that
    the first one keeps: no step reads them. It is trained by itself where anything else depends on the length of training: the learning
    rate (computed, step by step), the size of images, the share of pruned weights, pretraining or a teacher of the same length; where
    averages decide when the rate falls, or keep a frozen base from being computed once; and where it is an ensemble. So it is without
    averages of weights where operations are fused (`xla`), or a step has several devices.

    Of two schedules, the epochs are shared in which the learning rates are equal. A plateau's rate cannot fall before its patience has run
    out; when it does, the run shows.

    Example:
        >>> from dlbench.values.recipe import Budget
        >>> one, two = Recipe(budget=Budget("epochs", 20)), Recipe(budget=Budget("epochs", 5))
        >>> shared(one, two), shared(two, one)
        (1.0, 0.0)
        >>> shared(one, edit(one, training__early_stopping__patience_epochs=3))
        1.0
        >>> shared(edit(one, training__averaging=0.99), one)
        1.0
        >>> shared(edit(one, training__schedule__kind="cosine"), edit(two, training__schedule__kind="cosine"))
        0.0
        >>> shared(one, edit(one, training__schedule__kind="step", training__schedule__every_epochs=5))
        0.25
    """
    if longer == shorter or shorter.scoring.members > 1 or _trained_alone(longer) or not _alike(longer, shorter):
        return 0.0
    before, after, grows = longer.training.schedule, shorter.training.schedule, bool(longer.training.resizing.start)
    if before != after:
        same = longer.budget == shorter.budget and longer.budget.unit == "epochs" and longer.training.devices == 1 and not grows
        return _first_epochs(before, after, int(longer.budget.amount)) / longer.budget.amount if same else 0.0
    if longer.budget == shorter.budget:
        return float(longer.budget.unit != "seconds")
    epochs = [recipe.budget.amount if recipe.budget.unit == "epochs" else 0 for recipe in (longer, shorter)]
    return float(0 < epochs[1] < epochs[0] and not grows and _same_rates(before, int(epochs[0]), int(epochs[1])))


def _trained_alone(recipe: Recipe) -> bool:
    return bool(recipe.training.loop != "compiled" or recipe.compression.sparsity or recipe.transfer.mode == "pretrain"
                or pretraining(recipe) is not None)


def _alike(longer: Recipe, shorter: Recipe) -> bool:
    """Whether two recipes differ only in their budget, their schedule, what acts at the end, and averages that the first one keeps."""
    averages = bool(longer.training.averaging and not shorter.training.averaging)
    same = edit(longer, training__schedule=shorter.training.schedule, **({"training__averaging": 0.0} if averages else {}))
    if without_end(shorter, longer.budget) != same or (averages and (longer.training.xla or longer.training.devices > 1)):
        return False
    kinds = {recipe.training.schedule.kind for recipe in (longer, shorter)}
    apart = averages or longer.scoring != shorter.scoring
    return not (apart and ("plateau" in kinds or longer.transfer.mode == "frozen"))


def _first_epochs(one: Schedule, two: Schedule, epochs: int) -> int:
    """Count the epochs before the first in which the learning rates of two schedules differ, or may do so."""
    differ = _factors(one, epochs) != _factors(two, epochs)
    return int(differ.argmax()) // STEPS_PER_EPOCH if differ.any() else epochs


def _factors(schedule: Schedule, epochs: int) -> np.ndarray:
    """The factors on the learning rate; they are not numbers from where a plateau may lower it."""
    found = factors(schedule, epochs * STEPS_PER_EPOCH, STEPS_PER_EPOCH).copy()
    if schedule.kind == "plateau":
        found[(1 + schedule.patience_epochs) * STEPS_PER_EPOCH :] = np.nan
    return found


def _same_rates(schedule: Schedule, longer: int, shorter: int) -> bool:
    long, short = (factors(schedule, epochs * STEPS_PER_EPOCH, STEPS_PER_EPOCH) for epochs in (longer, shorter))
    return np.array_equal(long[: len(short)], short)
