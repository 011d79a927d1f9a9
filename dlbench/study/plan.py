"""From a study to the arms and runs that answer it. What an arm changes is computed here, never described."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dlbench.datasets import source
from dlbench.study.code import own_references, taken_in, with_code_digests
from dlbench.study.commands import command_warnings
from dlbench.study.designs import combinations, demand_no_circle
from dlbench.study.fitting import by_number, check, check_layers, check_size, clashes, warnings
from dlbench.study.judgement import demand_metric
from dlbench.study.own_compile import with_rate_of_model
from dlbench.study.schema import MOST_RUNS
from dlbench.study.script import script_runs
from dlbench.study.study import Entry, Study
from dlbench.study.trust import demand_no_library
from dlbench.study.tuning import Trial, grid
from dlbench.techniques.preprocessing import BY_COLUMN
from dlbench.techniques.transfer_learning import pretraining
from dlbench.values.errors import InputError, unknown
from dlbench.values.identity import run_ids
from dlbench.values.recipe import Recipe, changes, edit, flatten


@dataclass(frozen=True)
class Arm:
    """A recipe with a name.

    Attributes:
        name: unique in the study.
        reference: the arm it is compared with; None for the first arm of a design and for a ``scratch`` arm of another task or on
            fewer labels.
        techniques: in words.
        recipe: what it trains.
        changes: recipe field -> (value in the reference, or in the baseline where there is none; value here).
    """

    name: str
    reference: str | None
    techniques: tuple[str, ...]
    recipe: Recipe
    changes: dict[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Run:
    """One training: a recipe and a seed. ``needs`` is the run whose weights it starts from, ``repeats`` the one that it does again."""

    run_id: str
    recipe: Recipe
    seed: int
    needs: str | None = None
    repeats: str | None = None


@dataclass(frozen=True)
class Plan:
    """Everything a study will run.

    Attributes:
        study: what was asked.
        arms: the arm that others are compared with first.
        runs: each run once, pretraining before what needs it.
        cells: (arm, seed) -> run id.
        warnings: what will run but probably not do what was meant.
        trials: the settings of nuisance fields that are tried, all of one arm together; none where nothing is tuned.
        tuned: the same arms, each at the setting that its trials chose; None before any has chosen. Its runs are among ``runs``.
        others: the same study on its other datasets, each a plan of its own; their runs are among ``runs``. All else that stands
            here is about the first dataset.
        shorter: the same study at each of its shorter budgets, ascending, each a plan of its own; their runs are among ``runs``. All
            else that stands here is about the longest.
    """

    study: Study
    arms: tuple[Arm, ...]
    runs: tuple[Run, ...]
    cells: dict[tuple[str, int], str]
    warnings: tuple[str, ...]
    trials: tuple[Trial, ...] = ()
    tuned: Plan | None = None
    others: tuple[Plan, ...] = ()
    shorter: tuple[Plan, ...] = ()

    @property
    def dataset(self) -> str:
        """What the arms, cells, trials and tuned comparison of this plan are on."""
        return "" if self.study.baseline.command.run else self.study.baseline.data.source

    @property
    def parts(self) -> tuple[Plan, ...]:
        """The plan of each dataset, the first one being this."""
        return (self, *self.others)

    @property
    def comparisons(self) -> tuple[Plan, ...]:
        """What is judged by itself: the arms on each dataset at default and, once any has a setting, at the chosen ones."""
        return tuple(one for part in self.parts for one in (part, part.tuned) if one is not None)

    @property
    def lengths(self) -> tuple[Plan, ...]:
        """The plan of each budget, ascending, this being the last one."""
        return (*self.shorter, self)


def plan(study: Study) -> Plan:
    """Work out a study's arms and runs.

    Raises:
        InputError: an arm changes nothing, repeats another, names an unknown reference, is compared with an arm on other
            data, applies techniques whose order matters, or needs what the data or model does not have.

    Example:
        >>> from dlbench.study.parse import load
        >>> len(plan(load("quickstart")).arms) > 8
        True
    """
    first, *others = (_plan_on_one(_on_dataset(study, name)) for name in study.datasets or (study.baseline.data.source,))
    shorter = (replace(first.study, baseline=edit(first.study.baseline, budget__amount=epochs)) for epochs in study.budgets[:-1])
    return of_lengths(joined(first, tuple(others)), tuple(map(_plan_on_one, shorter)))


def _on_dataset(study: Study, dataset: str) -> Study:
    inspection = study.inspections.get(dataset)
    baseline = edit(study.baseline, data__source=dataset, data__content=inspection.content if inspection else None)
    if inspection and not study.scaling and (inspection.build.scaling or inspection.kind in ("row", "sequence")):
        baseline = edit(baseline, data__normalization=inspection.build.scaling or BY_COLUMN)
    if inspection:
        found = {"data__features": inspection.features, "data__cardinalities": inspection.cardinalities}
        baseline = edit(baseline, **{name: value for name, value in found.items() if value})
    if study.rate_of_model:
        baseline = with_rate_of_model(baseline, inspection)
    return replace(study, baseline=baseline)


def joined(first: Plan, others: tuple[Plan, ...]) -> Plan:
    """The plan of a study on several datasets, from the plan of each."""
    if not others:
        return first
    runs = {run.run_id: run for part in (first, *others) for run in part.runs}
    warnings = tuple(dict.fromkeys(text for part in (first, *others) for text in part.warnings))
    return replace(first, runs=ordered(runs), warnings=warnings, others=others)


def of_lengths(longest: Plan, shorter: tuple[Plan, ...]) -> Plan:
    """The plan of a study at several budgets, from the plan of each."""
    if not shorter:
        return longest
    runs = {run.run_id: run for part in (*shorter, longest) for run in part.runs}
    warnings = tuple(dict.fromkeys(text for part in (longest, *shorter) for text in part.warnings))
    return replace(longest, runs=ordered(runs), warnings=warnings, shorter=shorter)


def _plan_on_one(study: Study) -> Plan:
    arms = tuple(_arms(study))
    demand_no_library(study.file, taken_in(arm.recipe for arm in arms), study.allowed)
    demand_no_circle(study.file, {arm.name: arm.reference for arm in arms})
    _demand_few(study, len(arms))
    for arm in arms:
        demand_metric(study, arm.recipe)
    runs: dict[str, Run] = {}
    cells = dict[tuple[str, int], str]()
    for arm in arms:
        for run in runs_of(arm.recipe, study.seeds, runs):
            cells[arm.name, run.seed] = run.run_id
    if study.adaptive and not any(arm.reference for arm in arms):
        raise InputError(f"{study.file}: adaptive: no arm is compared with another, so there is nothing to look at")
    trials = tuple(_trials(study, arms, runs)) if study.nuisance else ()
    if study.baseline.command.run:
        runs = script_runs(study, arms[0].recipe, runs)
    own = own_references(study.baseline.data.source, [arm.recipe for arm in arms])
    told = (*warnings({arm.name: arm.recipe for arm in arms}), *_untried_defaults(study), *command_warnings(study),
            *study.sources.shadows(own))
    return Plan(study, arms, ordered(runs), cells, told, trials)


def _demand_few(study: Study, arms: int) -> None:
    settings = math.prod(len(values) for _, values in study.nuisance)
    runs = arms * (len(study.seeds) + settings * len(study.tuning_seeds)) * max(len(study.datasets), len(study.budgets), 1)
    if runs > MOST_RUNS:
        raise InputError(f"{study.file}: this asks for {runs:,} runs; accepted: up to {MOST_RUNS:,} in a study")


def ordered(runs: Mapping[str, Run]) -> tuple[Run, ...]:
    """The runs in an order in which they can be run: pretraining before what needs it."""
    return tuple(sorted(runs.values(), key=lambda run: run.needs is not None))


def _trials(study: Study, arms: tuple[Arm, ...], runs: dict[str, Run]) -> Iterator[Trial]:
    for arm in arms:
        for setting in grid(study.nuisance, arm.changes.keys() | changes(arm.recipe, study.baseline)):
            recipe = edit(arm.recipe, **setting)
            tried = runs_of(recipe, study.tuning_seeds, runs) if setting else []
            yield Trial(arm.name, setting, recipe, {run.seed: run.run_id for run in tried})


def _untried_defaults(study: Study) -> Iterator[str]:
    """Warn of the baseline's own values that the trials leave out."""
    for path, values in study.nuisance:
        if (default := flatten(study.baseline)[path]) not in values:
            yield f"nuisance: the baseline's own {path} = {default} is not among the values tried, so tuning may do worse than no tuning"


