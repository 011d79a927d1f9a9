"""Parts of a plan: some of its arms, some of its cells, or the share of one of several machines that know nothing of each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from dlbench.study.plan import Plan, Run, joined, of_lengths
from dlbench.values.errors import InputError


def plan_of_cells(whole: Plan, cells: dict[tuple[str, int], str]) -> Plan:
    """Return the plan of some of its cells: their runs, and the pretraining that those need.

    Example:
        >>> from dlbench.study import load, plan
        >>> whole = plan(load("quickstart"))
        >>> len(plan_of_cells(whole, {("baseline", 0): whole.cells["baseline", 0]}).runs)
        1
    """
    return replace(whole, runs=_with_needs(whole, cells.values()), cells=cells)


def plan_of_comparisons(whole: Plan, cells: Callable[[Plan], dict[tuple[str, int], str]]) -> Plan:
    """Return the plan of some cells of each of its comparisons, on every dataset, at default and tuned; the trials stay.

    Args:
        whole: the plan.
        cells: one of ``whole.comparisons`` -> those of its cells that are kept.

    Example:
        >>> from dlbench.study import load, plan
        >>> whole = plan(load("quickstart"))
        >>> plan_of_comparisons(whole, lambda one: one.cells) == whole, len(plan_of_comparisons(whole, lambda one: {}).runs)
        (True, 0)
    """
    first, *others = (_of_comparisons(part, cells) for part in whole.parts)
    return joined(replace(first, others=()), tuple(others))


def _of_comparisons(part: Plan, cells: Callable[[Plan], dict[tuple[str, int], str]]) -> Plan:
    tuned = part.tuned and plan_of_cells(part.tuned, cells(part.tuned))
    kept = cells(part)
    trials = (run_id for trial in part.trials for run_id in trial.cells.values())
    runs = _with_needs(part, [*kept.values(), *trials, *(tuned.cells.values() if tuned else ())])
    return replace(part, runs=runs, cells=kept, tuned=tuned)


def plan_of_arms(whole: Plan, names: Collection[str]) -> Plan:
    """Return the part of a plan, not yet advanced, that is about some of its arms."""
    cells = {(arm, seed): run_id for (arm, seed), run_id in whole.cells.items() if arm in names}
    trials = tuple(trial for trial in whole.trials if trial.arm in names)
    runs = _with_needs(whole, [*cells.values(), *(run_id for trial in trials for run_id in trial.cells.values())])
    arms = tuple(arm for arm in whole.arms if arm.name in names)
    first = replace(whole, arms=arms, runs=runs, cells=cells, trials=trials, tuned=None, others=(), shorter=())
    on_all = joined(first, tuple(plan_of_arms(other, names) for other in whole.others))
    return of_lengths(on_all, tuple(plan_of_arms(part, names) for part in whole.shorter))


@dataclass(frozen=True)
class Shard:
    """Shard ``number`` of ``of``, counted from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}-of-{self.of}"


def parse_shard(text: str) -> Shard:
    """Parse a shard that is written as ``I/N``.

    Raises:
        InputError: it is not two whole numbers with 1 <= I <= N.

    Example:
        >>> parse_shard("2/8")
        Shard(number=2, of=8)
    """
    match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text.strip())
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise InputError(f"--shard {text}: accepted: I/N, two whole numbers with 1 <= I <= N, such as 1/8")
    return Shard(int(match[1]), int(match[2]))


def plan_of_shard(whole: Plan, shard: Shard) -> Plan:
    """Return the plan with the runs of one shard, and the pretraining that they start from; arms and cells stay as they are.

    A seed's runs stay together as far as shards of equal size allow, so that an arm and its reference are run on the same machine.

    Example:
        >>> from dlbench.study import load, plan
        >>> whole = plan(load("quickstart"))
        >>> sorted({run.seed for run in plan_of_shard(whole, Shard(1, 4)).runs})
        [0, 1]
    """
    by_seed = sorted(whole.runs, key=lambda run: run.seed)
    first, last = (len(by_seed) * end // shard.of for end in (shard.number - 1, shard.number))
    return replace(whole, runs=_with_needs(whole, (run.run_id for run in by_seed[first:last])))


def _with_needs(whole: Plan, run_ids: Iterable[str]) -> tuple[Run, ...]:
    """The runs of these ids and the pretraining that they start from, in the plan's order."""
    wanted: set[str | None] = set(run_ids)
    for run in reversed(whole.runs):
        if run.run_id in wanted:
            wanted.add(run.needs)
    return tuple(run for run in whole.runs if run.run_id in wanted or run.repeats in (wanted - {None}))
