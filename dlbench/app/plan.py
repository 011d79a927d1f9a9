"""A summary of a plan: its arms, what each one changes, the runs that are left, and an estimate of their time."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from dlbench.analysis.diagnosis import one_class
from dlbench.app.elsewhere import found_elsewhere, kept_runs
from dlbench.app.request import Request, cache_dir, checked_data_dir, results_folder
from dlbench.datasets import Places
from dlbench.engines.protocol import engine_named
from dlbench.execution import environment, interim
from dlbench.execution.adaptive import Standing, standing
from dlbench.execution.gain import bfloat16_gain, known_gain
from dlbench.execution.lengths import Trainings, share_trainings
from dlbench.execution.provenance import changed_data, made_with, stale_runs, stale_warnings
from dlbench.execution.rehearsal import Rehearsed, rehearsed
from dlbench.store.database import Store, stored
from dlbench.study import Plan, Study, advance, undecided_runs
from dlbench.study.designs import fraction
from dlbench.study.parts import plan_of_comparisons
from dlbench.study.plan import Run
from dlbench.study.tuning import trial_name
from dlbench.techniques.preprocessing import SCALINGS
from dlbench.values.gain import gain_words
from dlbench.values.packed import SEVERAL
from dlbench.values.precision import FLOAT32
from dlbench.values.processor import bfloat16_instructions
from dlbench.values.recipe import to_dict


def runs_by_arm(plan: Plan, folder: Path) -> list[dict[str, Any]]:
    """One row an arm: ``arm, reference, techniques`` (text), ``changes, runs, done``.

    Args:
        plan: of a study.
        folder: of its results, if there are any.
    """
    finished, ids = stored(folder, Store.finished, set()), {arm.name: set() for arm in plan.arms}
    for one in (*plan.shorter, *plan.parts):
        for (arm, _), run_id in one.cells.items():
            ids[arm].add(run_id)
    return [{"arm": arm.name, "reference": arm.reference, "techniques": ", ".join(arm.techniques), "changes": arm.changes,
             "runs": len(ids[arm.name]), "done": len(ids[arm.name] & finished)} for arm in plan.arms]


def rehearse(plan: Plan, request: Request, note: Callable[[str], None]) -> Rehearsed:
    """Try every arm of a plan of which anything is left to run: what cannot run is found before.

    Args:
        plan: of the request.
        request: says where data lies.
        note: receives a line before networks are built, which takes as long as the engine takes to start.

    Raises:
        InputError: an arm cannot run, or changes nothing whatever the data; the message names it.
    """
    finished = stored(results_folder(plan.study, request.out), Store.finished, set())
    if all(run.run_id in finished for run in plan.runs):
        return Rehearsed({})
    places = Places(str(Path(plan.study.origin).resolve().parent), checked_data_dir(request.data_dir))
    return rehearsed(plan, places, cache_dir(), request.weights, note)


def gained(plan: Plan, note: Callable[[str], None]) -> str:
    """Say what bfloat16 gains on this machine: of a study that computes in it measured where it is not known, of others where it is.

    Args:
        plan: of a study.
        note: receives a line before anything is measured, which takes as long as the engine takes to start.
    """
    study = plan.study
    if study.baseline.command.run:
        return ""
    gain = known_gain(cache_dir()) if study.precision == FLOAT32 else bfloat16_gain(cache_dir(), note)
    return gain_words(gain, bfloat16_instructions()) if gain else ""


def summary(plan: Plan, folder: Path, jobs: int | None = None, tried: Rehearsed | None = None, gain: str = "") -> dict[str, Any]:
    """Summarise a plan beside what its results folder already has.

    Args:
        plan: of a study.
        folder: of its results, if there are any.
        jobs: workers that the time is estimated for; one per core where unset.
        tried: what trying its arms found, where they were tried.
        gain: from :func:`gained`.
    """
    workers = jobs or os.cpu_count() or 1
    known = stored(folder, lambda store: _known(plan, store, workers), _Known(plan))
    plan = known.plan
    asked = plan_of_comparisons(plan, lambda one: _cells_ahead(one, known)) if plan.study.adaptive else plan
    left, notes = [run for run in asked.runs if run.run_id not in known.finished], list[str]()
    kept = kept_runs(plan, folder, cache_dir(), notes.append)
    taken = sum(run.run_id in kept for run in left)
    study, later = plan.study, undecided_runs(plan)
    made = [run for run in left if run.run_id not in kept]
    trainings = share_trainings(made, engine_named(study.engine).shared, workers)
    return {
        "study": study.name, "question": study.question, "seeds": list(study.seeds),
        "datasets": [one.dataset for one in plan.parts], "inputs": _inputs(study),
        "watched": study.sources.watched({name for one in plan.parts for arm in one.arms for name, _ in arm.recipe.code}),
        "metric": study.metric, "margin": study.margin, "further_metrics": dict(study.further), "design": study.design,
        **({} if study.baseline.command.run else {"precision": study.precision, "bfloat16": gain or None}),
        "facts": {name: inspected.to_dict() for name, inspected in study.inspections.items()},
        "arms": [{"arm": arm.name, "reference": arm.reference, "changes": arm.changes, "techniques": arm.techniques,
                  "effect": tried.effects.get(arm.name, "") if tried else "", "recipe": to_dict(arm.recipe)} for arm in plan.arms],
        **_fraction(plan), "tuning": _tuning(plan),
        "runs": len(asked.runs), "done": len(asked.runs) - len(left), "left": len(left), "taken": taken,
        **({"adaptive": _adaptive(plan, known, workers)} if study.adaptive else {}), "undecided": later,
        **({"budgets": list(study.budgets), "trained_for_each": _trained_for_each(plan)} if study.budgets else {}),
        "trainings": sum(run.recipe.scoring.members for run in trainings.trained(made)),
        "steps_share": _steps(made, trainings) / _steps(made, Trainings()) if made else None,
        "estimated_s": known.mean_s * (_steps(made, trainings) / _mean_budget(study) + later) / workers if known.mean_s else None,
        "warnings": [*plan.warnings, *(_doubts(study, tried) if tried else ()), *known.warnings, *notes,
                     *found_elsewhere(plan, folder, cache_dir(), kept)],
    }


def _steps(runs: Sequence[Run], trainings: Trainings) -> float:
    """Add up the budgets of runs, as far as they are trained for them; an ensemble has one for each of its members."""
    return sum(run.recipe.scoring.members * run.recipe.budget.amount * trainings.own_share(run) for run in runs)


def _mean_budget(study: Study) -> float:
    """Return the length of training whose time is known, in the unit of the budget."""
    return mean(study.budgets) if study.budgets else study.baseline.budget.amount


def _trained_for_each(plan: Plan) -> list[str]:
    """Name the arms of a study at several budgets that are trained for each of them, because they depend on the length of training."""
    trained = {run.run_id for run in share_trainings(plan.runs, engine_named(plan.study.engine).shared).trained(plan.runs)}
    each = {arm for part in plan.shorter for (arm, _), run_id in part.cells.items() if run_id in trained}
    return [arm.name for arm in plan.arms if arm.name in each]


def _doubts(study: Study, tried: Rehearsed) -> Iterator[str]:
    """Yield what trying the arms warns of, where one class has most of the test examples of a study of accuracy, and where these are too
    few for its margin."""
    yield from tried.warnings
    for dataset, counts in tried.tested.items():
        for found in one_class(np.array(counts), study.measure):
            yield f"dataset '{dataset}': {found.subject}, {found.evidence}; accepted: {found.remedy}"
        if fine := finer_than_examples(study.measure.name, study.margin, sum(counts)):
            yield f"dataset '{dataset}': {fine}"


def finer_than_examples(metric: str, margin: float, tested: int) -> str:
    """Say that a margin of accuracy is less than what one test example weighs; empty where it is not.

    Example:
        >>> finer_than_examples("test_accuracy", 0.001, 500)
        'margin = 0.001 is less than one of the 500 test examples weighs, 0.002; accepted: a larger margin, or more test examples'
        >>> finer_than_examples("test_accuracy", 0.01, 500), finer_than_examples("test_loss", 0.001, 500)
        ('', '')
    """
    if metric != "test_accuracy" or not tested or margin * tested >= 1:
        return ""
    return (f"margin = {margin:g} is less than one of the {tested:,} test examples weighs, {1 / tested:.2g}; accepted: a larger margin, or "
            "more test examples")


def _inputs(study: Study) -> str:
    """Word how the baseline's inputs are scaled, or read."""
    data = study.baseline.data
    kind = study.inspections[data.source].kind if data.source in study.inspections else None
    if kind == "text":
        return f"the first {data.words:,} words of each text, {data.vocabulary:,} different ones known"
    scaled = SCALINGS.get(data.normalization, data.normalization)
    return f"images and sequences {scaled}; columns of numbers brought to mean 0 and standard deviation 1" if kind == SEVERAL else scaled


