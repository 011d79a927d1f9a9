"""What a study is judged by: its metrics and their margins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dlbench.datasets import source
from dlbench.study.declared import demand_own_metric
from dlbench.study.schema import StudyKeys
from dlbench.study.study import Study
from dlbench.tasks import Task, task, task_of
from dlbench.tasks.classification import CLASSIFICATION
from dlbench.tasks.multi_label import MULTI_LABEL
from dlbench.values.errors import InputError
from dlbench.values.metric import RANGES, SCORERS, Metric, extra_metrics, for_two_classes, metric
from dlbench.values.recipe import Recipe
from dlbench.values.text import listed, plain


def judged_by(where: str, keys: StudyKeys, known: Callable[[str, str], Metric], own: Metric | None = None) -> list[tuple[Metric, float]]:
    """Return the metrics that a study is judged by, the one that decides first, each with its margin.

    Args:
        where: what messages begin with.
        keys: of the study file.
        known: looks a metric up, for a message's beginning and a name.
        own: a metric that the study declares; it takes the place of the named ones.

    Raises:
        InputError: there is no such metric, or a margin is missing or says nothing.
    """
    margins = keys.margin if isinstance(keys.margin, list) else [keys.margin]
    if keys.metrics and "metric" in keys.model_fields_set:
        raise InputError(f"{where}: metric and metrics: accepted: either metric = NAME, or metrics = [NAME, …]")
    names = keys.metrics or [keys.metric]
    if len(margins) != len(names):
        raise InputError(f"{where}: margin = {plain(keys.margin)}: accepted: {_margins_for(names)}")
    measures = [own] if own is not None else [known(where, name) for name in names]
    for position, (measure, margin) in enumerate(zip(measures, margins)):
        measure.demand_margin(f"{where}: {measure.name}: " if keys.metrics else f"{where}: ", margin)
        if position and measure not in SCORERS and extra_metrics(measure.name):
            raise InputError(f"{where}: metrics: {measure.name} is a plug-in's; accepted: that first, and shipped ones after it")
    if len({measure.name for measure in measures}) < len(measures):
        raise InputError(f"{where}: metrics = {plain(names)}: two of them are the same; accepted: different ones")
    return list(zip(measures, margins))


def with_task(where: str, keys: StudyKeys) -> StudyKeys:
    """Return the keys with their task: the stated one, or that of the labels or metrics; and with its metric, where none is stated.

    Raises:
        InputError: a metric, or several labels, are of another task.
    """
    stated = keys.metrics or ([keys.metric] if "metric" in keys.model_fields_set else [])
    measures = [looked_up(where, metric, name) for name in stated]
    several = stated_labels(keys)
    otherwise = MULTI_LABEL if several else task_of(measures[0]) if measures else CLASSIFICATION
    chosen: Task = looked_up(where, task, keys.task) if keys.task else otherwise
    if several and not chosen.shape(1):
        raise InputError(f"{where}: {several}: an example has several labels; accepted with task = '{MULTI_LABEL.name}'")
    for measure in measures:
        if measure in task_of(measure).metrics and measure not in chosen.metrics:
            accepted = listed([known.name for known in chosen.metrics if known.split == "test"], most=12)
            why = f"task = '{chosen.name}'" if keys.task else several or f"metric = {measures[0].name} ({chosen.name})"
            raise InputError(f"{where}: metric = {measure.name}: it is of {task_of(measure).name}, and not for {why}; accepted: {accepted}")
    unstated = {} if stated else {"metric": chosen.metric}
    return keys.model_copy(update={"task": chosen.name, **unstated})


def stated_labels(keys: StudyKeys) -> str:
    """Return what in a study says that examples of a table have several labels; empty where nothing does."""
    if isinstance(keys.label, list):
        return f"label = {keys.label}"
    return f"label_separator = {keys.label_separator!r}" if keys.label_separator else ""


def _margins_for(names: list[str]) -> str:
    """Say which margins go with so many metrics."""
    return f"a list of {len(names)} margins, one for each of {', '.join(names)}" if len(names) > 1 else "a number, for there is one metric"


def measured_beside(keys: StudyKeys) -> tuple[str, ...]:
    """Name the metrics that only runs that ask for them have."""
    return tuple(dict.fromkeys(extra for name in keys.metrics or [keys.metric] for extra in extra_metrics(name)))


def looked_up(where: str, catalogue: Callable[[str], Any], name: str) -> Any:
    """Return an entry of a catalogue; where there is none of that name, the message says where it was named."""
    try:
        return catalogue(name)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def demand_metric(study: Study, recipe: Recipe) -> None:
    """Refuse a metric that the model was not compiled with, and one of two classes on more, where their number is known.

    Raises:
        InputError: naming the metrics that can be had.
    """
    inspection, data = study.inspections.get(recipe.data.source), recipe.data
    if study.declared is not None:
        demand_own_metric(study.file, study.declared, inspection)
        return
    classes = len(data.classes or ()) or (inspection.classes if inspection is not None else source(data.source).classes)
    if classes and classes != 2 and for_two_classes(study.metric):
        measure = study.metric.partition("_")[2]
        instead = f"{measure}_ovr" if measure == "roc_auc" else f"{measure}_macro"
        accepted = f"; accepted: {instead}" if instead in RANGES else ""
        raise InputError(f"{study.file}: metric = {study.metric}: it is defined for two classes, "
                         f"and {data.source} has {classes}{accepted}")
