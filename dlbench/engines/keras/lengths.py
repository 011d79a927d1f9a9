"""Which runs need no training of their own: those that are another run, broken off or ended in another way."""

from __future__ import annotations

import numpy as np

from dlbench.techniques.schedules import factors
from dlbench.techniques.transfer_learning import pretraining
from dlbench.values.recipe import Recipe, edit
from dlbench.values.window import without_end

STEPS_PER_EPOCH = 4
"""Of the schedules that are compared: a schedule that is a function of epochs alone is the same for any number."""


def reads_off(longer: Recipe, shorter: Recipe) -> bool:
    """Return whether a run of the second recipe has the bits that the first one's run has on its way.

    The second one may have fewer epochs, and what acts where training ends or where a network is scored: early stopping, fewer bits,
    thresholds that are moved, averages over views. It may also be without the moving averages of weights that the first one keeps: no
    step reads them. It is trained by itself where anything else depends on the length of training: the learning rate (computed, step by
    step), the share of pruned weights, pretraining or a teacher of the same length; and where views or averages decide when the rate
    falls, or keep a frozen base from being computed once. So it is without averages where operations are fused (`xla`), or a step has
    several devices.

    Example:
        >>> from dlbench.values.recipe import Budget, edit
        >>> one, two = Recipe(budget=Budget("epochs", 20)), Recipe(budget=Budget("epochs", 5))
        >>> reads_off(one, two), reads_off(two, one)
        (True, False)
        >>> reads_off(one, edit(one, training__early_stopping__patience_epochs=3))
        True
        >>> reads_off(edit(one, training__averaging=0.99), one)
        True
        >>> reads_off(edit(one, training__schedule__kind="cosine"), edit(two, training__schedule__kind="cosine"))
        False
    """
    averages = bool(longer.training.averaging and not shorter.training.averaging)
    same = edit(longer, training__averaging=0.0) if averages else longer
    if without_end(shorter, longer.budget) != same or _trained_alone(longer) or longer == shorter:
        return False
    if averages and (longer.training.xla or longer.training.devices > 1):
        return False
    apart = averages or longer.scoring != shorter.scoring
    if apart and (longer.training.schedule.kind == "plateau" or longer.transfer.mode == "frozen"):
        return False
    if longer.budget == shorter.budget:
        return longer.budget.unit != "seconds"
    epochs = [recipe.budget.amount if recipe.budget.unit == "epochs" else 0 for recipe in (longer, shorter)]
    return 0 < epochs[1] < epochs[0] and _same_rates(longer, int(epochs[0]), int(epochs[1]))


def _trained_alone(recipe: Recipe) -> bool:
    return bool(recipe.training.loop != "compiled" or recipe.compression.sparsity or recipe.transfer.mode == "pretrain"
                or pretraining(recipe) is not None)


def _same_rates(recipe: Recipe, longer: int, shorter: int) -> bool:
    long, short = (factors(recipe.training.schedule, epochs * STEPS_PER_EPOCH, STEPS_PER_EPOCH) for epochs in (longer, shorter))
    return np.array_equal(long[: len(short)], short)
