"""From a study file to a checked :class:`Study`."""

from __future__ import annotations

import difflib
import itertools
import math
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from dlbench.models import architecture
from dlbench.study.budgets import budgets_epochs, longest_budget
from dlbench.study.code import use
from dlbench.study.declared import without_own_metric
from dlbench.study.fitting import missing_need
from dlbench.study.judgement import judged_by, looked_up, measured_beside, with_task
from dlbench.study.own_compile import has_rate_of_model, own_compile_fields
from dlbench.study.precision import in_precision, study_precision
from dlbench.study.published import demand_one_arm, published
from dlbench.study.question import designs, kept, resolution, screening, with_parameters
from dlbench.study.reading import datasets, reading, task_on
from dlbench.study.resources import Resources, undivided
from dlbench.study.schema import (
    NUISANCE,
    BaselineKeys,
    ResourceKeys,
    StudyKeys,
    demand_few,
)
from dlbench.study.script import COMMAND, Source, script_study
from dlbench.study.seeds import comparison_seeds, spend_s, tuning_seeds
from dlbench.study.shipped import find, study_name
from dlbench.study.study import Entry, Study
from dlbench.study.toml import document, parsed, read
from dlbench.study.trust import NOBODY, Trust, demand_trusted, own_code
from dlbench.study.validation import check, parameters_model
from dlbench.tasks import task
from dlbench.techniques import Technique, technique
from dlbench.values.errors import InputError, unknown
from dlbench.values.metric import SCORERS, Metric, metric, metric_on_validation
from dlbench.values.recipe import FINAL, Recipe, edit
from dlbench.values.scope import Scope

BASELINE = "baseline"


def load(study: str | dict[str, Any], overrides: tuple[str, ...] = (), trust: Trust = NOBODY) -> Study:
    """Read and check a study.

    Args:
        study: a path, the name of a shipped study, or what a study file holds, as a dictionary.
        overrides: ``KEY=VALUE``, where KEY is a dotted key of the study file and VALUE is TOML or plain text.
        trust: what the user has said of code that a study file names; a dictionary is the user's own program.

    Raises:
        InputError: naming the file, the key and the accepted values.

    Example:
        >>> load("quickstart").metric
        'test_accuracy'
    """
    path, text, table = read_table(study, overrides)
    return _study(path, text, tuple(overrides), table, Trust(None) if isinstance(study, dict) else trust)


def read_table(study: str | dict[str, Any], overrides: tuple[str, ...] = ()) -> tuple[Path, str, dict[str, Any]]:
    """Read a study file: its path, its text, and its table with the overrides; arguments as of :func:`load`."""
    path, text = (Path("study"), document(study)) if isinstance(study, dict) else (found := find(study), read(found))
    table = parsed(path.name, text)
    for override in overrides:
        _override(table, override)
    return path, text, table