@dataclass(frozen=True)
class _Known:
    """What a results folder says of a plan: how far results decide it, finished runs, the mean seconds that one took, where the
    comparisons of an adaptive study stand, and warnings of runs made with other versions or data."""

    plan: Plan
    finished: Collection[str] = ()
    mean_s: float | None = None
    standings: Sequence[Standing] = ()
    warnings: Sequence[str] = ()


def _known(plan: Plan, store: Store, workers: int) -> _Known:
    now = environment.facts_of(engine_named(plan.study.engine), plan.study)
    old = stale_warnings(stale_runs([run.run_id for run in plan.runs], store, now, plan.study.files))
    plan = advance(plan, store.outcomes(plan.study.measure_on_validation.name), made_with(store) if plan.trials else {})
    standings = standing(plan, store, workers) if plan.study.adaptive else ()
    return _Known(plan, store.finished(), store.mean_wall_s(), standings, [*changed_data(plan, store), *old])


def _cells_ahead(plan: Plan, known: _Known) -> interim.Cells:
    """The cells of a comparison up to its last analysis, if nothing more is decided; of a time to be spent, up to its next one."""
    one = next((one for one in known.standings if one.plan is plan), Standing(plan, [], due=True))
    looks = plan.study.looks
    return interim.cells_up_to(plan, one.taken, [*looks]) if looks and one.due else one.cells


