"""Interim analyses of a comparison: the runs that the next one needs, its verdicts, and the seeds that it uses up."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from dlbench.execution.provenance import claimed_scope, metrics_of
from dlbench.execution.timing import recipe_id
from dlbench.stats.boundaries import PROPORTIONAL, SPENDING, Boundaries, Decided, boundaries
from dlbench.stats.crossed import example_parts, examples_tested
from dlbench.stats.method import METHOD, Rule
from dlbench.stats.paired import LARGEST
from dlbench.stats.sequential import judge_metrics_interim, say_when_decided
from dlbench.store import answers
from dlbench.store.database import Store
from dlbench.store.interim import InterimAnalysis, Pair, add, analyses_of, ended, of_plan, pilot_seeds
from dlbench.study.plan import Plan
from dlbench.study.schema import CROSSED
from dlbench.values.errors import InputError
from dlbench.values.metric import Metric
from dlbench.values.origin import incomparable
from dlbench.values.scope import Scope
from dlbench.values.verdict import Verdict

Cells = dict[tuple[str, int], str]
EFFECTS = {Verdict.HELPS, Verdict.HURTS}
"""Verdicts that claim a difference."""


@dataclass(frozen=True)
class Measured:
    """What is known of a plan's runs on one of the metrics that it is judged by.

    Attributes:
        metric, margin: of the study.
        scores: run id -> score.
        examples: run id -> the test examples that its score is the share of right answers to; None where it is no such share.
        values: run ids -> the value of each test example, for a claim about new data.
    """

    metric: Metric
    margin: float
    scores: Mapping[str, float]
    examples: Callable[[str], int | None] = lambda run_id: None
    values: Callable[[list[str]], Mapping[str, NDArray]] = lambda run_ids: {}


@dataclass(frozen=True)
class Size:
    """How large an interim analysis is: its seeds, and the share of the time to be spent that is over by then, where time is."""

    seeds: int
    share: float | None = None


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
    if not study.adaptive:
        return None
    first = {"looks": list(study.looks), "metric": study.metric, "margin": study.margin, **metrics_of(study)}
    if store is not None and scope == Scope.THIS_TEST_SET:
        pairs = compared_pairs(plan)
        if of_plan(analyses_of(store, pairs), pairs, first, study.seeds):
            return first
    return first | {"spending": SPENDING} | ({"scope": scope} if scope != Scope.THIS_TEST_SET else {}) | (
        {"spend_s": study.spend_s} if study.spend_s else {})


def analyses_taken(plan: Plan, store: Store, whole: Plan | None = None) -> list[InterimAnalysis]:
    """Read the interim analyses of an adaptive comparison that have been taken.

    Args:
        plan: one of the comparisons of an adaptive plan.
        store: with its results.
        whole: the plan, if it has several comparisons.

    Raises:
        InputError: its seeds were analysed otherwise, so its boundaries would not hold.
    """
    every = analyses_of(store, compared_pairs(plan))
    declared = declaration(plan, claimed_scope(plan, store), store) or {}
    taken = of_plan(every, compared_pairs(plan), declared, plan.study.seeds)
    beside = [set(compared_pairs(one)) for one in (whole or plan).comparisons]
    seen = {seed for look in every if look not in taken and not (look.declared == declared and set(look.pairs) in beside)
            for seed in look.seeds} & set(plan.study.seeds)
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
    undecided = () if ended(taken, {"looks": plan.study.looks, "spend_s": plan.study.spend_s}) else taken[-1].undecided
    return {arm: against[arm] for arm in undecided}


def running_arms(plan: Plan, taken: Sequence[InterimAnalysis]) -> set[str]:
    """The arms that are run after some analyses: the undecided ones and their references, or all of a design that crosses factors."""
    still = undecided_arms(plan, taken)
    everything = not taken or (still and set(CROSSED) & set(plan.study.designs))
    return {arm.name for arm in plan.arms} if everything else {*still, *still.values()}


def cells_up_to(plan: Plan, taken: Sequence[InterimAnalysis], sizes: Sequence[int]) -> Cells:
    """Collect the cells of the analyses that were taken, and of those ahead if nothing more is decided.

    Args:
        plan: one of the comparisons of an adaptive plan.
        taken: its analyses so far.
        sizes: numbers of seeds of the analyses that were taken, and of those ahead.
    """
    cells = Cells()
    for number, (before, look) in enumerate(pairwise((0, *sizes))):
        arms = running_arms(plan, taken[: min(number, len(taken))])
        cells |= {(arm.name, seed): plan.cells[arm.name, seed] for arm in plan.arms if arm.name in arms
                  for seed in plan.study.seeds[before:look] if (arm.name, seed) in plan.cells}
    return cells


def judge_next(plan: Plan, taken: Sequence[InterimAnalysis], measured: Sequence[Measured],
               size: Size | None = None) -> list[pd.DataFrame]:
    """Judge the open arms at the next analysis. A pure function of the scores.

    Args:
        plan: one of the comparisons of an adaptive plan.
        taken: its analyses so far.
        measured: what is known of its runs, on each metric of the study.
        size: of the analysis; unset, as declared.

    Returns:
        Of each metric, as :func:`dlbench.stats.sequential.judge_metrics_interim`, for the arms that are still open; each reason names the
        analysis.
    """
    size = size or Size(plan.study.looks[len(taken)])
    still, seeds = undecided_arms(plan, taken), set(plan.study.seeds[: size.seeds])
    scores = [_scores(plan, one, seeds) for one in measured]
    rules = [_rule(plan, one, known, still) for one, known in zip(measured, scores, strict=True)]
    levels = replace(boundaries_of(plan, taken, size), decided=_decided(taken))
    tables = judge_metrics_interim(scores, still, rules, levels, size.seeds)
    return [say_when_decided(table, levels, size.seeds) for table in tables]


def boundaries_of(plan: Plan, taken: Sequence[InterimAnalysis], size: Size) -> Boundaries:
    """The levels of the analyses of a comparison: of all that are declared, or, where it is time that is spent, up to the next one."""
    spending = (taken[0].declared or {}).get("spending", PROPORTIONAL) if taken else SPENDING
    if size.share is None:
        return boundaries(plan.study.looks, len(references(plan)), METHOD.alpha, spending)
    looks, shares = (*(len(look.seeds) for look in taken), size.seeds), (*(look.share or 1.0 for look in taken), size.share)
    return boundaries(looks, len(references(plan)), METHOD.alpha, spending, shares=shares)


def _scores(plan: Plan, measured: Measured, seeds: set[int]) -> pd.DataFrame:
    """The scores of some seeds, with the test examples that each arm was tested on: columns ``arm, seed, run_id, score, examples``."""
    known = measured.scores
    rows = [(arm, seed, run_id, known[run_id], measured.examples(run_id)) for (arm, seed), run_id in plan.cells.items()
            if seed in seeds and run_id in known and abs(known[run_id]) <= LARGEST]
    scores = pd.DataFrame(rows, columns=["arm", "seed", "run_id", "score", "examples"]).astype({"examples": float})
    return scores.assign(examples=scores["arm"].map(examples_tested(scores, folds_of(plan))))


def _rule(plan: Plan, measured: Measured, scores: pd.DataFrame, still: Mapping[str, str]) -> Rule:
    folds = folds_of(plan)
    return Rule(measured.margin, measured.metric.higher_is_better, unit=measured.metric.unit, folds=folds,
                parts=example_parts(scores, still, measured.values, folds))


def _decided(taken: Sequence[InterimAnalysis]) -> Decided:
    """Count the arms that analyses have decided on every metric: their shares are the others'."""
    effects, none = 0, 0
    for look in taken:
        families = (look.verdicts, *look.further.values())
        effects += len(set.intersection(*({row["arm"] for row in rows if row["verdict"] in EFFECTS} for rows in families)))
        none += len(set.intersection(*({row["arm"] for row in rows if row["verdict"] == Verdict.EQUIVALENT} for rows in families)))
    return Decided(effects, none)


