"""Plans that grow as their runs end: what comes next is a pure function of the scores so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dlbench.study.plan import Plan, joined, ordered, runs_of
from dlbench.study.tuning import NO_VERSIONS, choose
from dlbench.values.recipe import changes


def advance(whole: Plan, scores: Mapping[str, float | None], made_with: Mapping[str, str] = NO_VERSIONS) -> Plan:
    """Return the plan after some runs have ended: with the tuned comparison of the arms whose trials have chosen.

    ``scores`` and ``made_with`` are those of :func:`dlbench.study.tuning.choose`. Where no arm is decided yet, the plan stays as it is.

    Example:
        >>> from dlbench.study import load, plan
        >>> whole = plan(load("designs/tuned", ("seeds=2",)))
        >>> runs = {run_id for trial in whole.trials for run_id in trial.cells.values()}
        >>> len(advance(whole, dict.fromkeys(runs, 0.5)).runs) > len(whole.runs)
        True
    """
    first, *others = (_advance(part, scores, made_with) for part in whole.parts)
    return joined(first, tuple(others))


def _advance(whole: Plan, scores: Mapping[str, float | None], made_with: Mapping[str, str]) -> Plan:
    chosen = choose(whole.trials, scores, whole.study.measure_on_validation, made_with)
    if not chosen:
        return whole
    runs = {run.run_id: run for run in whole.runs}
    recipes = {arm.name: chosen[arm.name].recipe if arm.name in chosen else arm.recipe for arm in whole.arms}
    arms = tuple(replace(arm, recipe=recipes[arm.name], changes=changes(recipes[arm.name], recipes[arm.reference])
                         if arm.reference else arm.changes) for arm in whole.arms)
    cells = {(arm.name, run.seed): run.run_id for arm in arms if arm.name in chosen
             for run in runs_of(arm.recipe, whole.study.seeds, runs)}
    needed = {name: runs[name] for run_id in cells.values() for name in (runs[run_id].needs, run_id) if name}
    tuned = Plan(whole.study, arms, ordered(needed), cells, (), tuple(chosen.values()))
    return replace(whole, runs=ordered(runs), tuned=tuned)


def undecided_runs(whole: Plan) -> int:
    """Count the runs of the tuned comparison whose settings are not chosen yet: an upper bound, for some may be finished."""
    waiting = (({trial.arm for trial in part.trials} - {trial.arm for trial in (part.tuned.trials if part.tuned else ())})
               for part in whole.parts)
    return sum(map(len, waiting)) * len(whole.study.seeds)
