"""Augmentation in one pass: one affine map and one colour map per image.

The random numbers are drawn with numpy outside the compiled loop, from streams of their own: what happens to example *i* in
epoch *e* is a function of (seed, e, i) alone, whatever the batch size. The compiled part takes the maps as inputs, so a change
of strength needs no new trace.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from dlbench.values.recipe import Augmentation
from dlbench.values.seeds import derive

GREY = np.array([0.299, 0.587, 0.114])
YIQ = np.array([[0.299, 0.587, 0.114], [0.595716, -0.274453, -0.321263], [0.211456, -0.522591, 0.311135]])


@dataclass(frozen=True)
class Maps:
    """The maps of an epoch, one row an example.

    Attributes:
        affine: float32 [n, 8], output pixel -> input pixel, as ``ImageProjectiveTransformV3`` takes them.
        colour: float32 [n, C, C]; a pixel's row vector is multiplied by it.
        towards_mean: float32 [n]; how much of the image's mean is added back (1 - contrast factor).
        shift: float32 [n]; added to every value, as a share of the full range.
    """

    affine: np.ndarray
    colour: np.ndarray
    towards_mean: np.ndarray
    shift: np.ndarray


def draws(seed: int, name: str, epoch: int, examples: int, columns: int) -> np.ndarray:
    """Uniform numbers in [0, 1) for one technique and epoch; row i does not depend on how many rows there are.

    Returns:
        float32 [examples, columns].

    Example:
        >>> bool((draws(0, "flip", 1, 5, 2) == draws(0, "flip", 1, 9, 2)[:5]).all())
        True
    """
    generator = np.random.Generator(np.random.Philox(derive(seed, "augment", name, epoch)))
    return generator.random((examples, columns), dtype=np.float32)


def maps(augmentation: Augmentation, seed: int, epoch: int, examples: int, shape: tuple[int, int, int]) -> Maps:
    """Draw an epoch's maps.

    Args:
        augmentation: strengths; zero is off.
        seed: of the run's ``augment`` stream.
        epoch: from 0.
        examples: how many rows.
        shape: height, width and channels of an image.

    Example:
        >>> maps(Augmentation(), 0, 0, 1, (8, 8, 1)).affine.tolist()
        [[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]]
    """

    def symmetric(name: str, amount: float, columns: int = 1) -> np.ndarray:
        if not amount:
            return np.zeros((examples, columns))
        return amount * (2 * draws(seed, name, epoch, examples, columns).astype(np.float64) - 1)

    affine = _geometry(augmentation, symmetric, lambda name, columns: draws(seed, name, epoch, examples, columns), shape)
    contrast = 1 + symmetric("contrast", augmentation.contrast)[:, 0]
    colour = contrast[:, None, None] * _hue_and_saturation(augmentation, symmetric, examples, shape[-1])
    shift = symmetric("brightness", augmentation.brightness)[:, 0]
    return Maps(affine, colour.astype(np.float32), (1 - contrast).astype(np.float32), shift.astype(np.float32))


def _geometry(a: Augmentation, symmetric, uniform, shape: tuple[int, int, int]) -> np.ndarray:
    angle = symmetric("rotate", a.rotate_degrees)[:, 0]
    scale = 1 / (1 + symmetric("zoom", a.zoom)[:, 0])
    moved = symmetric("shift", a.shift_px, 2)
    if pad := default_crop_px(shape) if a.crop_px == "auto" else a.crop_px:
        moved = moved + np.floor(uniform("crop", 2) * (2 * pad + 1)) - pad
    mirror = np.ones((len(angle), 2))
    if a.flip_horizontal or a.flip_vertical:
        mirror = np.where(uniform("flip", 2) < (a.flip_horizontal, a.flip_vertical), -1.0, 1.0)
    return affine_maps(angle, scale, mirror, moved, shape[:2])


def default_crop_px(shape: tuple[int, int, int]) -> int:
    """The usual border for a crop: 1 px up to 8 px, 2 px up to 28 px, 4 px above."""
    return 1 if max(shape[:2]) <= 8 else 2 if max(shape[:2]) <= 28 else 4


def affine_maps(
    degrees: np.ndarray, scale: np.ndarray, mirror: np.ndarray, moved_px: np.ndarray, size_px: tuple[int, int]
) -> np.ndarray:
    """Compose rotation, scaling and mirroring about the centre ((W-1)/2, (H-1)/2), then a translation, into one map per image.

    Args:
        degrees: [n] counter-clockwise; multiples of 90 are exact.
        scale: [n] input pixels per output pixel.
        mirror: [n, 2] +1 or -1 for x and y.
        moved_px: [n, 2] translation of the sampling point in x and y.
        size_px: height and width.

    Returns:
        float32 [n, 8].

    Example:
        >>> affine_maps(np.array([90.0]), np.ones(1), np.ones((1, 2)), np.zeros((1, 2)), (3, 3))[0, :6].tolist()
        [0.0, -1.0, 2.0, 1.0, 0.0, 0.0]
    """
    cos, sin = _cos_sin(degrees)
    a0, a1 = cos * scale * mirror[:, 0], -sin * scale * mirror[:, 1]
    b0, b1 = sin * scale * mirror[:, 0], cos * scale * mirror[:, 1]
    y, x = (size_px[0] - 1) / 2, (size_px[1] - 1) / 2
    a2, b2 = x - a0 * x - a1 * y + moved_px[:, 0], y - b0 * x - b1 * y + moved_px[:, 1]
    zero = np.zeros_like(a0)
    return np.stack([a0, a1, a2, b0, b1, b2, zero, zero], axis=1).astype(np.float32) + np.float32(0)


def _cos_sin(degrees: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    quarter = np.round(np.asarray(degrees) / 90) * 90
    rest = np.deg2rad(degrees - quarter)
    turns = (quarter / 90).astype(int) % 4
    c, s = np.array([1, 0, -1, 0])[turns], np.array([0, 1, 0, -1])[turns]
    return c * np.cos(rest) - s * np.sin(rest), s * np.cos(rest) + c * np.sin(rest)


def _hue_and_saturation(a: Augmentation, symmetric, examples: int, channels: int) -> np.ndarray:
    if channels != 3:
        return np.broadcast_to(np.eye(channels), (examples, channels, channels))
    saturation = 1 + symmetric("saturation", a.saturation)
    turn = 2 * math.pi * symmetric("hue", a.hue)[:, 0]
    rotation = np.zeros((examples, 3, 3))
    rotation[:, 0, 0] = 1
    rotation[:, 1, 1] = rotation[:, 2, 2] = np.cos(turn)
    rotation[:, 1, 2], rotation[:, 2, 1] = -np.sin(turn), np.sin(turn)
    hue = (np.linalg.inv(YIQ) @ rotation @ YIQ).transpose(0, 2, 1) if a.hue else np.eye(3)
    grey = np.repeat(GREY[:, None], 3, axis=1)
    return hue @ (saturation[:, :, None] * np.eye(3) + (1 - saturation[:, :, None]) * grey)


def warp(images: tf.Tensor, affine: tf.Tensor) -> tf.Tensor:
    """Resample each image through its map, bilinear, zero outside.

    Args:
        images: [b, H, W, C] float32.
        affine: [b, 8] output -> input.

    Returns:
        [b, H, W, C] float32. Whole-pixel maps (flips, quarter turns, crops) are exact to the bit.
    """
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images, transforms=affine, output_shape=tf.shape(images)[1:3], fill_value=0.0, interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )


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
    mean = tf.reduce_mean(images, axis=[1, 2, 3])
    offset = towards_mean * mean + shift * span[1]
    if images.shape[-1] == 1:
        mixed = images * colour[:, None, :, :1]
    else:
        mixed = tf.einsum("bhwc,bcd->bhwd", images, colour)
    return tf.clip_by_value(mixed + offset[:, None, None, None], span[0], span[0] + span[1])
