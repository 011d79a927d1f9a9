"""Multi-label classification: a logit for each label, a sigmoid, and the mean over labels of the binary cross-entropy."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf
from scipy.special import expit, logit

from dlbench.engines.keras.tasks import Plain, labels
from dlbench.kernels.views import mean_sigmoid
from dlbench.values.record import KNOWN_LABELS, LOG_ODDS, VALUES

TARGETS, ANSWERS, KERAS_METRIC, SQUASH = tf.float32, tf.float32, "label_accuracy", "sigmoid"
PROBABILITY = "probability"
"""Among the values of examples by metric, the name of their predictions."""
MOST_LOG_ODDS = 1000.0
averaged = mean_sigmoid


def losses(outputs: tf.Tensor, targets: tf.Tensor, smoothing: tf.Tensor | float = 0.0, positive: tf.Tensor | None = None) -> tf.Tensor:
    """Return the binary cross-entropy of each example, the mean over its labels, with the smoothed target (1-a)·y + a/2.

    Args:
        outputs: logits [b, labels].
        targets: 0 and 1, float32 [b, labels].
        smoothing: a in [0, 1).
        positive: weights [labels] of -y·log p beside -(1-y)·log(1-p); None where all are 1.

    Returns:
        float32 [b], nats.

    Example:
        >>> losses(tf.zeros([1, 3]), tf.constant([[0.0, 1.0, 1.0]])).numpy().round(6).tolist()
        [0.6931470036506653]
    """
    targets = tf.cast(targets, outputs.dtype) * (1 - smoothing) + smoothing / 2
    losses = (tf.nn.sigmoid_cross_entropy_with_logits(targets, outputs) if positive is None
              else tf.nn.weighted_cross_entropy_with_logits(targets, outputs, positive))
    return tf.reduce_mean(losses, axis=-1)


def answers(outputs: tf.Tensor) -> tf.Tensor:
    """Return 1 for each label that is more likely than not, and 0 for each other, float32 [b, labels]."""
    return tf.cast(outputs > 0, tf.float32)


def counts(answers: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    """Return the share of each example's labels that are predicted rightly."""
    return tf.reduce_mean(tf.cast(answers == targets, tf.float32), axis=-1)


def keras_loss(units: int, smoothing: float) -> keras.losses.Loss:
    """Return Keras' binary cross-entropy of logits."""
    return keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=smoothing)


def keras_metric(units: int) -> keras.metrics.Metric:
    """Return Keras' share of labels that are predicted rightly; a logit above 0 predicts one."""
    return keras.metrics.BinaryAccuracy(KERAS_METRIC, threshold=0.0)


def keras_targets(targets: tf.Tensor, units: int, classes: int) -> tf.Tensor:
    """Return a column a label."""
    return targets


def plain(units: int, classes: int, smoothing: float) -> Plain:
    """Return how a script says the task with Keras alone."""
    smoothed = f", label_smoothing={smoothing}" if smoothing else ""
    return Plain(
        "{known}.astype(float)", f"keras.losses.BinaryCrossentropy(from_logits=True{smoothed})",
        (KERAS_METRIC, f'keras.metrics.BinaryAccuracy("{KERAS_METRIC}", threshold=0.0)'),
        ("cross_entropy", 'keras.metrics.BinaryCrossentropy("cross_entropy", from_logits=True)'))


def predictions(outputs: np.ndarray, scaling: tuple[float, float]) -> np.ndarray:
    """Return the probability of each label, float64 [n, labels].

    Example:
        >>> predictions(np.array([[0.0, 800.0, -800.0]]), (0.0, 1.0)).tolist()
        [[0.5, 1.0, 0.0]]
    """
    return expit(np.asarray(outputs, np.float64))


def values(known: np.ndarray, predicted: np.ndarray, answers: np.ndarray) -> dict[str, np.ndarray]:
    """Return for each metric values of the examples, float64 [n], whose mean is the score, and the probabilities, [n, labels]."""
    of_each = {f"test_{name}": of_each(known, predicted) for name, of_each in labels.OF_EACH.items()}
    return of_each | {"test_label_accuracy": 1 - of_each["test_hamming_loss"], PROBABILITY: predicted}


def kept(values: Mapping[str, np.ndarray], evaluations: int, answers: np.ndarray, known: np.ndarray) -> dict[str, np.ndarray]:
    """Return the values of each test example by metric, means over evaluations, where the metric is defined; its labels, and the log
    odds of the mean prediction over the evaluations, at most :data:`MOST_LOG_ODDS`, in half precision.
    """
    of_each = {f"{VALUES}{name}": (summed / evaluations).astype(np.float32) for name, summed in values.items()
               if name != PROBABILITY and np.isfinite(summed).all()}
    log_odds = np.clip(logit(values[PROBABILITY] / evaluations), -MOST_LOG_ODDS, MOST_LOG_ODDS)
    return {**of_each, KNOWN_LABELS: np.packbits(known > 0.5, axis=1), LOG_ODDS: log_odds.astype(np.float16)}
