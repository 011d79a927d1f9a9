"""Layer 1: the catalogue of tasks: what the target of an example is, and all that follows from it."""

from __future__ import annotations

from dlbench.tasks.classification import CLASSIFICATION
from dlbench.tasks.declaration import Task
from dlbench.values.errors import InputError, unknown

TASKS = {known.name: known for known in (CLASSIFICATION,)}


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


__all__ = ["TASKS", "Task", "task"]
