"""What a task declares. Nothing outside of the tasks' own modules asks which task a study has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlbench.values.errors import InputError
from dlbench.values.metric import Metric


@dataclass(frozen=True)
class Task:
    """What the target of an example is, and all that follows from it.

    Attributes:
        name: as a study file writes it.
        summary: one line.
        target, value, values, accepted: what messages call a target, what it is, several of these, and which values they accept.
        contents: what the examples have as targets, where they are no classes, with ``{classes}`` for their number; empty where they are.
        classes: whether targets are classes.
        shape: ``shape(classes)`` of the target of one example; empty for a number.
        dtype: of targets as they are kept.
        demand: ``demand(where, y, n, classes)`` refuses targets of n examples that the task cannot take, with an InputError; ``classes``
            is their number where it is known. It returns the position of the first target that is out of range, or None.
        units: ``units(where, parts, names, gaps)`` counts the classes or labels of a training part and maybe a test part, 1 where targets
            are none; it refuses those that cannot be learnt. ``names`` are theirs, or None; ``gaps``: a class may have no example.
        absent: ``absent(y, classes)`` counts the classes or labels that no target has.
        stratum: what messages call such a number.
        strata: ``strata(y)`` numbers, int64 [n], what each part of a split keeps its share of.
        scaling: ``scaling(y)`` returns what is taken off targets, and what they are divided by, fitted on training targets.
        scored: the metrics that every run has.
        metrics: these, and those that runs have where they are asked for.
        metric: of a study that names none.
        counted: what is counted in each epoch beside the loss; its curves are ``train_COUNTED`` and ``validation_COUNTED``.
        loss_unit: of the loss.
        lacks: the needs of techniques (see :class:`dlbench.techniques.declaration.Technique`) that it does not meet.
        keras: the module of the Keras engine that has its head and its loss, see :class:`dlbench.engines.keras.tasks.Answering`.
    """

    name: str
    summary: str
    target: str
    value: str
    values: str
    accepted: str
    stratum: str
    contents: str
    classes: bool
    shape: Callable[[int], tuple[int, ...]]
    dtype: str
    demand: Callable[[str, NDArray[Any], int, int | None], int | None]
    units: Callable[[str, Sequence[NDArray[Any]], Sequence[str] | None, bool], int]
    absent: Callable[[NDArray[Any], int], int]
    strata: Callable[[NDArray[Any]], NDArray[np.int64]]
    scaling: Callable[[NDArray[Any]], tuple[float, float]]
    scored: tuple[Metric, ...]
    metrics: tuple[Metric, ...]
    metric: str
    counted: str
    loss_unit: str
    lacks: frozenset[str]
    keras: str


def demand_examples(where: str, parts: Sequence[NDArray[Any]]) -> None:
    """Refuse a training part or a test part without examples."""
    if not all(map(len, parts)):
        raise InputError(f"{where}: wanted examples in each part, got {told_sizes(map(len, parts))}")


def told_sizes(sizes: Iterable[int]) -> str:
    """Say how many examples are in the training part and, where there is one, in the test part.

    Example:
        >>> told_sizes([5, 0])
        '5 in train and 0 in test'
    """
    return " and ".join(f"{size} in {part}" for size, part in zip(sizes, ("train", "test")))
