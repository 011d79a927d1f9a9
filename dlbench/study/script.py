"""From the study file of a script to a checked :class:`Study`: a command with placeholders, and arms that fill them."""

from __future__ import annotations

import itertools
import math
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import Field

from dlbench.study.declared import MetricKeys, declared
from dlbench.study.inputs import hashed_files
from dlbench.study.published import demand_one_arm, published
from dlbench.study.question import designs, kept, resolution, screening, with_parameters
from dlbench.study.resources import Resources
from dlbench.study.schema import DesignKeys, Margin, Name, Positive, ResourceKeys, demand_few
from dlbench.study.seeds import comparison_seeds, spend_s
from dlbench.study.shipped import study_name
from dlbench.study.study import Entry, Study
from dlbench.study.trust import Trust
from dlbench.study.validation import check
from dlbench.techniques import Technique
from dlbench.techniques.declaration import Paper
from dlbench.values.command import Command
from dlbench.values.errors import InputError, unknown
from dlbench.values.identity import run_ids
from dlbench.values.metric import MEASURED, METRICS, Metric
from dlbench.values.placeholders import OPEN, demand_filled, placeholders
from dlbench.values.recipe import Recipe, edit
from dlbench.values.scope import Scope

COMMAND = "command"
READERS = {"csv": "", "json": "", "tensorboard": "tensorboard", "mlflow": ""}
"""What scores are read from -> the package that reads it."""
ARM_KEYS = ("name", "reference", "published", "flags", "env")
Value = str | int | float | bool


class ScriptResourceKeys(ResourceKeys):
    """``resources = { cpus = 1, gpus = 1, memory_gb = 8, seconds = 600 }``: what one run is reserved, and where it is ended."""

    memory_gb: Positive | None = Field(None, description="a number of gigabytes above 0: a run that takes more is ended")
    seconds: Positive | None = Field(None, description="a number of seconds above 0: a run that takes longer is ended")


class ScriptKeys(DesignKeys):
    """The top level of a study file with ``engine = "command"``."""

    margin: Margin = Field(description="the smallest difference that matters, a number above 0 and up to a billion")
    engine: Literal["command"]
    run: Annotated[str | list[str], Field(min_length=1)] = Field(
        description="a command, or a list of words, such as 'python train.py --seed {seed} --lr {lr}'; no shell reads it")
    metric: MetricKeys | str = Field(
        description="a table such as { name = 'accuracy', higher_is_better = true, unit = 'fraction' }, or one of " + ", ".join(MEASURED))
    score_pattern: str = Field(
        "", description="a regular expression with a named group for each score, such as 'acc: (?P<accuracy>[0-9.]+)'")
    reads: str = Field("", description="'csv:FILE', 'json:FILE', 'tensorboard:FOLDER' or 'mlflow:STORE', as the script writes it")
    files: list[Name] | None = Field(None, description="a list of patterns such as ['*.py', 'conf/*.yaml']: what a run depends on")
    python: Name | None = Field(None, description="the path of the interpreter that runs the script")
    timing: bool = Field(False, description="true or false: whether each run has the machine to itself, and run times are compared")
    resources: ScriptResourceKeys = Field(ScriptResourceKeys.model_validate({}), description="a table such as { cpus = 1, gpus = 1 }")
    baseline: dict[str, Any] = Field({}, description="a table: the value of each placeholder")


@dataclass(frozen=True)
class Source:
    """A study file: its path, its text, and what was changed in it."""

    path: Path
    text: str
    overrides: tuple[str, ...]


def script_study(source: Source, table: dict[str, Any], trust: Trust) -> Study:
    """Check the study file of a script.

    Raises:
        InputError: naming the file, the key and the accepted values.
    """
    where, folder = source.path.name, source.path.resolve().parent
    keys, words = script_keys(where, table)
    code = hashed_files(where, folder, keys.files, source.path)
    trust.announce(folder, tuple(name for name in code if name in words) or (words[0],))
    measure = _metric(where, keys.metric)
    measure.demand_margin(f"{where}: ", keys.margin)
    baseline = _baseline(where, keys, words, tuple(sorted(code.items())))
    return Study(
        name=study_name(source.path), origin=str(source.path), text=source.text, overrides=source.overrides, question=keys.question,
        designs=designs(where, keys.design), seeds=comparison_seeds(where, keys), metric=measure.name, margin=keys.margin,
        baseline=baseline, entries=(entries := tuple(_entries(where, keys.arms, baseline.command))),
        keep=kept(where, keys, entries), screening=screening(where, keys, entries), resolution=resolution(where, keys),
        scope=None if keys.scope is None else Scope(keys.scope),
        looks=tuple(keys.adaptive.looks or ()), spend_s=spend_s(where, keys),
        resources=_resources(keys.resources), allowed=trust.allowed, engine=COMMAND, declared=measure)


