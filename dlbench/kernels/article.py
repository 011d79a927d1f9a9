"""The articles' forms, as they print them. What is wrong with each stands in its text, and a test pins it down.

None of these is used in training: they are here so that a reader can see what the mistake costs.
"""

from __future__ import annotations

import re

import numpy as np
import tensorflow as tf

from dlbench.kernels import reference


def article_rotate(image: np.ndarray, degrees: float = 45.0) -> np.ndarray:
    """Rotate by one fixed angle about (W/2, H/2), on a canvas that holds the whole result.

    Wrong: nothing is random; the size changes (100x100 becomes 141x141); the centre of the pixels is (W-1)/2, so everything is
    half a pixel off, and 90 degrees is not ``np.rot90``. Right: ``rotate``.

    Args:
        image: [H, W, C].
        degrees: counter-clockwise.

    Returns:
        float64 [H', W', C].
    """
    height, width, channels = image.shape
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    tall, wide = int(height * abs(cos) + width * abs(sin)), int(height * abs(sin) + width * abs(cos))
    canvas = np.zeros((1, max(tall, height), max(wide, width), channels))
    canvas[0, :height, :width] = image
    x, y = width / 2 - cos * wide / 2 + sin * tall / 2, height / 2 - sin * wide / 2 - cos * tall / 2
    return reference.warp(canvas, np.array([[cos, -sin, x, sin, cos, y, 0, 0]]))[0, :tall, :wide]


def article_crop(image: np.ndarray, size_px: tuple[int, int], generator: np.random.Generator) -> np.ndarray:
    """Cut a window out at a random offset.

    Wrong: the last offset is never drawn; a window as large as the image raises; the result is a view, so what is done to it is
    done to the image. Right: ``crop``, uniform over H-h+1 by W-w+1 offsets.

    Args:
        image: [H, W, C].
        size_px: height and width of the window.
        generator: in place of numpy's global one, which the article draws from.
    """
    height, width = size_px
    top, left = generator.integers(0, image.shape[0] - height), generator.integers(0, image.shape[1] - width)
    return image[top : top + height, left : left + width]


def article_augment(image: np.ndarray) -> np.ndarray:
    """Rotate by 90 degrees, resize to 224x224, cut (50, 50, 174, 174) out.

    Wrong: nothing is random, so every epoch sees the same images; the result is 124x124, not the 224x224 of the model.

    Args:
        image: [H, W, C].

    Returns:
        float32 [124, 124, C].
    """
    turned = tf.image.resize(np.rot90(image).astype(np.float32), (224, 224), "bicubic", antialias=True)
    return turned.numpy()[50:174, 50:174]


def article_separable(x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """A depthwise convolution, and a convolution with the same kernel after it.

    Wrong: there is no pointwise step; where the multiplier is over 1, the second convolution is a grouped one of k x k, which has
    no gradient on a CPU without oneDNN; the number of filters is the multiplier. Right: ``separable_conv``.

    Args:
        x: [b, H, W, C].
        kernel: [k, k, C, M].

    Returns:
        [b, H, W, M].
    """
    return tf.nn.conv2d(tf.nn.depthwise_conv2d(x, kernel, [1, 1, 1, 1], "SAME"), kernel, 1, "SAME")


def article_layer_norm(x: tf.Tensor) -> tf.Tensor:
    """(x - mean) / sqrt(variance + 1e-5) over the places of each feature map.

    Wrong: this is instance normalisation; on maps of 1x1 it is zero. Right: ``normalize`` of kind ``layer``.

    Args:
        x: [b, H, W, C].
    """
    mean, variance = tf.nn.moments(x, [1, 2], keepdims=True)
    return (x - mean) / tf.sqrt(variance + 1e-5)


def article_min_max(x: np.ndarray) -> np.ndarray:
    """(x - min) / (max - min).

    Wrong: NaN where x is constant; int8 overflows in max - min; fitted on whatever it is handed, test data too. Right: fit on
    the training split, a constant becomes 0 (technique ``normalize``).
    """
    return (x - x.min()) / (x.max() - x.min())


def article_clean_text(text: str) -> str:
    """Drop everything but letters, digits and spaces, and join what is left by single spaces.

    Wrong: words that an apostrophe or a hyphen divides are joined; case is kept; the promised stop words stay.

    Example:
        >>> article_clean_text("Hello, world! This is a sample text.")
        'Hello world This is a sample text'
        >>> article_clean_text("a well-known fact, isn't it?")
        'a wellknown fact isnt it'
    """
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s]", "", text)).strip()


