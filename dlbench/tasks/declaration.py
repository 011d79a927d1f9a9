"""What a task declares. Nothing outside of the tasks' own modules asks which task a study has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlbench.values.metric import Metric


@dataclass(frozen=True)
class Task:
    """What the target of an example is, and all that follows from it.

    Attributes:
        name: as a study file writes it.
        summary: one line.
        target, value, accepted: what messages call a target, what it is, and which values they accept.
        contents: what the examples have as targets, where they are no classes; empty where they are.
        classes: whether targets are classes.
        dtype: of targets as they are kept.
        demand: ``demand(where, y, n, classes)`` refuses targets of n examples that the task cannot take, with an InputError; ``classes``
            is their number where it is known. It returns the position of the first target that is out of range, or None.
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
    accepted: str
    contents: str
    classes: bool
    dtype: str
    demand: Callable[[str, NDArray[Any], int, int | None], int | None]
    strata: Callable[[NDArray[Any]], NDArray[np.int64]]
    scaling: Callable[[NDArray[Any]], tuple[float, float]]
    scored: tuple[Metric, ...]
    metrics: tuple[Metric, ...]
    metric: str
    counted: str
    loss_unit: str
    lacks: frozenset[str]
    keras: str