def script_keys(where: str, table: dict[str, Any]) -> tuple[ScriptKeys, tuple[str, ...]]:
    """Check the keys of a script's study file; they, and the words of the command.

    Raises:
        InputError: naming the file, the key and the accepted values.
    """
    keys: ScriptKeys = check(ScriptKeys, table, where)
    if not keys.arms:
        raise InputError(f"{where}: arms: the study is empty; add at least one [[arms]] table that sets a parameter, flags or env")
    _demand_readable(where, keys)
    return keys, _words(where, keys)


def _demand_readable(where: str, keys: ScriptKeys) -> None:
    """Refuse a pattern without a named group, and a kind of file that cannot be read."""
    kind, _, name = keys.reads.partition(":")
    if keys.reads and (kind not in READERS or not name):
        raise InputError(f"{where}: reads = '{keys.reads}'; accepted: {', '.join(f'{known}:PATH' for known in READERS)}")
    if keys.reads and READERS[kind] and find_spec(READERS[kind]) is None:
        raise InputError(f"{where}: reads = '{keys.reads}' needs {READERS[kind]}: pip install 'dlbench[{READERS[kind]}]'")
    try:
        groups = re.compile(keys.score_pattern).groupindex if keys.score_pattern else {"": 0}
    except re.error as error:
        raise InputError(f"{where}: score_pattern = '{keys.score_pattern}': {error}; accepted: a regular expression of Python") from None
    if not groups:
        raise InputError(f"{where}: score_pattern = '{keys.score_pattern}': it names no score; accepted: (?P<accuracy>…) around its number")


def _words(where: str, keys: ScriptKeys) -> tuple[str, ...]:
    try:
        words = shlex.split(keys.run) if isinstance(keys.run, str) else list(keys.run)
    except ValueError as error:
        raise InputError(f"{where}: run = {keys.run!r}: {error}; accepted: words as a shell would split them, or a list of words") from None
    if not words or not all(words):
        raise InputError(f"{where}: run: accepted: a command of one word or more, none of them empty")
    if keys.python is not None:
        if not Path(words[0]).name.startswith("python"):
            raise InputError(f"{where}: python = '{keys.python}': the command begins with '{words[0]}'; accepted with run = 'python …'")
        words[0] = keys.python
    return tuple(words)


def _metric(where: str, stated: MetricKeys | str) -> Metric:
    if isinstance(stated, str):
        if stated in MEASURED:
            return MEASURED[stated]
        known = {one.name: one for one in METRICS.shipped}
        try:
            return known[stated]
        except KeyError:
            raise InputError(f"{where}: metric = '{stated}': say which direction is better: metric = {{ name = \"{stated}\", "
                             f"higher_is_better = true }}; accepted by name alone: {', '.join(MEASURED)}") from None
    return declared(where, stated)


def _resources(keys: ScriptResourceKeys) -> Resources:
    return Resources(keys.cpus, keys.gpus, round(keys.memory_gb * 1e9) if keys.memory_gb else None, keys.seconds)


def _baseline(where: str, keys: ScriptKeys, words: tuple[str, ...], code: tuple[tuple[str, str], ...]) -> Recipe:
    given = dict(keys.baseline)
    for name in ("name", "reference"):
        if name in given:
            raise InputError(f"{where}: baseline.{name}: accepted: the value of each placeholder, flags and env")
    setting = _setting(f"{where}: baseline", given)
    demand_filled(where, words, setting["parameters"])
    recipe = edit(Recipe(), command=Command(words, score_pattern=keys.score_pattern, reads=keys.reads, alone=keys.timing), code=code)
    return SET.apply(recipe, **setting)


def _entries(where: str, arms: list[dict[str, Any]], command: Command) -> Iterator[Entry]:
    for position, arm in enumerate(arms):
        yield from _swept(f"{where}: arms[{position}]", dict(arm), position, command)


