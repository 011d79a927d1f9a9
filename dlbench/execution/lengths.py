"""Which of the runs that are to be made need no training of their own, because another one passes through them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from dlbench.study.plan import Run
from dlbench.values.recipe import Budget, Recipe, edit
from dlbench.values.window import followed, without_end

Passes = Callable[[Recipe, Recipe], bool]


def read_off(runs: Iterable[Run], passes: Passes) -> dict[str, tuple[Run, ...]]:
    """Map the id of each run that others are read off to those.

    Args:
        runs: to be made.
        passes: of the engine, see :attr:`dlbench.engines.protocol.Description.reads_off`.

    Example:
        >>> one, two = (Run(name, Recipe(budget=Budget("epochs", epochs)), 0) for name, epochs in (("long", 20), ("short", 5)))
        >>> read_off([one, two], lambda longer, shorter: True)["long"][0].run_id, read_off([one, two], lambda longer, shorter: False)
        ('short', {})
    """
    by_recipe = defaultdict[Recipe, dict[int, Run]](dict)
    for run in runs:
        by_recipe[run.recipe][run.seed] = run
    if len({recipe.budget for recipe in by_recipe}) < 2 and not any(map(followed, by_recipe)):
        return {}
    found = defaultdict[str, list[Run]](list)
    for family in _families(by_recipe):
        for place, shorter in enumerate(family):
            longer = [recipe for recipe in family[:place] if passes(recipe, shorter)]
            for seed, run in by_recipe[shorter].items():
                if host := next((by_recipe[recipe][seed] for recipe in longer if seed in by_recipe[recipe]), None):
                    found[host.run_id].insert(0, run)
    return {run_id: tuple(others) for run_id, others in found.items()}


def _families(recipes: Iterable[Recipe]) -> Iterable[list[Recipe]]:
    """Group recipes that are trained alike, the longest first; of one length, without another end, and averaging weights, first."""
    families = defaultdict[Recipe, list[Recipe]](list)
    for recipe in recipes:
        families[edit(without_end(recipe, Budget()), training__averaging=0.0)].append(recipe)
    return [sorted(family, key=lambda recipe: (-recipe.budget.amount, recipe != without_end(recipe, recipe.budget),
                                               not recipe.training.averaging))
            for family in families.values()]


def trained_runs(runs: Iterable[Run], read: Mapping[str, Iterable[Run]]) -> list[Run]:
    """Return the runs that need a training of their own.

    Args:
        runs: to be made.
        read: what :func:`read_off` returns of them.

    Example:
        >>> runs = [Run(f"{epochs}", Recipe(budget=Budget("epochs", epochs)), 0) for epochs in (5, 10, 20)]
        >>> [run.run_id for run in trained_runs(runs, read_off(runs, lambda longer, shorter: True))]
        ['20']
    """
    others = {run.run_id for some in read.values() for run in some}
    return [run for run in runs if run.run_id not in others]
