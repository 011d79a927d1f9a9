"""Augmentation of a batch inside the training graph: what :mod:`dlbench.kernels.maps` drew, carried out.

The maps are inputs, so a change of strength needs no new trace. One resample moves the pixels, one colour map changes them.
"""

from __future__ import annotations

import tensorflow as tf

from dlbench.kernels.reference import NOISE_FACTORS


def warp(images: tf.Tensor, affine: tf.Tensor) -> tf.Tensor:
    """Resample each image through its map, bilinear, zero outside.

    Args:
        images: [b, H, W, C] float32.
        affine: [b, 8] output -> input.

    Returns:
        [b, H, W, C] float32. Whole-pixel maps (flips, quarter turns, crops) are exact to the bit.
    """
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=images, transforms=affine, output_shape=tf.shape(images)[1:3], fill_value=0.0, interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )
    return tf.ensure_shape(moved, images.shape)


def tint(images: tf.Tensor, colour: tf.Tensor, towards_mean: tf.Tensor, shift: tf.Tensor, span: tf.Tensor) -> tf.Tensor:
    """Multiply each pixel by its image's colour matrix, add offsets, clip to the range of the data.

    Args:
        images: [b, H, W, C] float32.
        colour: [b, C, C].
        towards_mean: [b]; this share of the image's mean is added.
        shift: [b], as a share of the full range.
        span: [2]: smallest possible value and full range.

    Returns:
        [b, H, W, C] float32.
    """
    shape = tf.shape(images)
    flat = tf.reshape(images, [shape[0], -1])  # rows are scaled and shifted far faster than images are
    offset = towards_mean * tf.reduce_mean(flat, axis=1) + shift * span[1]
    if images.shape[-1] == 1:
        mixed = flat * colour[:, 0]
    else:
        pixels = tf.matmul(tf.reshape(images, [shape[0], shape[1] * shape[2], shape[3]]), colour)
        mixed = tf.reshape(pixels, tf.shape(flat))
    return tf.reshape(tf.clip_by_value(mixed + offset[:, None], span[0], span[0] + span[1]), shape)


def inside(boxes: tf.Tensor, height: tf.Tensor | int, width: tf.Tensor | int) -> tf.Tensor:
    """Which pixels lie in each image's box.

    Args:
        boxes: [b, 4] int32: top, left, bottom, right; bottom and right are outside.
        height, width: of the images.

    Returns:
        [b, H, W, 1] bool.

    Example:
        >>> inside(tf.constant([[0, 1, 1, 3]]), 2, 3)[0, :, :, 0].numpy().astype(int).tolist()
        [[0, 1, 1], [0, 0, 0]]
    """
    top, left, bottom, right = (boxes[:, place, None] for place in range(4))
    y, x = tf.range(height)[None], tf.range(width)[None]
    rows, columns = (y >= top) & (y < bottom), (x >= left) & (x < right)
    return (rows[:, :, None] & columns[:, None, :])[..., None]


def _inside(boxes: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
    shape = tf.shape(images)
    return inside(boxes, shape[1], shape[2])


def noise(keys: tf.Tensor, shape: tf.Tensor | tuple[int, int, int]) -> tf.Tensor:
    """Uniform numbers in [0, 1) that are a function of key and place alone: the finaliser of MurmurHash3.

    Args:
        keys: [b] uint32, one an image.
        shape: height, width and channels.

    Returns:
        [b, H, W, C] float32.

    Source: A. Appleby, "MurmurHash3", 2011, https://github.com/aappleby/smhasher.
    """
    spread, first, second = (tf.constant(factor, tf.uint32) for factor in NOISE_FACTORS)
    place = tf.cast(tf.reshape(tf.range(tf.reduce_prod(shape)), shape), tf.uint32)
    bits = keys[:, None, None, None] + place * spread
    bits = tf.bitwise.bitwise_xor(bits, tf.bitwise.right_shift(bits, tf.constant(16, tf.uint32))) * first
    bits = tf.bitwise.bitwise_xor(bits, tf.bitwise.right_shift(bits, tf.constant(13, tf.uint32))) * second
    bits = tf.bitwise.bitwise_xor(bits, tf.bitwise.right_shift(bits, tf.constant(16, tf.uint32)))
    return tf.cast(tf.bitwise.right_shift(bits, tf.constant(8, tf.uint32)), tf.float32) * 2.0**-24


def erase(images: tf.Tensor, boxes: tf.Tensor, keys: tf.Tensor, span: tf.Tensor) -> tf.Tensor:
    """Replace each image's box by uniform noise over the range of the data.

    Args:
        images: [b, H, W, C] float32.
        boxes: [b, 4] int32.
        keys: [b] uint32 of the noise.
        span: [2]: smallest possible value and full range.
    """
    values = span[0] + span[1] * noise(keys, tf.shape(images)[1:])
    return tf.where(_inside(boxes, images), values, images)


def cut_out(images: tf.Tensor, boxes: tf.Tensor) -> tf.Tensor:
    """Set each image's box to zero; on scaled inputs, as in the paper.

    Args:
        images: [b, H, W, C] float32.
        boxes: [b, 4] int32.
    """
    return tf.where(_inside(boxes, images), tf.zeros((), images.dtype), images)


def mix(images: tf.Tensor, others: tf.Tensor, blend: tf.Tensor, boxes: tf.Tensor) -> tf.Tensor:
    """Mixup and CutMix in one: blend·image + (1-blend)·other, and the other alone inside the box.

    Args:
        images, others: [b, H, W, C] float32.
        blend: [b]; 1 keeps the image.
        boxes: [b, 4] int32.
    """
    share = tf.where(_inside(boxes, images), 0.0, blend[:, None, None, None])
    return share * images + (1 - share) * others