def runs_of(recipe: Recipe, seeds: tuple[int, ...], runs: dict[str, Run]) -> list[Run]:
    """The runs of a recipe, entered into ``runs`` with whatever they need."""
    first = pretraining(recipe)
    needs = [run.run_id for run in runs_of(first, seeds, runs)] if first is not None else [None] * len(seeds)
    identities = run_ids(recipe, seeds)
    return [runs.setdefault(name, Run(name, recipe, seed, need)) for name, seed, need in zip(identities, seeds, needs)]


def _arms(study: Study) -> Iterator[Arm]:
    chosen = combinations(study)
    _demand_different_names(study, [name for name, _, _ in chosen])
    recipes = {name: _recipe(study, name, entries) for name, entries, _ in chosen}
    seen: dict[Any, str] = {}
    for name, entries, stated in chosen:
        reference = _scratch_arm(study, name, entries, recipes) or stated
        arm = _arm(study.file, name, entries, reference, recipes)
        if (earlier := seen.setdefault((arm.recipe, reference), name)) != name:
            raise InputError(f"{study.file}: arms '{earlier}' and '{name}' are duplicates: their recipes are equal")
        yield arm


def _scratch_arm(study: Study, name: str, entries: tuple[Entry, ...], recipes: dict[str, Recipe]) -> str | None:
    """The arm on the same task from scratch, for a transfer arm that names no reference."""
    recipe, baseline = recipes[name], study.baseline
    if len(entries) != 1 or entries[0].reference or recipe.transfer == baseline.transfer:
        return None
    scratch = edit(recipe, transfer=baseline.transfer, data__normalization=baseline.data.normalization)
    return next((other for other, plain in recipes.items() if plain == scratch), None)