def _swept(where: str, arm: dict[str, Any], position: int, command: Command) -> Iterator[Entry]:
    name, reference, told = arm.pop("name", None), arm.pop("reference", None), published(where, arm)
    for key, value in (("name", name), ("reference", reference)):
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise InputError(f"{where}: {key} = {value!r}; accepted: text")
    if not arm:
        raise InputError(f"{where}: it sets nothing; accepted: a parameter, flags or env")
    lists = {key: cast("list[Any]", value) for key, value in _flat(arm).items() if isinstance(value, list)}
    for key, values in lists.items():
        if not values:
            raise InputError(f"{where}: {key} = []: a sweep needs at least one value")
    demand_few(where, arms := math.prod(map(len, lists.values())))
    demand_one_arm(where, told, arms)
    for chosen in itertools.product(*lists.values()):
        part = dict(zip(lists, chosen))
        setting = _setting(where, _flat(arm) | part)
        _demand_taken(where, setting["parameters"], command)
        _demand_once(where, setting["flags"], command)
        steps = ((SET, setting),)
        yield Entry(_name(name, setting, part), steps, reference, position, told)


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """A table with dotted keys for its inner tables, as Hydra names them; but for ``env``."""
    flat = dict[str, Any]()
    for key, value in table.items():
        if isinstance(value, dict) and (prefix or key != "env"):
            flat |= _flat(cast("dict[str, Any]", value), f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def _setting(where: str, table: dict[str, Any]) -> dict[str, Any]:
    """What a table sets: parameters, flags and variables."""
    given = _flat(table)
    flags, env = given.pop("flags", ""), given.pop("env", {})
    if not isinstance(flags, str):
        raise InputError(f"{where}: flags = {flags!r}; accepted: text, such as '--schedule cosine'")
    if not isinstance(env, dict) or not all(isinstance(value, str) for value in cast("dict[str, Any]", env).values()):
        raise InputError(f"{where}: env = {env!r}; accepted: a table of texts, such as {{ AUG = \"0\" }}")
    for name, value in given.items():
        if name in OPEN:
            raise InputError(f"{where}: {name}: dlbench fills it; accepted: another name")
        if not isinstance(value, Value) or (isinstance(value, float) and not math.isfinite(value)):
            raise InputError(f"{where}: {name} = {value!r}; accepted: text, a finite number, true or false, or a list of them in an arm")
    try:
        shlex.split(flags)
    except ValueError as error:
        raise InputError(f"{where}: flags = {flags!r}: {error}") from None
    return {"parameters": given, "flags": flags.strip(), "env": env}


def _demand_taken(where: str, parameters: Mapping[str, Any], command: Command) -> None:
    """Refuse a parameter that no placeholder takes."""
    taken = placeholders(command.run)
    for name in parameters if not {"options", "overrides"} & taken else ():
        if name not in taken:
            accepted = sorted(taken - set(OPEN))
            raise InputError(f"{where}: {unknown('parameter', name, [*accepted, *ARM_KEYS])}; a parameter needs its placeholder in run: "
                             f"{{{name}}}")


def _demand_once(where: str, flags: str, command: Command) -> None:
    """Refuse flags that repeat an option of the command."""
    options = {word.partition("=")[0] for word in command.run if word.startswith("-")}
    for word in shlex.split(flags):
        if word.startswith("-") and (option := word.partition("=")[0]) in options:
            raise InputError(f"{where}: flags: {option} stands in run too, so it would be given twice; accepted: set its parameter instead")


def _name(name: str | None, setting: dict[str, Any], part: dict[str, Any]) -> str:
    if name is not None:
        return with_parameters(name.strip(), part)
    return with_parameters("", {**setting["parameters"], **setting["env"]}).strip() + (f" {setting['flags']}" if setting["flags"] else "") \
        if setting["parameters"] or setting["env"] else setting["flags"]


def _set(recipe: Recipe, parameters: Mapping[str, Value], flags: str, env: Mapping[str, str]) -> Recipe:
    """Fill placeholders of the recipe's command; flags are added, and kept sorted, so that their order does not matter."""
    command = recipe.command
    filled = {
        "command__parameters": tuple(sorted((dict(command.parameters) | dict(parameters)).items())),
        "command__flags": tuple(sorted({*command.flags, *([flags] if flags else [])})),
        "command__env": tuple(sorted((dict(command.env) | dict(env)).items()))}
    return edit(recipe, **filled)


SET = Technique("set", "script", "Sets parameters, flags and variables of a script", Paper("", "", 0, ""),
                ("command.parameters", "command.flags", "command.env"), _set)
"""The one technique of a script: what an arm sets."""


def script_runs(study: Study, first: Recipe, runs: Mapping[str, Any]) -> dict[str, Any]:
    """The runs of a script, seed by seed so that arms take turns, and the first one of all once more; not where time is the metric.

    Args:
        study: of the script.
        first: the recipe of the arm that others are compared with.
        runs: run id -> :class:`dlbench.study.plan.Run`.
    """
    place = {seed: position for position, seed in enumerate(study.seeds)}
    chosen = {run.run_id: run for run in sorted(runs.values(), key=lambda run: place[run.seed])}
    if study.metric not in MEASURED:
        again = edit(first, command__repeat=1)
        (name,), (original,) = (run_ids(recipe, study.seeds[:1]) for recipe in (again, first))
        chosen[name] = replace(chosen[original], run_id=name, recipe=again, repeats=original)
    return chosen
