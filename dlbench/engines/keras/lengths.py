"""Which runs of fewer epochs are read off a longer one: those that are the same run, broken off."""

from __future__ import annotations

import numpy as np

from dlbench.techniques.schedules import factors
from dlbench.techniques.transfer_learning import pretraining
from dlbench.values.recipe import Recipe, edit

STEPS_PER_EPOCH = 4
"""Of the schedules that are compared: a schedule that is a function of epochs alone is the same for any number."""


def reads_off(longer: Recipe, shorter: Recipe) -> bool:
    """Return whether a run of the shorter recipe has the same bits as the longer one's run after as many epochs.

    It has not where anything depends on the length of training: the learning rate (computed, step by step), the share of pruned weights,
    early stopping, pretraining or a teacher of the same length, and a conversion or thresholds that follow training.

    Example:
        >>> from dlbench.values.recipe import Budget
        >>> one, two = Recipe(budget=Budget("epochs", 20)), Recipe(budget=Budget("epochs", 5))
        >>> reads_off(one, two), reads_off(two, one)
        (True, False)
        >>> reads_off(edit(one, training__schedule__kind="cosine"), edit(two, training__schedule__kind="cosine"))
        False
    """
    epochs = [recipe.budget.amount if recipe.budget.unit == "epochs" else 0 for recipe in (longer, shorter)]
    same = edit(shorter, budget=longer.budget) == longer
    return same and 0 < epochs[1] < epochs[0] and not _ends_differently(longer) and _same_rates(longer, int(epochs[0]), int(epochs[1]))


def _ends_differently(recipe: Recipe) -> bool:
    training = recipe.training
    return bool(training.early_stopping.patience_epochs or training.loop != "compiled" or recipe.compression.sparsity
                or recipe.compression.bits or recipe.imbalance.thresholds or recipe.transfer.mode == "pretrain"
                or pretraining(recipe) is not None)


def _same_rates(recipe: Recipe, longer: int, shorter: int) -> bool:
    long, short = (factors(recipe.training.schedule, epochs * STEPS_PER_EPOCH, STEPS_PER_EPOCH) for epochs in (longer, shorter))
    return np.array_equal(long[: len(short)], short)