def _arm(where: str, name: str, entries: tuple[Entry, ...], reference: str | None, recipes: dict[str, Recipe]) -> Arm:
    techniques = tuple(_technique_text(step) for entry in entries for step in entry.steps)
    if reference is None:
        return Arm(name, None, techniques, recipes[name], changes(recipes[name], next(iter(recipes.values()))))
    if reference not in recipes or reference == name:
        accepted = [other for other in recipes if other != name]
        raise InputError(f"{where}: arm '{name}': reference: {unknown('arm', reference, accepted)}")
    changed = changes(recipes[name], recipes[reference])
    if not changed:
        raise InputError(f"{where}: arm '{name}' changes nothing: its recipe equals that of '{reference}'")
    if "data.classes" in changed:
        if _starts_task(entries):
            return Arm(name, None, techniques, recipes[name], changed)
        raise InputError(f"{where}: arm '{name}' is tested on other classes than '{reference}'; "
                         f"name the arm with mode = 'scratch' on the same classes as its reference")
    return Arm(name, reference, techniques, recipes[name], changed)


def _starts_task(entries: tuple[Entry, ...]) -> bool:
    """Whether the arm is the ``scratch`` arm of another task: a reference of its own beside the baseline."""
    return any(step.name == "transfer" and given["mode"] == "scratch" for entry in entries for step, given in entry.steps)


def _demand_different_names(study: Study, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{study.file}: two arms are named '{name}'; give one of them another name")


def _recipe(study: Study, name: str, entries: tuple[Entry, ...]) -> Recipe:
    try:
        return _applied(study, [step for entry in entries for step in entry.steps])
    except InputError as error:
        raise InputError(f"{study.file}: arm '{name}': {error}") from None


def _applied(study: Study, steps: list[Any]) -> Recipe:
    """The baseline with techniques applied, whose order does not matter."""
    baseline = study.baseline
    inspection = study.inspections.get(baseline.data.source)
    steps = [(technique, by_number(technique, parameters, inspection)) for technique, parameters in steps]
    for (one, first), (two, second) in itertools.combinations(steps, 2):
        forth = two.apply(one.apply(baseline, **first), **second)
        back = one.apply(two.apply(baseline, **second), **first)
        if forth != back:
            raise InputError(f"{one.name} and {two.name} both decide {', '.join(changes(forth, back))}, and their order matters")
    recipe = baseline
    for technique, parameters in steps:
        check(technique, baseline, inspection)
        recipe = technique.apply(recipe, **parameters)
    check_size(recipe, source(recipe.data.source).shape if inspection is None else inspection.acted[1])
    if inspection is not None:
        check_layers(recipe, inspection)
    for problem, holds in clashes(recipe):
        if holds:
            raise InputError(problem)
    return with_code_digests(recipe, study.sources)


def _technique_text(step: tuple[Any, dict[str, Any]]) -> str:
    technique, parameters = step
    stated = {key: value for key, value in parameters.items() if value is not None}
    return f"{technique.name}({', '.join(f'{key}={value}' for key, value in stated.items())})"
