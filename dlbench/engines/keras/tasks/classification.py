"""Classification: a logit for each class, or one for two of them, and cross-entropy."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from dlbench.engines.keras.tasks import Plain
from dlbench.kernels.losses import cross_entropy, focal, predicted
from dlbench.kernels.views import mean_sigmoid, mean_softmax

TARGETS, ANSWERS, KERAS_METRIC, SQUASH = tf.int64, tf.int64, "accuracy", "softmax"
answers = predicted


def losses(outputs: tf.Tensor, targets: tf.Tensor, smoothing: tf.Tensor | float = 0.0, gamma: tf.Tensor | None = None) -> tf.Tensor:
    """Return the cross-entropy of each example, or its focal loss where there is a gamma."""
    return cross_entropy(outputs, targets, smoothing) if gamma is None else focal(outputs, targets, gamma, smoothing)


def averaged(outputs: tf.Tensor) -> tf.Tensor:
    """Return the logits of the mean probabilities."""
    return mean_softmax(outputs) if outputs.shape[-1] > 1 else mean_sigmoid(outputs)


def counts(answers: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    """Return 1 for each right answer, and 0 for each other."""
    return tf.cast(answers == targets, tf.float32)


def keras_loss(units: int, smoothing: float, gamma: float | None = None) -> keras.losses.Loss:
    """Return Keras' cross-entropy of logits, or its focal loss, whose factor alpha is 1."""
    if gamma is not None and units > 1:
        return keras.losses.CategoricalFocalCrossentropy(alpha=1.0, gamma=gamma, from_logits=True, label_smoothing=smoothing)
    if gamma is not None:
        return keras.losses.BinaryFocalCrossentropy(gamma=gamma, from_logits=True, label_smoothing=smoothing)
    kind = keras.losses.CategoricalCrossentropy if units > 1 else keras.losses.BinaryCrossentropy
    return kind(from_logits=True, label_smoothing=smoothing)


def keras_metric() -> str:
    """Return Keras' name of what is counted."""
    return KERAS_METRIC


def keras_targets(targets: tf.Tensor, units: int, classes: int) -> tf.Tensor:
    """Return a column a class, or one column for two."""
    return tf.one_hot(targets, classes) if units > 1 else tf.cast(targets[:, None], tf.float32)


def plain(units: int, classes: int, smoothing: float) -> Plain:
    """Return how a script says the task with Keras alone."""
    smoothed = f", label_smoothing={smoothing}" if smoothing else ""
    kind = "Categorical" if units > 1 else "Binary"
    return Plain(
        f"keras.utils.to_categorical({{known}}, {classes})" if units > 1 else "{known}[:, None].astype(float)",
        f"keras.losses.{kind}Crossentropy(from_logits=True{smoothed})",
        (KERAS_METRIC, '"accuracy"' if units > 1 else 'keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)'),
        ("cross_entropy", f'keras.metrics.{kind}Crossentropy("cross_entropy", from_logits=True)'))


def predictions(outputs: np.ndarray, scaling: tuple[float, float]) -> np.ndarray:
    """Return the softmax of logits, float64 [n, classes]; one logit is binary, with a sigmoid, and gives two columns.

    Example:
        >>> predictions(np.array([[0.0]]), (0.0, 1.0)).tolist()
        [[0.5, 0.5]]
    """
    wide = np.asarray(outputs, np.float64)
    wide = np.concatenate([np.zeros_like(wide), wide], axis=1) if wide.shape[1] == 1 else wide
    exponents = np.exp(wide - wide.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


def values(known: np.ndarray, predicted: np.ndarray, answers: np.ndarray) -> dict[str, np.ndarray]:
    """Return which answers are right, bool [n]."""
    return {"test_accuracy": answers == known}


def kept(values: Mapping[str, np.ndarray], evaluations: int, answers: np.ndarray, known: np.ndarray) -> dict[str, np.ndarray]:
    """Return right or wrong of each test example, its predicted class and its true one."""
    rights = values["test_accuracy"].astype(np.uint8)
    right = {"test_bits": np.packbits(rights.astype(bool))} if evaluations == 1 else {
        "test_rights": rights, "test_evaluations": np.array([evaluations], np.uint8)}
    return {**right, "test_predictions": answers.astype(np.uint16), "test_labels": known.astype(np.uint16)}
