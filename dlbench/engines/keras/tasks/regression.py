"""Regression: one output, the target less the mean of the training targets in their standard deviations, and its squared error."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from dlbench.engines.keras.tasks import Plain, numbers
from dlbench.values.record import ERROR, TARGET, VALUES

TARGETS, ANSWERS, KERAS_METRIC, SQUASH = tf.float32, tf.float32, "mae", ""


def losses(outputs: tf.Tensor, targets: tf.Tensor, smoothing: tf.Tensor | float = 0.0) -> tf.Tensor:
    """Return the squared error of each example, float32 [b]; there is no smoothing of numbers.

    Example:
        >>> losses(tf.constant([[3.0]]), tf.constant([1.0])).numpy().tolist()
        [4.0]
    """
    return tf.math.squared_difference(outputs[:, 0], targets)


def answers(outputs: tf.Tensor) -> tf.Tensor:
    """Return the scaled prediction of each example."""
    return outputs[:, 0]


def averaged(outputs: tf.Tensor) -> tf.Tensor:
    """Return the mean output."""
    return tf.reduce_mean(outputs, axis=0)


def counts(answers: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    """Return the absolute error of each example, in standard deviations of the training targets."""
    return tf.abs(answers - targets)


def keras_loss(units: int, smoothing: float) -> keras.losses.Loss:
    """Return Keras' mean squared error."""
    return keras.losses.MeanSquaredError()


def keras_metric() -> str:
    """Return Keras' name of what is counted."""
    return KERAS_METRIC


def keras_targets(targets: tf.Tensor, units: int, classes: int) -> tf.Tensor:
    """Return a column of scaled targets."""
    return targets[:, None]


def plain(units: int, classes: int, smoothing: float) -> Plain:
    """Return how a script says the task with Keras alone."""
    return Plain(
        "(({known} - CENTRE) / SPREAD)[:, None].astype(np.float32)", "keras.losses.MeanSquaredError()",
        (KERAS_METRIC, f'keras.metrics.MeanAbsoluteError("{KERAS_METRIC}")'),
        ("squared_error", 'keras.metrics.MeanSquaredError("squared_error")'), " * SPREAD")


def predictions(outputs: np.ndarray, scaling: tuple[float, float]) -> np.ndarray:
    """Return predictions in the unit of the targets, float64 [n].

    Example:
        >>> predictions(np.array([[0.5]]), (10.0, 4.0)).tolist()
        [12.0]
    """
    centre, spread = scaling
    return np.asarray(outputs, np.float64)[:, 0] * spread + centre


def values(known: np.ndarray, predicted: np.ndarray, answers: np.ndarray) -> dict[str, np.ndarray]:
    """Return for each metric values of the examples, float64 [n], whose mean is the score; and the error of each, with its sign."""
    return {ERROR: predicted - known, **{f"test_{name}": of_each(known, predicted) for name, of_each in numbers.OF_EACH.items()}}


def kept(values: Mapping[str, np.ndarray], evaluations: int, answers: np.ndarray, known: np.ndarray) -> dict[str, np.ndarray]:
    """Return the values of each test example by metric, means over evaluations, where the metric is defined; its error and its target."""
    means = {name: summed / evaluations for name, summed in values.items()} | {TARGET: known}
    return {f"{VALUES}{name}": mean.astype(np.float32) for name, mean in means.items() if np.isfinite(mean).all()}
