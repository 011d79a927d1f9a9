"""The views of images that predictions are averaged over when a network is scored, and the logits of the mean prediction."""

from __future__ import annotations

import math
from collections.abc import Sequence

import tensorflow as tf

from dlbench.values.scoring import View


def seen(images: tf.Tensor, views: Sequence[View]) -> tf.Tensor:
    """Return the views of each image, of its own size; what lies beyond its border is reflected.

    Args:
        images: [b, H, W, C]; a view may be cut up to H - 1 and W - 1 pixels beyond the border.
        views: how many, and which.

    Returns:
        [views, b, H, W, C].

    Example:
        >>> images, views = tf.constant([[[[1.0], [2.0], [3.0]]]]), [View(False, 0, 0), View(True, 0, 0), View(False, 0, 1)]
        >>> seen(images, views)[:, 0, 0, :, 0].numpy().tolist()
        [[1.0, 2.0, 3.0], [3.0, 2.0, 1.0], [2.0, 3.0, 2.0]]
    """
    down, right = (max(abs(view[axis]) for view in views) for axis in (1, 2))
    padded, shape = tf.pad(images, [[0, 0], [down, down], [right, right], [0, 0]], "REFLECT"), tf.shape(images)
    cut = [padded[:, down + view.down_px :][:, : shape[1], right + view.right_px :][:, :, : shape[2]] for view in views]
    stacked = tf.stack([crop[:, :, ::-1] if view.mirrored else crop for crop, view in zip(cut, views)])
    return tf.ensure_shape(stacked, [len(views), *images.shape])


def mean_softmax(logits: tf.Tensor) -> tf.Tensor:
    """Return logits [b, K] whose softmax is the mean softmax of several, [views, b, K].

    Example:
        >>> tf.nn.softmax(mean_softmax(tf.math.log([[[0.5, 0.5]], [[0.9, 0.1]]]))).numpy().round(3).tolist()
        [[0.699999988079071, 0.30000001192092896]]
    """
    return tf.reduce_logsumexp(tf.nn.log_softmax(logits), axis=0) - math.log(logits.shape[0])


def mean_sigmoid(logits: tf.Tensor) -> tf.Tensor:
    """Return logits [b, K] whose sigmoid is the mean sigmoid of several, [views, b, K].

    Example:
        >>> mean_sigmoid(tf.constant([[[2.0]], [[-2.0]], [[90.0]], [[-90.0]]])).numpy().tolist()
        [[0.0]]
    """
    yes, no = (tf.reduce_logsumexp(tf.math.log_sigmoid(sign * logits), axis=0) for sign in (1, -1))
    return yes - no
