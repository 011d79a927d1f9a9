"""Interim analyses of a study: the runs that the next one needs, its verdicts, and the seeds that it uses up."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from dlbench.execution.provenance import claimed_scope
from dlbench.execution.timing import recipe_id
from dlbench.stats.crossed import example_parts, examples_tested
from dlbench.stats.method import Rule
from dlbench.stats.paired import LARGEST
from dlbench.stats.sequential import PROPORTIONAL, SPENDING, Decided, boundaries, judge_interim, say_when_decided
from dlbench.store import answers
from dlbench.store.database import Store
from dlbench.store.interim import InterimAnalysis, Pair, add, analyses_of, of_plan, pilot_seeds
from dlbench.study.parts import plan_of_cells
from dlbench.study.plan import Plan
from dlbench.values.errors import InputError
from dlbench.values.origin import incomparable
from dlbench.values.scope import Scope
from dlbench.values.verdict import Verdict

Cells = dict[tuple[str, int], str]


def references(plan: Plan) -> dict[str, str]:
    """Map every compared arm to the arm it is compared with."""
    return {arm.name: arm.reference for arm in plan.arms if arm.reference is not None}


def folds_of(plan: Plan) -> int:
    """Return how many folds of the data a plan tests in turn; 0 where every seed tests the same examples."""
    return plan.study.baseline.data.folds


def compared_pairs(plan: Plan) -> tuple[Pair, ...]:
    """Identify what a plan compares, whatever its arms are called."""
    identity = {arm.name: recipe_id(arm) for arm in plan.arms}
    return tuple((identity[arm], identity[reference]) for arm, reference in references(plan).items())


def declaration(plan: Plan, scope: Scope, store: Store | None = None) -> dict[str, Any] | None:
    """Return what an adaptive study declares before it has results; None for any other study.

    Args:
        plan: the whole study.
        scope: what its verdicts are claims about.
        store: where its analyses may have been taken; those that were taken before spending was declared go on as they began.
    """
    study = plan.study
    first = {"looks": list(study.looks), "metric": study.metric, "margin": study.margin}
    if not study.looks:
        return None
    if store is not None and scope == Scope.THIS_TEST_SET:
        pairs = compared_pairs(plan)
        if of_plan(analyses_of(store, pairs), pairs, first, study.seeds):
            return first
    return first | {"spending": SPENDING} | ({"scope": scope} if scope != Scope.THIS_TEST_SET else {})


def analyses_taken(plan: Plan, store: Store) -> list[InterimAnalysis]:
    """Read the interim analyses of an adaptive plan that have been taken.

    Raises:
        InputError: its seeds were analysed otherwise, so its boundaries would not hold.
    """
    every = analyses_of(store, compared_pairs(plan))
    taken = of_plan(every, compared_pairs(plan), declaration(plan, claimed_scope(plan, store), store) or {}, plan.study.seeds)
    seen = {seed for look in every if look not in taken for seed in look.seeds} & set(plan.study.seeds)
    if seen:
        where = os.path.basename(plan.study.origin)
        raise InputError(
            f"{where}: adaptive: seeds up to {max(seen)} of these arms were judged before in {store.folder}, not at these looks, metric, "
            f"margin, scope and arms; looks are declared before anything is seen. To judge new seeds, set adaptive.first_seed = "
            f"{max(seen) + 1}")
    return taken


def undecided_arms(plan: Plan, taken: Sequence[InterimAnalysis]) -> dict[str, str]:
    """Map the arms that are undecided after some analyses to their references; none after the last analysis."""
    against = references(plan)
    if not taken:
        return against
    undecided = taken[-1].undecided if len(taken) < len(plan.study.looks) else ()
    return {arm: against[arm] for arm in undecided}


def cells_up_to_next(plan: Plan, taken: Sequence[InterimAnalysis], ahead: int = 1) -> Cells:
    """Collect the cells of the analyses that were taken, and of those ahead if nothing more is decided.

    An arm is run while it is undecided, a reference while any arm that is compared with it is undecided.

    Args:
        plan: of an adaptive study.
        taken: its analyses so far.
        ahead: how many more analyses.
    """
    cells, arms = {}, {arm.name for arm in plan.arms}
    for number, (before, look) in enumerate(pairwise((0, *plan.study.looks))):
        if number >= len(taken) + ahead:
            break
        if 0 < number <= len(taken):
            still = undecided_arms(plan, taken[:number])
            arms = {*still, *still.values()}
        cells |= {(arm.name, seed): plan.cells[arm.name, seed]
                  for arm in plan.arms if arm.name in arms for seed in plan.study.seeds[before:look]}
    return cells


def judge_next(plan: Plan, taken: Sequence[InterimAnalysis], known: Mapping[str, float],
               examples: Callable[[str], int | None] = lambda run_id: None,
               values: Callable[[list[str]], Mapping[str, NDArray]] = lambda run_ids: {}) -> pd.DataFrame:
    """Judge the open arms at the next analysis. A pure function of the scores.

    Args:
        plan: of an adaptive study.
        taken: its analyses so far.
        known: run id -> score.
        examples: run id -> the test examples that its score is the share of right answers to; None where it is no such share.
        values: run ids -> the value of each test example, for a claim about new data.

    Returns:
        As :func:`dlbench.stats.sequential.judge_interim`, for the arms that are still open; each reason names the analysis.
    """
    study, measure = plan.study, plan.study.measure
    look, still = study.looks[len(taken)], undecided_arms(plan, taken)
    seeds = set(study.seeds[:look])
    rows = [(arm, seed, run_id, known[run_id], examples(run_id)) for (arm, seed), run_id in plan.cells.items()
            if seed in seeds and run_id in known and abs(known[run_id]) <= LARGEST]
    scores, folds = pd.DataFrame(rows, columns=["arm", "seed", "run_id", "score", "examples"]).astype({"examples": float}), folds_of(plan)
    scores["examples"] = scores["arm"].map(examples_tested(scores, folds))
    rule = Rule(study.margin, measure.higher_is_better, unit=measure.unit, folds=folds,
                parts=example_parts(scores, still, values, folds))
    spending = (taken[0].declared or {}).get("spending", PROPORTIONAL) if taken else SPENDING
    levels = replace(boundaries(study.looks, len(references(plan)), rule.method.alpha, spending), decided=_decided(taken))
    table = judge_interim(scores, still, rule, levels, look)
    return say_when_decided(table, levels, look)


def _decided(taken: Sequence[InterimAnalysis]) -> Decided:
    """Count what analyses have decided."""
    verdicts = Counter(row["verdict"] for look in taken for row in look.verdicts)
    return Decided(verdicts[Verdict.HELPS] + verdicts[Verdict.HURTS], verdicts[Verdict.EQUIVALENT])


def _comparable(plan: Plan, store: Store) -> dict[str, float]:
    """Map run ids to scores, without runs that were made with other versions or data than their reference's of the same seed."""
    known, made, environments, data = store.scores(plan.study.metric), store.origins(), store.environments(), store.data()
    against, changed = references(plan), {arm.name: arm.changes for arm in plan.arms}

    def may_be_compared(arm: str, *pair: str) -> bool:
        if not known.keys() >= set(pair):
            return True
        ours, theirs = (environments.get(made[run_id], {}) for run_id in pair)
        return not incomparable(ours, theirs, changed[arm], (data[pair[0]][0], data[pair[1]][0]))

    pairs = ((arm, run_id, plan.cells.get((against.get(arm, arm), seed), run_id)) for (arm, seed), run_id in plan.cells.items())
    return {run_id: known[run_id] for arm, run_id, other in pairs if run_id in known and may_be_compared(arm, run_id, other)}


