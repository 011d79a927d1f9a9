"""Plans that grow as their runs end. Pure: what comes next is a function of the scores so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from dlbench.study.plan import Arm, Plan, Run, joined, ordered, runs_of
from dlbench.study.tuning import NO_VERSIONS, choose
from dlbench.values.metric import metric_on_validation
from dlbench.values.recipe import Recipe, changes


def advance(whole: Plan, scores: Mapping[str, float | None], made_with: Mapping[str, str] = NO_VERSIONS) -> Plan:
    """Return the plan after some runs have ended: with the tuned comparison of the arms whose trials have chosen.

    Args:
        whole: a plan.
        scores: run id -> score on the validation split of every run that has ended, None where it diverged.
        made_with: run id -> versions and data, as :func:`dlbench.study.tuning.choose` takes them.

    Returns:
        The same plan where there is nothing to tune or no arm is decided yet.

    Example:
        >>> from dlbench.study import load, plan
        >>> whole = plan(load("quickstart", ("nuisance.batch_size=[16,32]", "tuning_seeds=1")))
        >>> runs = {run_id for trial in whole.trials for run_id in trial.cells.values()}
        >>> len(advance(whole, dict.fromkeys(runs, 0.5)).runs) > len(whole.runs)
        True
    """
    if whole.others:
        return joined(_advance(whole, scores, made_with), tuple(_advance(part, scores, made_with) for part in whole.others))
    return _advance(whole, scores, made_with)


def _advance(whole: Plan, scores: Mapping[str, float | None], made_with: Mapping[str, str]) -> Plan:
    """The plan of one dataset, advanced."""
    chosen = choose(whole.trials, scores, metric_on_validation(whole.study.metric), made_with)
    if not chosen:
        return whole
    runs = {run.run_id: run for run in whole.runs}
    recipes = {arm.name: chosen[arm.name].recipe if arm.name in chosen else arm.recipe for arm in whole.arms}
    arms = tuple(_tuned(arm, recipes) for arm in whole.arms)
    cells = {(arm.name, run.seed): run.run_id for arm in arms if arm.name in chosen
             for run in runs_of(arm.recipe, whole.study.seeds, runs)}
    tuned = Plan(whole.study, arms, _needed(runs, cells.values()), cells, (), tuple(chosen.values()))
    return replace(whole, runs=ordered(runs), tuned=tuned)


def _tuned(arm: Arm, recipes: Mapping[str, Recipe]) -> Arm:
    """The arm at its chosen setting; its changes are those against its reference at the reference's own chosen setting."""
    changed = changes(recipes[arm.name], recipes[arm.reference]) if arm.reference else arm.changes
    return replace(arm, recipe=recipes[arm.name], changes=changed)


def _needed(runs: Mapping[str, Run], wanted: Iterable[str]) -> tuple[Run, ...]:
    """The wanted runs, each once, and the pretraining that they start from."""
    return ordered({name: runs[name] for wish in wanted for name in (runs[wish].needs, wish) if name})


def undecided_runs(whole: Plan) -> int:
    """Count the runs of the tuned comparison that are still to be chosen: at most, for some may be there already."""
    waiting = 0
    for part in whole.parts:
        waiting += len({trial.arm for trial in part.trials} - {trial.arm for trial in (part.tuned.trials if part.tuned else ())})
    return waiting * len(whole.study.seeds)