def _comparable(plan: Plan, store: Store, metric: str) -> dict[str, float]:
    """Map run ids to scores, without runs that were made with other versions or data than their reference's of the same seed."""
    known, made, environments, data = store.scores(metric), store.origins(), store.environments(), store.data()
    against, changed = references(plan), {arm.name: arm.changes for arm in plan.arms}

    def may_be_compared(arm: str, *pair: str) -> bool:
        if not known.keys() >= set(pair):
            return True
        ours, theirs = (environments.get(made[run_id], {}) for run_id in pair)
        return not incomparable(ours, theirs, changed[arm], (data[pair[0]][0], data[pair[1]][0]))

    pairs = ((arm, run_id, plan.cells.get((against.get(arm, arm), seed), run_id)) for (arm, seed), run_id in plan.cells.items())
    return {run_id: known[run_id] for arm, run_id, other in pairs if run_id in known and may_be_compared(arm, run_id, other)}


def take(plan: Plan, store: Store, taken: Sequence[InterimAnalysis], size: Size | None = None) -> None:
    """Judge the open arms of a comparison at its next interim analysis, and keep what it decides.

    Args:
        plan: one of the comparisons of an adaptive plan.
        store: with the runs that the analysis needs.
        taken: its analyses so far.
        size: of this one; unset, as declared.
    """
    scope, size = claimed_scope(plan, store), size or Size(plan.study.looks[len(taken)])
    measured = [_measured(plan, store, one, margin, scope) for one, margin in plan.study.measures]
    first, *further = map(_rows, judge_next(plan, taken, measured, size))
    names = [one.metric.name for one in measured[1:]]
    add(store, InterimAnalysis(compared_pairs(plan), plan.study.seeds[: size.seeds], (), declaration(plan, scope, store), first, _now(),
                               size.share, dict(zip(names, further, strict=True))))


def _measured(plan: Plan, store: Store, measure: Metric, margin: float, scope: Scope) -> Measured:
    examples = partial(answers.examples, store) if measure.unit == "fraction" and measure.split == "test" else lambda run_id: None
    values = partial(answers.values, store, measure.name) if scope == Scope.NEW_DATA else lambda run_ids: {}
    return Measured(measure, margin, _comparable(plan, store, measure.name), examples, values)


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