def _override(table: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise InputError(f"--set {override}: wanted KEY=VALUE")
    try:
        value = parsed("--set", f"value = {text}")["value"]
    except InputError:
        value = text.strip()
    *tables, last = key.strip().split(".")
    for name in tables:
        inner: Any = table.setdefault(name, {})
        if not isinstance(inner, dict):
            raise InputError(f"--set {override}: '{name}' is not a table")
        table = cast(dict[str, Any], inner)
    if last in {"epochs", "steps", "examples", "seconds"} and tables == ["budget"]:
        table.clear()
    table[last] = value


def _study(path: Path, text: str, overrides: tuple[str, ...], table: dict[str, Any], trust: Trust) -> Study:
    where, folder = path.name, path.resolve().parent
    if table.get("engine") == COMMAND:
        return script_study(Source(path, text, overrides), table, trust)
    if table.get("engine", "keras") != "keras":
        raise InputError(f"{where}: {unknown('engine', str(table['engine']), ['keras', COMMAND])}")
    table, own = without_own_metric(where, table)
    keys: StudyKeys = check(StudyKeys, table, where)
    if not keys.arms:
        raise InputError(f"{where}: arms: the study is empty; add at least one [[arms]] table with a key technique")
    code = own_code(keys, folder)
    demand_trusted(where, keys, folder, trust.allowed)
    if code:
        trust.announce(folder, code)
    files = use(where, keys.plugins, folder)
    keys = with_task(where, keys)
    (measure, margin), *further = judged_by(where, keys, _metric, own)
    return Study(
        name=study_name(path), origin=str(path), text=text, overrides=overrides, question=keys.question,
        designs=designs(where, keys.design),
        seeds=(seeds := comparison_seeds(where, keys)), metric=measure.name, margin=margin,
        declared=own, baseline=(baseline := _baseline(where, keys)), rate_of_model=has_rate_of_model(where, keys, baseline),
        entries=(entries := tuple(_entries(where, keys.arms))), keep=kept(where, keys, entries), screening=screening(where, keys, entries),
        nuisance=(nuisance := _nuisance(where, keys)),
        tuning_seeds=tuning_seeds(where, keys.tuning_seeds, seeds, bool(nuisance)), resolution=resolution(where, keys),
        datasets=tuple(keys.datasets or ()), looks=tuple(keys.adaptive.looks or ()), spend_s=spend_s(where, keys),
        precision=study_precision(where, keys, entries), budgets=budgets_epochs(where, keys),
        resources=_resources(where, keys.resources, keys.devices), scored="score" in keys.model_fields_set,
        plugins=files, allowed=trust.allowed,
        scope=None if keys.scope is None else Scope(keys.scope), further=tuple((one.name, limit) for one, limit in further),
        scaling=any("data.normalization" in applied.touches for applied, _ in _steps(where, {"techniques": keys.baseline.techniques})),
    )


def _nuisance(where: str, keys: StudyKeys) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    tuned = {name: getattr(keys.nuisance, name) for name in NUISANCE if name in keys.nuisance.model_fields_set}
    if min(tuned.get("batch_size", [keys.devices])) < keys.devices:
        raise InputError(f"{where}: nuisance.batch_size = {tuned['batch_size']}: {undivided(keys.devices)}")
    if tuned and keys.folds:
        raise InputError(f"{where}: nuisance beside folds: what chooses a setting in one fold is what another fold tests; accepted: either "
                         "nuisance, or folds")
    if tuned and not keys.validation:
        raise InputError(f"{where}: nuisance: settings are chosen on the validation split; set validation above 0")
    return tuple((NUISANCE[name], tuple(values)) for name, values in tuned.items())


def _resources(where: str, keys: ResourceKeys, devices: int) -> Resources:
    if keys.gpus and devices > 1 and keys.gpus != devices:
        raise InputError(f"{where}: resources.gpus = {keys.gpus:g} beside devices = {devices}; accepted: {devices}, a GPU for each device, "
                         "or 0: then processor devices stand in")
    return Resources(keys.cpus, keys.gpus)


def _baseline(where: str, keys: StudyKeys) -> Recipe:
    names = datasets(where, keys)
    looked_up(where, architecture, keys.model)
    data = {f"data__{name}": getattr(keys, name) for name in ("split_seed", "validation", "test", "examples")} | reading(where, keys)
    if keys.folds and "test" in keys.model_fields_set:
        raise InputError(f"{where}: test = {keys.test:g} beside folds = {keys.folds}: a fold is the test part; accepted: either key")
    data |= {"data__folds": keys.folds or 0, "data__task": task_on(where, keys, names).name}
    taken = {"target": _target(where, keys), "measure": tuple(keys.measure), "metrics": measured_beside(keys)}
    recipe = edit(Recipe(), data__source=names[0], model__name=keys.model, **taken, **data)
    table: BaselineKeys = keys.baseline
    training = {f"training__{name}": getattr(table, name) for name in ("batch_size", "optimizer", "learning_rate")}
    training |= own_compile_fields(where, keys, training["training__optimizer"])
    options = tuple(sorted(table.options.items()))
    training |= {f"training__{name}": getattr(keys, name) for name in ("loop", "devices")}
    training |= {"budget": longest_budget(where, keys.budget), "score_over": _score_over(where, keys)}
    recipe = edit(recipe, model__options=options, **training)
    for applied, parameters in _steps(f"{where}: baseline", {"techniques": table.techniques}):
        if task(recipe.data.task).lacks.intersection(applied.requires):
            raise InputError(f"{where}: baseline: {applied.name} needs {missing_need(applied, recipe, None)}")
        recipe = applied.apply(recipe, **parameters)
    return in_precision(where, keys, recipe)


def _metric(where: str, name: str) -> Metric:
    chosen = looked_up(where, metric, name)
    if chosen in SCORERS and find_spec("sklearn") is None:
        raise InputError(f"{where}: metric = {name}: scikit-learn is not installed; install it with: pip install 'dlbench[sklearn]'")
    return chosen


def _target(where: str, keys: StudyKeys) -> float | None:
    """The score to reach on the validation split, whose accuracy and loss are known epoch by epoch."""
    first = keys.metrics[0] if keys.metrics else keys.metric
    if keys.target is not None and metric_on_validation(first).compute:
        raise InputError(f"{where}: target = {keys.target}: it is reached epoch by epoch, and {first} is computed at the end; "
                         "accepted where metric is an accuracy or a loss")
    return keys.target


def _score_over(where: str, keys: StudyKeys) -> str | int:
    stated = [value for value in (keys.score.over, keys.score.last) if value is not None]
    if "score" not in keys.model_fields_set:
        return FINAL
    if len(stated) != 1:
        raise InputError(f"{where}: score: accepted: exactly one of over, last; got {'both' if stated else 'none'}")
    return stated[0]


def _entries(where: str, arms: list[dict[str, Any]]) -> Iterator[Entry]:
    for position, arm in enumerate(arms):
        yield from _swept(f"{where}: arms[{position}]", dict(arm), position)


def _swept(where: str, arm: dict[str, Any], position: int) -> Iterator[Entry]:
    name, reference, told = arm.pop("name", None), arm.pop("reference", None), published(where, arm)
    for key, value in (("name", name), ("reference", reference)):
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise InputError(f"{where}: {key} = {value!r}; accepted: text")
    tables: Any = arm.pop("techniques") if "techniques" in arm else [arm]
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in cast(list[Any], tables)):
        raise InputError(f"{where}: accepted: either technique = NAME with its parameters, or techniques = [{{ technique = NAME }}, …]")
    if tables[0] is not arm and arm:
        raise InputError(f"{where}: {unknown('key', next(iter(arm)), ['name', 'reference', 'published', 'techniques'])}")
    swept = [_values(where, table) for table in cast(list[dict[str, Any]], tables)]
    demand_few(where, arms := math.prod(map(len, swept)))
    demand_one_arm(where, told, arms)
    for chosen in itertools.product(*swept):
        steps = tuple(_steps(where, {"techniques": [table for table, _ in chosen]}))
        yield Entry(_name(name, chosen), steps, reference, position, told)


