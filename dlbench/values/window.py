"""How many steps and epochs a run has, and over how many of its last epochs its scores on the test part are means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dlbench.values.errors import InputError
from dlbench.values.recipe import FINAL, Budget, EarlyStopping, Recipe, edit
from dlbench.values.scoring import Scoring
from dlbench.values.text import plural

LAST_QUARTER = "last_quarter"
MOST = 255
"""Evaluations whose number fits into a byte."""


def evaluations(over: str | int, epochs: int) -> int:
    """Count the evaluations that a score is a mean over: of the final weights alone, of the last quarter of the epochs, or of so many.

    Example:
        >>> evaluations("last_quarter", 20), evaluations("last_quarter", 3), evaluations("final", 20), evaluations(3, 20)
        (5, 1, 1, 3)
    """
    if over == FINAL:
        return 1
    return min(max(epochs // 4, 1), MOST) if over == LAST_QUARTER else int(over)


def scored_once(recipe: Recipe) -> bool:
    """Return whether a run is scored at its end alone, whatever the study says: at chosen weights (early stopping that restores the best
    ones), in the form that it is shipped in (of fewer bits), with thresholds that are moved after training, or as an ensemble, whose
    members are there together at its end alone.

    Example:
        >>> scored_once(Recipe())
        False
    """
    stopping = recipe.training.early_stopping
    changed = recipe.compression.bits is not None or recipe.imbalance.thresholds > 0 or recipe.scoring.members > 1
    return changed or (stopping.patience_epochs is not None and stopping.restore_best)


def ends_otherwise(recipe: Recipe) -> bool:
    """Return whether anything acts where training ends or only where a network is scored: early stopping, fewer bits, thresholds that are
    moved, averages over views or over passes with dropout.

    Example:
        >>> ends_otherwise(Recipe()), ends_otherwise(edit(Recipe(), compression__bits=8))
        (False, True)
    """
    return (recipe.training.early_stopping.patience_epochs is not None or recipe.compression.bits is not None
            or recipe.imbalance.thresholds > 0 or recipe.scoring != Scoring())


def without_end(recipe: Recipe, budget: Budget) -> Recipe:
    """Return the recipe with this budget, and without what acts where training ends or where a network is scored.

    Recipes that are equal without it are trained alike, as far as the length of training decides nothing.

    Example:
        >>> without_end(edit(Recipe(), training__early_stopping__patience_epochs=3), Budget()) == Recipe()
        True
    """
    same = edit(recipe, budget=budget)
    if not ends_otherwise(recipe):
        return same
    return edit(same, training__early_stopping=EarlyStopping(), compression__bits=None, imbalance__thresholds=0.0, scoring=Scoring())


def stored_window(stored: Mapping[str, Any]) -> str | int:
    """Return over which epochs the scores of a stored study are means; of older studies, they are those at the end.

    Example:
        >>> stored_window({"score_over": 3}), stored_window({})
        (3, 'final')
    """
    return stored.get("score_over", FINAL)


def window_words(over: str | int) -> str:
    """Word what a score is a mean over.

    Example:
        >>> window_words("last_quarter"), window_words(3), window_words("final")
        ('mean over the last quarter of the epochs', 'mean over the last 3 epochs', 'at the end of training')
    """
    if over == FINAL:
        return "at the end of training"
    return "mean over the last quarter of the epochs" if over == LAST_QUARTER else f"mean over the last {over} epochs"


def total_steps(budget: Budget, examples: int, batch_size: int) -> int | None:
    """Count the steps of a budget; None for a budget in seconds.

    Example:
        >>> total_steps(Budget("epochs", 5), 60_000, 64), total_steps(Budget("examples", 100), 60, 32)
        (4690, 4)
    """
    per_epoch = math.ceil(examples / batch_size)
    if budget.unit == "epochs":
        return int(budget.amount) * per_epoch
    if budget.unit == "steps":
        return int(budget.amount)
    if budget.unit == "examples":
        whole, rest = divmod(int(budget.amount), examples)
        return whole * per_epoch + math.ceil(rest / batch_size)
    return None


def planned_epochs(recipe: Recipe, examples: int) -> int | None:
    """Count the epochs that a recipe's budget allows, the last one perhaps in part; None for a budget in seconds."""
    steps = total_steps(recipe.budget, examples, recipe.training.batch_size)
    return None if steps is None else max(math.ceil(steps / math.ceil(examples / recipe.training.batch_size)), 1)


def demand_window(recipe: Recipe, examples: int) -> None:
    """Check that a run has as many epochs as its scores are means over.

    Raises:
        InputError: it has fewer.
    """
    epochs = planned_epochs(recipe, examples)
    if isinstance(recipe.score_over, int) and epochs is not None and recipe.score_over > epochs:
        raise InputError(f"score = {{ last = {recipe.score_over} }}: a run has {plural(epochs, 'epoch')}; accepted: up to as "
                         "many, or { over = 'last_quarter' }")


def demand_stages(recipe: Recipe, examples: int) -> None:
    """Check that a run has an epoch for each stage in which its training images grow, so that they end at their own size.

    Raises:
        InputError: it has fewer.
    """
    epochs, stages = planned_epochs(recipe, examples), recipe.training.resizing.stages
    if epochs is not None and epochs < stages:
        raise InputError(f"stages = {stages} of progressive_resizing: a run has {plural(epochs, 'epoch')}; accepted: from 2 to as many")
