"""The stages of an adaptive study: what is run up to the next interim analysis of each of its comparisons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dlbench.execution import spending
from dlbench.execution.interim import Cells, Size, analyses_taken, cells_up_to, take, undecided_arms
from dlbench.store.database import Store
from dlbench.store.interim import InterimAnalysis
from dlbench.study.parts import plan_of_comparisons
from dlbench.study.plan import Plan


@dataclass(frozen=True)
class Standing:
    """Where a comparison stands.

    Attributes:
        plan: the comparison.
        taken: its analyses so far.
        size: of the next one; None where no further one is due, or where runs must be timed before its size is known.
        due: whether a further one is due.
    """

    plan: Plan
    taken: list[InterimAnalysis]
    size: Size | None = None
    due: bool = False

    @property
    def cells(self) -> Cells:
        """What has been run by its next analysis, if nothing more is decided."""
        ahead = [self.size.seeds if self.size else spending.step(self.plan)] if self.due else []
        return cells_up_to(self.plan, self.taken, [*(len(one.seeds) for one in self.taken), *ahead])


def adaptive_stages(plan: Plan, store: Store, grown: Callable[[Plan], Plan], workers: int) -> Iterator[Plan]:
    """Yield the parts of an adaptive plan; after each, the analyses that are due are taken and stored, unless an earlier call has done so.

    Args:
        plan: of an adaptive study.
        store: where the runs of each part are recorded before the next one is asked for.
        grown: a plan -> the plan as far as the results so far decide it.
        workers: how many runs are made at a time.

    Raises:
        InputError: the seeds were analysed in another way, or the time to be spent buys no analysis.
    """
    before = None
    while True:
        plan = grown(plan)
        standings = standing(plan, store, workers)
        stage, due = cut(plan, standings), [one for one in standings if one.due]
        if stage == before and not due:
            return
        yield stage
        before = stage
        for one in due:
            if one.size:
                take(one.plan, store, one.taken, one.size)


def standing(plan: Plan, store: Store, workers: int) -> list[Standing]:
    """Tell where each comparison of an adaptive plan stands, of those that have begun."""
    return [_standing(one, analyses_taken(one, store, plan), store, workers) for one in _begun(plan, store.statuses())]


def cut(plan: Plan, standings: list[Standing]) -> Plan:
    """Return the plan up to the next analysis of each comparison."""
    cells = {id(one.plan): one.cells for one in standings}
    return plan_of_comparisons(plan, lambda one: cells.get(id(one), {}))


def _begun(plan: Plan, statuses: dict[str, str]) -> Iterator[Plan]:
    """Yield the comparisons whose settings are chosen: before all trials have ended, who is compared is not known."""
    for part in plan.parts:
        yield part
        if part.tuned and all(run_id in statuses for trial in part.trials for run_id in trial.cells.values()):
            yield part.tuned


def _standing(plan: Plan, taken: list[InterimAnalysis], store: Store, workers: int) -> Standing:
    if not undecided_arms(plan, taken):
        return Standing(plan, taken)
    if not plan.study.spend_s:
        return Standing(plan, taken, Size(plan.study.looks[len(taken)]), due=True)
    return Standing(plan, taken, spending.next_size(plan, taken, _wall_s(store), workers), due=True)


def _wall_s(store: Store) -> dict[str, float]:
    """Run id -> seconds of wall clock that it took, for runs that need not be run again."""
    return {run_id: wall_s for run_id, wall_s in store.latest("json_extract(cost, '$.wall_s')", final=True) if wall_s}
