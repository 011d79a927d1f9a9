"""Which fold of the data the run of a seed tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from dlbench.values.recipe import Recipe, edit
from dlbench.values.text import plural


def of_seed(recipe: Recipe, seed: int) -> Recipe:
    """Return a recipe as the run of a seed carries it out: where the data is cut into folds, the seeds take them in turn as test part.

    Example:
        >>> [of_seed(edit(Recipe(), data__folds=4), seed).data.fold for seed in (0, 1, 6)], of_seed(Recipe(), 6) == Recipe()
        ([0, 1, 2], True)
    """
    return edit(recipe, data__fold=seed % recipe.data.folds) if recipe.data.folds else recipe


def said_of_folds(folds: int, seeds: Collection[int] | None) -> str:
    """Say how the seeds test the folds of the data; nothing where there are no folds, and not how often where the seeds are not known yet.

    Example:
        >>> said_of_folds(2, range(4)), said_of_folds(4, None)
        ('2 folds in turn, one a seed: every example by 2 seeds', '4 folds in turn, one a seed')
        >>> said_of_folds(2, range(3)), said_of_folds(4, [0, 1])
        ('2 folds in turn, one a seed: not all by equally many seeds', '4 folds in turn, one a seed: 2 of them by none')
    """
    if not folds:
        return ""
    if seeds is None:
        return f"{folds} folds in turn, one a seed"
    tested = Counter(seed % folds for seed in seeds)
    even = f"every example by {plural(len(seeds) // folds, 'seed')}" if len(set(tested.values())) == 1 else "not all by equally many seeds"
    return f"{folds} folds in turn, one a seed: " + (f"{folds - len(tested)} of them by none" if len(tested) < folds else even)
