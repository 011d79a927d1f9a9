"""Augments a batch inside the training graph by the maps that :mod:`dlbench.kernels.maps` drew.

The maps are inputs, so a change of strength needs no new trace. One resample moves the pixels, one colour map changes them; where images
are distorted, a second resample moves each pixel by a displacement of its own.
"""

from __future__ import annotations

import tensorflow as tf

from dlbench.kernels.draws import Draws, scrambled, unit
from dlbench.kernels.reference import NOISE_FACTORS


def warp(images: tf.Tensor, affine: tf.Tensor) -> tf.Tensor:
    """Resample each image through its map, bilinear, zero outside.

    Args:
        images: [b, H, W, C] float32.
        affine: [b, 8] output -> input.

    Returns:
        [b, H, W, C] float32. Whole-pixel maps (flips, quarter turns, crops) are exact to the bit.
    """
    resampled = tf.raw_ops.ImageProjectiveTransformV3(
        images=images, transforms=affine, output_shape=tf.shape(images)[1:3], fill_value=0.0, interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )
    return tf.ensure_shape(resampled, images.shape)


def displacements(seeds: tf.Tensor, elastic: tf.Tensor, size_px: tuple[int, int]) -> tf.Tensor:
    """Draw a smooth random displacement for each pixel: α times numbers uniform in [-1, 1), smoothed by a Gaussian of deviation σ.

    The Gaussian's weights sum to 1, and there are numbers for the image's own pixels alone, so displacements shrink towards its border.

    Args:
        seeds: [b, 2] uint32; an example's displacements are a function of its own.
        elastic: [b, 2]: α and σ, in px.
        size_px: height and width.

    Returns:
        [b, H, W, 2] float32, downwards and to the right.

    Source: P. Y. Simard, D. Steinkraus, J. C. Platt, "Best practices for convolutional neural networks applied to visual document
    analysis", 2003, https://doi.org/10.1109/ICDAR.2003.1227801.
    """
    drawn = 2 * Draws(seeds, "elastic_distortion").uniform((*size_px, 2)) - 1
    rows, columns = (_gaussian(elastic[:, 1], places) for places in size_px)
    smooth = tf.einsum("bxw,byxd->bywd", columns, tf.einsum("byh,byxd->bhxd", rows, drawn))
    return elastic[:, 0, None, None, None] * smooth


def _gaussian(sigma: tf.Tensor, places: int) -> tf.Tensor:
    """Weights by which a Gaussian smooths an axis, [b, places, places]: those of all offsets within the axis' length sum to 1."""
    offsets = tf.range(1 - places, places, dtype=tf.float32)
    weights = tf.exp(-tf.square(offsets / sigma[:, None]) / 2)
    place = tf.range(places)
    return tf.gather(weights / tf.reduce_sum(weights, axis=1, keepdims=True), place[:, None] - place + places - 1, axis=1)


def distort(images: tf.Tensor, moved_px: tf.Tensor) -> tf.Tensor:
    """Read each pixel where its displacement leads, bilinear, zero outside.

    Args:
        images: [b, H, W, C] float32.
        moved_px: [b, H, W, 2], downwards and to the right.
    """
    height, width, channels = images.shape[1:]
    framed = tf.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]])  # beyond a frame of zeros, there are zeros alone
    flat = tf.reshape(framed, [-1, (height + 2) * (width + 2), channels])
    here = tf.cast(tf.stack(tf.meshgrid(tf.range(height), tf.range(width), indexing="ij"), axis=-1), tf.float32)
    place = tf.clip_by_value(here + moved_px + 1, 0.0, tf.constant([height + 1, width + 1], tf.float32))
    first = tf.minimum(tf.floor(place), tf.constant([height, width], tf.float32))
    down, right = tf.split(place - first, 2, axis=-1)
    row, column = tf.unstack(tf.cast(first, tf.int32), axis=-1)
    corner = row * (width + 2) + column
    upper, lower = ((1 - right) * tf.gather(flat, start, batch_dims=1) + right * tf.gather(flat, start + 1, batch_dims=1)
                    for start in (corner, corner + width + 2))
    return tf.ensure_shape((1 - down) * upper + down * lower, images.shape)


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


def _inside(boxes: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
    """Which pixels lie in each image's box, bool [b, H, W, 1]."""
    top, left, bottom, right = (boxes[:, side, None] for side in range(4))
    shape = tf.shape(images)
    y, x = tf.range(shape[1])[None], tf.range(shape[2])[None]
    rows, columns = (y >= top) & (y < bottom), (x >= left) & (x < right)
    return (rows[:, :, None] & columns[:, None, :])[..., None]


def noise(keys: tf.Tensor, shape: tf.Tensor | tuple[int, int, int]) -> tf.Tensor:
    """Uniform numbers in [0, 1) that are a function of key and place alone, by the hash of :mod:`dlbench.kernels.draws`.

    Args:
        keys: [b] uint32, one an image.
        shape: height, width and channels.

    Returns:
        [b, H, W, C] float32.
    """
    place = tf.cast(tf.reshape(tf.range(tf.reduce_prod(shape)), shape), tf.uint32)
    return unit(scrambled(keys[:, None, None, None] + place * tf.constant(NOISE_FACTORS[0], tf.uint32)))


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


def add_noise(inputs: tf.Tensor, level: tf.Tensor, seeds: tf.Tensor) -> tf.Tensor:
    """Add Gaussian noise to each example, a function of its seeds alone.

    Args:
        inputs: [b, ...] float32, scaled.
        level: [b], standard deviation.
        seeds: [b, 2] uint32.
    """
    drawn = Draws(seeds, "input_noise").normal(tuple(inputs.shape[1:]))
    return inputs + tf.reshape(level, [-1, *[1] * len(inputs.shape[1:])]) * drawn


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
        images, others: [b, H, W, C] float32; or sequences [b, T, C], which have no boxes.
        blend: [b]; 1 keeps the image.
        boxes: [b, 4] int32.
    """
    share = tf.reshape(blend, [-1, *[1] * len(images.shape[1:])])
    if len(images.shape) == 4:
        share = tf.where(_inside(boxes, images), 0.0, share)
    return share * images + (1 - share) * others
