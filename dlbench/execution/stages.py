"""The stages that a plan is run in, and what the store keeps of each; a later stage depends on the results of earlier ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dlbench.execution.adaptive import adaptive_stages
from dlbench.execution.interim import declaration, note_full_analysis
from dlbench.execution.options import Options
from dlbench.execution.provenance import claimed_scope, made_with, metrics_of
from dlbench.execution.timing import recipe_id
from dlbench.references.sources import source_digest
from dlbench.store.database import Store
from dlbench.store.read import BUDGET
from dlbench.study.designs import fraction, settings
from dlbench.study.plan import Arm, Plan
from dlbench.study.published import published_of
from dlbench.study.stages import advance, undecided_runs
from dlbench.study.study import Study
from dlbench.study.tuning import trial_name
from dlbench.values.metric import declared_metric
from dlbench.values.placeholders import as_text
from dlbench.values.precision import FLOAT32, SCREENED
from dlbench.values.recipe import FINAL, to_dict
from dlbench.values.scope import Scope


def stages(plan: Plan, store: Store, workers: int = 1) -> Iterator[Plan]:
    """Yield the plan as far as the results so far decide it, and again whenever they decide more.

    A tuned study has two stages, the trials and then the tuned comparison. An adaptive study has one for each interim analysis. All
    others have one, after which the store records that their seeds have been judged.

    Args:
        plan: the whole study.
        store: where the runs of each stage are recorded before the next one is asked for.
        workers: how many runs are made at a time, which says what a declared time buys.

    Raises:
        InputError: the seeds of an adaptive study were analysed in another way, or its time is too short.
    """
    def grown(plan: Plan) -> Plan:
        scores = store.outcomes(plan.study.measure_on_validation.name)
        return advance(plan, scores, made_with(store) if plan.trials else {})

    if plan.study.adaptive:
        yield from adaptive_stages(plan, store, grown, workers)
        return
    before = None
    while (plan := grown(plan)) != before:
        yield plan
        before = plan
    for judged in (*plan.shorter, *plan.comparisons):
        note_full_analysis(judged, store)


def stage_name(stage: Plan) -> str:
    """Name a stage where progress is shown."""
    if stage.study.adaptive:
        seeds = max((len({seed for _, seed in one.cells}) for one in stage.comparisons), default=0)
        return f"training up to the interim analysis at {seeds} seeds"
    if not stage.trials:
        return "training"
    return "training trials and defaults" if undecided_runs(stage) else "training the tuned comparison"


def study_record(plan: Plan, options: Options, store: Store | None = None) -> dict[str, Any]:
    """Describe a study, JSON-ready, as the store keeps it and a report reads it.

    Args:
        plan: the whole study.
        options: how it is run.
        store: where it may have been run before, whose claims it goes on with; a new one where unset.
    """
    study, recipe = plan.study, plan.study.baseline
    scope = claimed_scope(plan, store) if store is not None else study.scope or Scope.NEW_DATA
    digests = {os.path.basename(file): source_digest(Path(file).stem) for file in study.plugins}
    return {
        "name": study.name, "question": study.question, "dataset": plan.dataset, "model": "" if recipe.command.run else recipe.model.name,
        "design": study.design, "metric": study.metric, "margin": study.margin, "seeds": list(study.seeds),
        "budget": asdict(recipe.budget), "split_seed": recipe.data.split_seed, "target": recipe.target, "text": study.text,
        "overrides": list(study.overrides), "command": options.command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"), **_design_record(study),
        **({"datasets": list(study.datasets)} if study.datasets else {}),
        **({"budgets": list(study.budgets)} if study.budgets else {}),
        **({"names": list(known.names)} if (known := study.inspections.get(plan.dataset)) and known.names else {}),
        **({"folds": recipe.data.folds} if recipe.data.folds else {}),
        **({"score_over": recipe.score_over} if recipe.score_over != FINAL else {}),
        **({"adaptive": declaration(plan, scope, store)} if study.adaptive else {}),
        **metrics_of(study), **published_of(study),
        **({"precision": study.precision} if study.precision != FLOAT32 else {}),
        **({SCREENED: dict(options.screened)} if options.screened else {}),
        **({"scope": scope} if study.scope or scope != Scope.THIS_TEST_SET else {}),
        **({"plugins": digests} if digests else {}), **study.stored_metric,
        **({"engine": study.engine, "run": as_text(recipe.command.run)} if recipe.command.run else {}),
    }


def _design_record(study: Study) -> dict[str, Any]:
    """Describe a design that sets several factors at once, or confirms that some are worth keeping; empty for the others."""
    if study.keep:
        return {"keep": list(study.keep)}
    factors, part = settings(study), fraction(study)
    names = [entry.name for entry in study.entries]
    return ({"factor_names": names, "factors": factors} if factors else {}) | (
        {"resolution": part.resolution, "aliases": list(part.aliases)} if part is not None else {})


def arm_row(arm: Arm) -> dict[str, Any]:
    """Describe an arm, JSON-ready, as the store keeps it."""
    return {"arm": arm.name, "reference": arm.reference, "techniques": arm.techniques, "recipe": to_dict(arm.recipe),
            "recipe_id": recipe_id(arm), "changes": arm.changes}


def parts(stage: Plan, record: dict[str, Any]) -> dict[str, tuple]:
    """Describe the trials, the tuned comparison, the further datasets and the shorter budgets of a study, which are kept beside it.

    Args:
        stage: the plan as far as it is decided.
        record: of the study.

    Returns:
        Name -> record, arms and cells, as :meth:`Store.open_study` takes them: ``trials`` has one arm a trial, on the tuning
        seeds; ``tuned`` has the study's arms at their chosen settings; ``1``, ``1:trials`` and so on are the same of the study's
        second dataset, and so on. ``budget:5`` has the study's arms after 5 epochs.
    """
    kept = {}
    for shorter in stage.shorter:
        budget = shorter.study.baseline.budget
        kept[f"{BUDGET}{budget.amount}"] = (record | {"budget": asdict(budget)}, *content(shorter))
    for position, other in enumerate(stage.others, start=1):
        of_other = record | {"dataset": other.dataset}
        kept[f"{position}"] = (of_other, *content(other))
        kept |= {f"{position}:{name}": part for name, part in parts(other, of_other).items()}
    if stage.trials:
        names = [trial_name(trial) for trial in stage.trials]
        rows = [{"arm": name, "of": trial.arm, "setting": trial.setting} for name, trial in zip(names, stage.trials)]
        cells = [(name, seed, run_id) for name, trial in zip(names, stage.trials) for seed, run_id in trial.cells.items()]
        score = stage.study.measure_on_validation.name
        tuning = {"metric": score, **declared_metric(score), "seeds": list(stage.study.tuning_seeds),
                  "nuisance": [path for path, _ in stage.study.nuisance]}
        kept["trials"] = (record | tuning, rows, cells)
    if stage.tuned:
        chosen = {"chosen": {trial.arm: trial.setting for trial in stage.tuned.trials}}
        kept["tuned"] = (record | chosen, *content(stage.tuned))
    return kept


def content(plan: Plan) -> tuple[list[dict[str, Any]], list[tuple]]:
    """Describe the arms and cells of a plan on one dataset, as :meth:`Store.open_study` takes them."""
    return [arm_row(arm) for arm in plan.arms], [(arm, seed, run_id) for (arm, seed), run_id in plan.cells.items()]
