"""Losses and steps on weights, in closed form."""

from __future__ import annotations

import tensorflow as tf

LEAST_DOUBT = 1e-7
"""What 1 - p is taken to be at least, where p is a probability in single precision."""


def cross_entropy(logits: tf.Tensor, labels: tf.Tensor, smoothing: tf.Tensor | float = 0.0) -> tf.Tensor:
    """Cross-entropy of each example with the smoothed target (1-a)·y + a/K.

    Args:
        logits: [b, K]; K = 1 is binary, with a sigmoid.
        labels: [b] int64.
        smoothing: a in [0, 1).

    Returns:
        [b] nats. Its minimum for K = 10 and a = 0.1 is 0.500288, not 0.

    Example:
        >>> round(float(cross_entropy(tf.zeros([1, 10]), tf.zeros([1], tf.int64))[0]), 6)
        2.302585

    Source: C. Szegedy et al., "Rethinking the Inception architecture", 2016, https://arxiv.org/abs/1512.00567.
    """
    if logits.shape[-1] == 1:
        target = tf.cast(labels, logits.dtype) * (1 - smoothing) + smoothing / 2
        return tf.nn.sigmoid_cross_entropy_with_logits(target, logits[:, 0])
    if isinstance(smoothing, float) and smoothing == 0.0:
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    rest = smoothing / logits.shape[-1]
    return tf.nn.softmax_cross_entropy_with_logits(tf.one_hot(labels, logits.shape[-1], 1 - smoothing + rest, rest), logits)


def focal(logits: tf.Tensor, labels: tf.Tensor, gamma: tf.Tensor | float, smoothing: tf.Tensor | float = 0.0) -> tf.Tensor:
    """Focal loss of each example, Σ_k -y_k (1-p_k)^γ log p_k, with the smoothed target y = (1-a)·one-hot + a/K.

    One logit is binary: (1-p_y)^γ times the cross-entropy, where p_y = y·p + (1-y)·(1-p).

    Args:
        logits: [b, K]; K = 1 is binary, with a sigmoid.
        labels: [b] int64.
        gamma: from 0, where it is the cross-entropy: the larger, the less do examples count that are right already.
        smoothing: a in [0, 1).

    Returns:
        [b] nats.

    Example:
        >>> float(focal(tf.zeros([1, 2]), tf.zeros([1], tf.int64), 2.0)[0] / cross_entropy(tf.zeros([1, 2]), tf.zeros([1], tf.int64))[0])
        0.25

    Source: T.-Y. Lin, P. Goyal, R. Girshick, K. He, P. Dollár, "Focal loss for dense object detection", 2017,
    https://arxiv.org/abs/1708.02002.
    """
    if logits.shape[-1] == 1:
        target, p = tf.cast(labels, logits.dtype) * (1 - smoothing) + smoothing / 2, tf.sigmoid(logits[:, 0])
        return _doubt(target * p + (1 - target) * (1 - p), gamma) * cross_entropy(logits, labels, smoothing)
    rest = smoothing / logits.shape[-1]
    target, log_p = tf.one_hot(labels, logits.shape[-1], 1 - smoothing + rest, rest), tf.nn.log_softmax(logits)
    return -tf.reduce_sum(target * _doubt(tf.exp(log_p), gamma) * log_p, axis=-1)


def _doubt(p: tf.Tensor, gamma: tf.Tensor | float) -> tf.Tensor:
    """Return (1 - p)^γ, with a finite gradient also where p rounds to 1."""
    return tf.maximum(1 - p, LEAST_DOUBT) ** gamma


def predicted(logits: tf.Tensor) -> tf.Tensor:
    """The class of each row of logits, int64 [b]."""
    if logits.shape[-1] == 1:
        return tf.cast(logits[:, 0] > 0, tf.int64)
    return tf.argmax(logits, axis=-1)


def soft_threshold(weights: tf.Tensor, threshold: tf.Tensor | float) -> tf.Tensor:
    """The proximal step of an L1 penalty: sign(w)·max(|w| - threshold, 0), which reaches exact zeros.

    Example:
        >>> soft_threshold(tf.constant([0.3, -0.05]), 0.1).numpy().round(6).tolist()
        [0.20000000298023224, -0.0]

    Source: N. Parikh, S. Boyd, "Proximal algorithms", 2014, https://doi.org/10.1561/2400000003, section 6.5.2.
    """
    return tf.sign(weights) * tf.maximum(tf.abs(weights) - threshold, 0.0)


def within_norm(weights: tf.Tensor, limit: tf.Tensor | float) -> tf.Tensor:
    """Scale the weights into each unit down where their Euclidean norm is above a limit.

    Args:
        weights: [..., units].
        limit: above 0.

    Example:
        >>> within_norm(tf.constant([[3.0, 0.3], [4.0, 0.4]]), 1.0).numpy().round(3).tolist()
        [[0.6000000238418579, 0.30000001192092896], [0.800000011920929, 0.4000000059604645]]

    Source: N. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014,
    https://jmlr.org/papers/v15/srivastava14a.html, section 5.1.
    """
    squares = tf.reduce_sum(tf.square(weights), axis=list(range(len(weights.shape) - 1)), keepdims=True)
    return weights * tf.minimum(1.0, limit * tf.math.rsqrt(tf.maximum(squares, 1e-24)))


def distillation(logits: tf.Tensor, teacher: tf.Tensor, temperature: tf.Tensor | float) -> tf.Tensor:
    """T²·KL(p_T ‖ q_T) of each example: p and q are the teacher's and the student's classes at temperature T.

    Args:
        logits, teacher: [b, K]; K = 1 is binary, with a sigmoid.
        temperature: T above 0; the factor T² keeps gradients of one size over temperatures.

    Returns:
        [b] nats; 0 where the two agree.

    Example:
        >>> float(distillation(tf.constant([[1.0, 2.0]]), tf.constant([[3.0, 4.0]]), 2.0)[0])
        0.0

    Source: G. Hinton, O. Vinyals, J. Dean, "Distilling the knowledge in a neural network", 2015,
    https://arxiv.org/abs/1503.02531.
    """
    if logits.shape[-1] == 1:
        logits, teacher = (tf.concat([tf.zeros_like(row), row], axis=-1) for row in (logits, teacher))
    ours, theirs = (tf.nn.log_softmax(row / temperature) for row in (logits, teacher))
    return temperature**2 * tf.reduce_sum(tf.exp(theirs) * (theirs - ours), axis=-1)