def interim_stages(plan: Plan, store: Store) -> Iterator[Plan]:
    """Yield the parts of an adaptive plan; after each, its interim analysis is taken and stored, unless an earlier call has done so.

    Args:
        plan: of an adaptive study.
        store: where the runs of each part are recorded before the next one is asked for.

    Raises:
        InputError: as :func:`analyses_taken`.
    """
    taken = analyses_taken(plan, store)
    while undecided_arms(plan, taken):
        yield plan_of_cells(plan, cells_up_to_next(plan, taken))
        measure, scope = plan.study.measure, claimed_scope(plan, store)
        examples = partial(answers.examples, store) if measure.unit == "fraction" and measure.split == "test" else lambda run_id: None
        values = partial(answers.values, store, measure.name) if scope == Scope.NEW_DATA else lambda run_ids: {}
        table = judge_next(plan, taken, _comparable(plan, store), examples, values)
        seeds = plan.study.seeds[: plan.study.looks[len(taken)]]
        taken.append(InterimAnalysis(compared_pairs(plan), seeds, (), declaration(plan, scope, store), _rows(table), _now()))
        add(store, taken[-1])
    yield plan_of_cells(plan, cells_up_to_next(plan, taken, ahead=0) or cells_up_to_next(plan, taken))


def note_full_analysis(plan: Plan, store: Store) -> None:
    """Record that all seeds of a study without interim analyses have been judged, once all have been run.

    Args:
        plan: a study that declares no interim analysis.
        store: with its runs.
    """
    ours, every = compared_pairs(plan), analyses_of(store, compared_pairs(plan))
    again = any(look.declared is None and set(look.pairs) == set(ours) and set(look.seeds) == set(plan.study.seeds) for look in every)
    ended, known = store.statuses(), store.scores(plan.study.metric)
    tried = all(run_id in ended for run_id in plan.cells.values())
    if ours and tried and not again and any(run_id in known for run_id in plan.cells.values()):
        add(store, InterimAnalysis(ours, plan.study.seeds, pilot_seeds(every, plan.study.seeds), taken=_now()))


def _rows(table: pd.DataFrame) -> tuple[dict[str, Any], ...]:
    """Turn a table into rows of values that JSON keeps to the bit."""
    plain = table.astype(object).where(table.notna(), None)
    return tuple({name: getattr(value, "item", lambda value=value: value)() for name, value in row.items()}
                 for row in plain.to_dict("records"))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
