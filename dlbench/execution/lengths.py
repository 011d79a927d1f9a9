"""Which of the runs that are to be made are trained together, because one of them has the bits of others up to some step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dlbench.study.plan import Run
from dlbench.values.recipe import Budget, Recipe, Schedule, edit
from dlbench.values.sharing import Share, in_order, leaders
from dlbench.values.window import ends_otherwise, without_end


@dataclass(frozen=True)
class Trainings:
    """How runs are trained together.

    Attributes:
        tasks: the runs that a worker is given, each with those that it trains together with it.
        others: by the id of such a run, those: in the order in which the engine takes them.
        shares: by the id of a run, the share of its steps that it takes over from another one, at least; 1 needs no training of its own.
    """

    tasks: list[Run] = field(default_factory=list[Run])
    others: dict[str, tuple[Run, ...]] = field(default_factory=dict[str, tuple[Run, ...]])
    shares: dict[str, float] = field(default_factory=dict[str, float])

    def own_share(self, run: Run) -> float:
        """Return the share of a run's steps that is trained for it."""
        return 1 - self.shares.get(run.run_id, 0.0)

    def trained(self, runs: Iterable[Run]) -> list[Run]:
        """Return those of the runs for which anything is trained."""
        return [run for run in runs if self.own_share(run)]

    def together(self, run: Run) -> tuple[Run, ...]:
        """Return the runs of a task, the one that it is named after last."""
        return (*self.others.get(run.run_id, ()), run)


def share_trainings(runs: Iterable[Run], share: Share, workers: int = 1) -> Trainings:
    """Choose which runs are trained together.

    A run goes on from the state that another one had, in the same task, only where that leaves each worker a task: fewer steps would take
    longer on workers that wait.

    Args:
        runs: to be made.
        share: of the engine, see :attr:`dlbench.engines.protocol.Description.shared`.
        workers: that there are.

    Example:
        >>> runs = [Run(f"{epochs}", Recipe(budget=Budget("epochs", epochs)), 0) for epochs in (5, 10, 20)]
        >>> found = share_trainings(runs, lambda one, other: 1.0)
        >>> [run.run_id for run in found.tasks], [run.run_id for run in found.others["20"]]
        (['20'], ['10', '5'])
        >>> half = share_trainings(runs, lambda one, other: 0.5)
        >>> len(half.tasks), [half.own_share(run) for run in runs], len(share_trainings(runs, lambda one, other: 0.5, workers=2).tasks)
        (1, [0.5, 0.5, 1.0], 3)
    """
    every = list(runs)
    found = _chosen(every, share)
    if len(found.tasks) < workers and any(part < 1 for part in found.shares.values()):
        return _chosen(every, lambda one, other: float(share(one, other) == 1))
    return found


def _chosen(runs: Sequence[Run], share: Share) -> Trainings:
    by_recipe = defaultdict[Recipe, dict[int, Run]](dict)
    for run in runs:
        by_recipe[run.recipe][run.seed] = run
    found = Trainings(others=defaultdict(tuple))
    for family in _families(by_recipe) if _may_share(by_recipe) else ():
        for present, seeds in _seeds_by_recipes([by_recipe[recipe] for recipe in family]).items():
            chosen = leaders([family[place] for place in present], share)
            for seed in seeds:
                _add(found, [by_recipe[family[place]][seed] for place in present], chosen)
    followers = found.shares.keys()
    return Trainings([run for run in runs if run.run_id not in followers], dict(found.others), found.shares)


def _may_share(recipes: Iterable[Recipe]) -> bool:
    """Whether any two recipes may differ in something that leaves them steps in common; it is soon found."""
    every = list(recipes)
    kinds = {(recipe.budget, recipe.training.schedule, recipe.training.averaging) for recipe in every}
    return len(kinds) > 1 or any(map(ends_otherwise, every))


def _families(recipes: Iterable[Recipe]) -> Iterable[list[Recipe]]:
    """Group recipes that may have steps in common, those that others follow first."""
    families = defaultdict[Recipe, list[Recipe]](list)
    for recipe in recipes:
        families[edit(without_end(recipe, Budget()), training__averaging=0.0, training__schedule=Schedule())].append(recipe)
    return [sorted(family, key=in_order) for family in families.values() if len(family) > 1]


def _seeds_by_recipes(runs: Sequence[dict[int, Run]]) -> dict[tuple[int, ...], list[int]]:
    """Group the seeds by the recipes that are to be run on them."""
    present = defaultdict[int, list[int]](list)
    for place, by_seed in enumerate(runs):
        for seed in by_seed:
            present[seed].append(place)
    found = defaultdict[tuple[int, ...], list[int]](list)
    for seed, places in present.items():
        found[tuple(places)].append(seed)
    return found


def _add(found: Trainings, runs: Sequence[Run], chosen: Sequence[tuple[int | None, float]]) -> None:
    """Add the runs of one seed, of which each follows the one that was chosen for it."""
    first = list[Run]()
    for run, (leader, share) in zip(runs, chosen, strict=True):
        first.append(run if leader is None else first[leader])
        if leader is not None:
            found.others[first[-1].run_id] += (run,)
            found.shares[run.run_id] = share