def _values(where: str, table: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every table that the lists in this one stand for, each with the part that was swept."""
    lists = {item.name for item in _technique(where, table).parameters if item.kind is list}
    listed = {key: cast(list[Any], value) for key, value in table.items() if isinstance(value, list)}
    swept = {key: values for key, values in listed.items() if key not in lists or _nested(values)}
    for key, value in swept.items():
        if not value:
            raise InputError(f"{where}: {key} = []: a sweep needs at least one value")
    demand_few(where, math.prod(map(len, swept.values())))
    combinations = itertools.product(*swept.values())
    return [(table | (part := dict(zip(swept, values))), part) for values in combinations]


def _nested(value: list[Any]) -> bool:
    return bool(value) and all(isinstance(item, list) for item in value)


def _technique(where: str, table: dict[str, Any]) -> Technique:
    if "technique" not in table:
        near = difflib.get_close_matches("technique", table, n=1)
        hint = f" (is it '{near[0]}' that was meant?)" if near else ""
        raise InputError(f"{where}: key 'technique' is missing{hint}; accepted: a name from `dlbench list techniques`")
    return looked_up(f"{where}: technique", technique, table["technique"])


def _steps(where: str, arm: dict[str, Any]) -> Iterator[tuple[Technique, dict[str, Any]]]:
    for table in arm["techniques"]:
        applied = _technique(where, table)
        given = {key: value for key, value in table.items() if key != "technique"}
        parameters = check(parameters_model(applied), given, f"{where} ({applied.name})")
        yield applied, parameters.model_dump()


def _name(name: str | None, chosen: tuple[tuple[dict[str, Any], dict[str, Any]], ...]) -> str:
    if name is None:
        return " + ".join(with_parameters(table["technique"], {k: v for k, v in table.items() if k != "technique"}) for table, _ in chosen)
    swept = {key: value for _, part in chosen for key, value in part.items()}
    return with_parameters(name.strip(), swept)
