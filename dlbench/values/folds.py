"""Which fold of the data the run of a seed tests."""

from __future__ import annotations

from dlbench.values.recipe import Recipe, edit


def of_seed(recipe: Recipe, seed: int) -> Recipe:
    """Return a recipe as the run of a seed carries it out: where the data is cut into folds, the seeds take them in turn as test part.

    Example:
        >>> [of_seed(edit(Recipe(), data__folds=4), seed).data.fold for seed in (0, 1, 6)], of_seed(Recipe(), 6) == Recipe()
        ([0, 1, 2], True)
    """
    return edit(recipe, data__fold=seed % recipe.data.folds) if recipe.data.folds else recipe
