"""Which runs are trained together, because one has the bits of another up to some step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dlbench.values.recipe import Recipe
from dlbench.values.window import ends_otherwise

Share = Callable[[Recipe, Recipe], float]
"""``share(one, other)``: the share of the other run's steps, at least, that have every bit in the run of the first recipe; 0 to 1."""


def none_shared(one: Recipe, other: Recipe) -> float:
    """The share of an engine that trains every run by itself."""
    return 0.0


def in_order(recipe: Recipe) -> tuple[float, bool, bool, bool, bool]:
    """Return by what recipes are sorted that may share a training, those that others follow first.

    Example:
        >>> from dlbench.values.recipe import edit
        >>> stopping = edit(Recipe(), training__early_stopping__patience_epochs=3)
        >>> in_order(Recipe()) < in_order(stopping), in_order(edit(Recipe(), training__averaging=0.9)) < in_order(Recipe())
        (True, True)
    """
    kind = recipe.training.schedule.kind
    return -recipe.budget.amount, ends_otherwise(recipe), not recipe.training.averaging, kind != "constant", kind == "plateau"


def leaders(recipes: Sequence[Recipe], share: Share) -> list[tuple[int | None, float]]:
    """Choose for each recipe the earlier one whose run has most of the steps of its own.

    So nothing is trained twice that two of them have in common. Of several that have as much, one that averages weights as the recipe does
    is chosen, and then the first.

    Args:
        recipes: in the order of :func:`in_order`.
        share: of the engine.

    Returns:
        For each recipe the place of that one, None where none has any, and its share.

    Example:
        >>> recipes = [Recipe(score_over=steps) for steps in (1, 2, 3)]
        >>> leaders(recipes, lambda one, other: (one.score_over == 2) / other.score_over)
        [(None, 0.0), (None, 0.0), (1, 0.3333333333333333)]
    """
    found = list[tuple[int | None, float]]()
    for place, recipe in enumerate(recipes):
        shares = [(share(one, recipe), one.training.averaging == recipe.training.averaging) for one in recipes[:place]]
        most = max(shares, default=(0.0, False))
        found.append((shares.index(most), most[0]) if most[0] else (None, 0.0))
    return found
