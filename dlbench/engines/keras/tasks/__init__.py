"""What the Keras engine does for each task: its head, its loss, and what is kept of each test example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Protocol, cast

import keras
import numpy as np
import tensorflow as tf

from dlbench.tasks import task
from dlbench.values.recipe import Data


@dataclass(frozen=True)
class Plain:
    """How a script says a task with Keras alone.

    Attributes:
        targets: expression of the targets that training is given, with ``{known}`` for those of the data.
        loss: expression of the loss.
        counted: name of what is counted, which the script's messages use, and the expression of its metric.
        watched: name and expression of the metric that is the loss without smoothing and penalties, which a run watches.
        unit: what follows a name in the script to bring it into the unit of the data; empty where it is in that.
    """

    targets: str
    loss: str
    counted: tuple[str, str]
    watched: tuple[str, str]
    unit: str = ""


class Answering(Protocol):
    """The functions of a task's module. Outputs are what a network returns, float32 [b, units]."""

    TARGETS: tf.DType
    """Of targets on the device."""
    ANSWERS: tf.DType
    """Of answers."""
    KERAS_METRIC: str
    """Keras' own name of what is counted."""
    SQUASH: str
    """What turns a model's outputs into probabilities and is taken off, so that they are logits: ``softmax`` (``sigmoid`` of one unit),
    or ``sigmoid`` of each unit; empty where outputs are no probabilities."""

    @staticmethod
    def losses(outputs: tf.Tensor, targets: tf.Tensor, smoothing: tf.Tensor | float = 0.0, **terms: tf.Tensor) -> tf.Tensor:
        """Return the loss of each example, float32 [b].

        Only a task with classes is given the term ``gamma``, of the focal loss, and only one with several labels an example ``positive``,
        the weights of those that an example has.
        """
        ...

    @staticmethod
    def answers(outputs: tf.Tensor) -> tf.Tensor:
        """Return what the network says of each example, [b]."""
        ...

    @staticmethod
    def averaged(outputs: tf.Tensor) -> tf.Tensor:
        """Return the outputs, float32 [b, units], of the mean prediction of several networks or views, [views, b, units]."""
        ...

    @staticmethod
    def counts(answers: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        """Return what is counted of each example, float32 [b]."""
        ...

    @staticmethod
    def keras_loss(units: int, smoothing: float, gamma: float | None = None) -> keras.losses.Loss:
        """Return the loss that plain Keras ``fit`` is compiled with."""
        ...

    @staticmethod
    def keras_metric() -> keras.metrics.Metric | str:
        """Return what plain Keras ``fit`` counts, whose name is ``KERAS_METRIC``."""
        ...

    @staticmethod
    def keras_targets(targets: tf.Tensor, units: int, classes: int) -> tf.Tensor:
        """Return the targets that plain Keras ``fit`` is given, float32 [n, units]."""
        ...

    @staticmethod
    def plain(units: int, classes: int, smoothing: float) -> Plain:
        """Return how a script says the task with Keras alone."""
        ...

    @staticmethod
    def predictions(outputs: np.ndarray, scaling: tuple[float, float]) -> np.ndarray:
        """Return what metrics are computed from, float64, in the unit of the targets."""
        ...

    @staticmethod
    def values(known: np.ndarray, predicted: np.ndarray, answers: np.ndarray) -> dict[str, np.ndarray]:
        """Return the value of each test example, [n], by the metric whose score is their mean."""
        ...

    @staticmethod
    def kept(values: Mapping[str, np.ndarray], evaluations: int, answers: np.ndarray, known: np.ndarray) -> dict[str, np.ndarray]:
        """Return the arrays of :class:`dlbench.values.record.Outcome`: values are sums over evaluations, answers those of the last."""
        ...


def answering(data: Data) -> Answering:
    """Return the functions of the task of a recipe's data."""
    return cast(Answering, resolve_name(task(data.task).keras))


def counted(data: Data, answers: np.ndarray, targets: tf.Tensor, scaling: tuple[float, float]) -> float:
    """Return the mean of what the task of a recipe's data counts, in the unit of the targets."""
    counts = answering(data).counts(tf.constant(answers), targets)
    return float(counts.numpy().mean(dtype=np.float64)) * scaling[1]
