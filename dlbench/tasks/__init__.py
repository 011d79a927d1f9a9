"""Layer 1: the catalogue of tasks: what the target of an example is, and all that follows from it."""

from __future__ import annotations

from dlbench.tasks.classification import CLASSIFICATION
from dlbench.tasks.declaration import Task
from dlbench.tasks.multi_label import MULTI_LABEL
from dlbench.tasks.regression import REGRESSION
from dlbench.values.errors import InputError, unknown
from dlbench.values.metric import Metric

TASKS = {known.name: known for known in (CLASSIFICATION, REGRESSION, MULTI_LABEL)}


def task(name: str) -> Task:
    """Return the task of a name.

    Raises:
        InputError: there is none of that name.

    Example:
        >>> task("classification").metric
        'test_accuracy'
    """
    if name not in TASKS:
        raise InputError(unknown("task", name, TASKS))
    return TASKS[name]


def task_of(metric: Metric) -> Task:
    """Return the task that a metric is of; classification where it is of none, as a plug-in's.

    Example:
        >>> from dlbench.values.metric import metric
        >>> task_of(metric("rmse")).name, task_of(metric("accuracy_gap")).name
        ('regression', 'classification')
    """
    return next((known for known in TASKS.values() if metric in known.metrics), CLASSIFICATION)


__all__ = ["TASKS", "Task", "task", "task_of"]