def _fraction(plan: Plan) -> dict[str, Any]:
    """The size of a fractional design and what it cannot tell apart; nothing for other designs."""
    design = fraction(plan.study)
    if design is None:
        return {}
    return {"fraction": {"resolution": design.resolution, "combinations": len(design.matrix), "of": 2 ** len(design.factors),
                         "generators": design.generators, "aliases": design.aliases}}


def _tuning(plan: Plan) -> dict[str, Any] | None:
    """What is tuned, on what, and the trials of every arm; None for a study that tunes nothing."""
    if not plan.trials:
        return None
    return {
        "nuisance": dict(plan.study.nuisance), "metric": plan.study.measure_on_validation.name,
        "seeds": list(plan.study.tuning_seeds),
        "runs": len({run_id for one in plan.parts for trial in one.trials for run_id in trial.cells.values()}),
        "trials": [row for one in plan.parts for row in _trials(one)],
    }


def _trials(plan: Plan) -> list[dict[str, Any]]:
    chosen = {trial.arm: trial.setting for trial in plan.tuned.trials} if plan.tuned else {}
    return [{"dataset": plan.dataset, "arm": trial.arm, "setting": trial.setting, "runs": len(trial.cells),
             "chosen": chosen.get(trial.arm) == trial.setting, "name": trial_name(trial).removeprefix(f"{trial.arm} at ")}
            for trial in plan.trials]


def _adaptive(plan: Plan, known: _Known, workers: int) -> dict[str, Any]:
    """The declared interim analyses, how many were taken, the arms that are open, and how many runs they ask for at least and at most;
    of a time to be spent, how long it is and how many seeds it buys, where runs were timed."""
    standings, study = known.standings or [Standing(plan, [], due=True)], plan.study
    still = dict.fromkeys(arm for one in standings for arm in interim.undecided_arms(one.plan, one.taken))
    facts = {"looks": list(study.looks), "taken": sum(len(one.taken) for one in standings), "open": list(still)}
    if study.spend_s:
        bought = len(interim.running_arms(plan, standings[0].taken)) * (known.mean_s or 0) / workers
        return facts | {"spend_s": study.spend_s, "workers": workers, "seeds": int(study.spend_s / bought) if bought else None}
    fewest = plan_of_comparisons(plan, lambda one: interim.cells_up_to(one, [], study.looks[:1]))
    return facts | {"fewest_runs": len(fewest.runs), "most_runs": len(plan.runs)}
