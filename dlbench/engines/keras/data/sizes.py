"""Images brought to one size."""

from __future__ import annotations

import tensorflow as tf


def resized(image: tf.Tensor, size: tuple[int, ...] | None) -> tf.Tensor:
    """An image of another size, without keeping its proportions: bilinear, antialiased, rounded.

    Args:
        image: [height, width, channels] uint8.
        size: height, width (and channels, which are not looked at); None leaves the image as it is.

    Returns:
        [height, width, channels] uint8.

    Example:
        >>> resized(tf.fill([4, 6, 3], tf.constant(7, tf.uint8)), (2, 2)).numpy()[0, 0].tolist()
        [7, 7, 7]
    """
    if size is None:
        return image
    values = tf.image.resize(image, size[:2], "bilinear", antialias=True)
    return tf.cast(tf.clip_by_value(tf.round(values), 0, 255), tf.uint8)
