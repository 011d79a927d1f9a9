"""Augmentation of arrays in memory, in one pass: one interface over the ways that were measured (``reports/kernels.md``).

Training augments inside its graph (:mod:`dlbench.kernels.augment`); this is for arrays outside of it.
"""

from __future__ import annotations

import importlib.util
import pkgutil

import numpy as np
import tensorflow as tf

from dlbench.kernels import reference
from dlbench.kernels.augment import cut_out, erase, tint, warp
from dlbench.kernels.maps import Maps

WAYS = {
    "numba": "dlbench.kernels.optional.compiled:augment",
    "opencv": "dlbench.kernels.optional.opencv:augment",
    "graph": "dlbench.kernels.fused:graph",
    "xla": "dlbench.kernels.fused:xla",
    "numpy": "dlbench.kernels.fused:plain",
}


def augment(images: np.ndarray, maps: Maps, span: tuple[float, float] = (0.0, 255.0), way: str | None = None) -> np.ndarray:
    """Move, colour, erase and cut out each image as its maps say.

    Args:
        images: [b, H, W, C], uint8 or float32.
        maps: from :func:`dlbench.kernels.maps.maps`, one row an image.
        span: smallest possible value and full range; coloured values are clipped to it.
        way: one of :data:`WAYS`; the fastest that is installed where None: numba, else XLA.

    Returns:
        float32 [b, H, W, C].

    Example:
        >>> from dlbench.kernels.maps import maps
        >>> from dlbench.values.augmentation import Augmentation
        >>> image = np.arange(4, dtype=np.uint8).reshape(1, 2, 2, 1)
        >>> augment(image, maps(Augmentation(flip_horizontal=1.0), 0, 0, 1, (2, 2, 1)))[0, :, :, 0].tolist()
        [[1.0, 0.0], [3.0, 2.0]]
    """
    return pkgutil.resolve_name(WAYS[way or fastest()])(images, maps, span)


def fastest() -> str:
    """The fastest way that is installed."""
    return "numba" if importlib.util.find_spec("numba") else "xla"


def graph(images: np.ndarray, maps: Maps, span: tuple[float, float]) -> np.ndarray:
    """TensorFlow's own resampling operation in a traced function: what training uses."""
    return _graph(tf.constant(images), [tf.constant(part) for part in maps.arrays()], tf.constant(span)).numpy()


@tf.function(reduce_retracing=True)
def _graph(images, maps, span):
    return _rest(warp(tf.cast(images, tf.float32), maps[0]), maps, span)


def _rest(moved, maps, span):
    _, colour, towards_mean, shift, erased, noise, hole = maps
    return cut_out(erase(tint(moved, colour, towards_mean, shift, span), erased, noise, span), hole)


def xla(images: np.ndarray, maps: Maps, span: tuple[float, float]) -> np.ndarray:
    """Four gathers, compiled by XLA with all that follows."""
    return _xla(tf.constant(images), [tf.constant(part) for part in maps.arrays()], tf.constant(span)).numpy()


@tf.function(jit_compile=True, reduce_retracing=True)
def _xla(images, maps, span):
    return _rest(_gathered(tf.cast(images, tf.float32), maps[0]), maps, span)


def _gathered(images, affine):
    shape = tf.shape(images)
    height, width, channels = shape[1], shape[2], shape[3]
    across, down_to = tf.cast(width, tf.float32), tf.cast(height, tf.float32)
    a = affine[:, :, None, None]
    y, x = tf.range(down_to)[None, :, None], tf.range(across)[None, None, :]
    u, v = a[:, 0] * x + a[:, 1] * y + a[:, 2], a[:, 3] * x + a[:, 4] * y + a[:, 5]
    left, top = tf.floor(u), tf.floor(v)
    flat, out = tf.reshape(images, [-1, height * width, channels]), 0.0
    for down in (0.0, 1.0):
        for right in (0.0, 1.0):
            column, line = left + right, top + down
            weight = (1 - tf.abs(u - column)) * (1 - tf.abs(v - line))
            there = (column >= 0) & (column < across) & (line >= 0) & (line < down_to)
            index = tf.cast(line * across + column, tf.int32)
            taken = tf.gather(flat, tf.reshape(tf.where(there, index, 0), [-1, height * width]), batch_dims=1)
            out += tf.where(there, weight, 0.0)[..., None] * tf.reshape(taken, shape)
    return out


def plain(images: np.ndarray, maps: Maps, span: tuple[float, float]) -> np.ndarray:
    """The numpy reference."""
    return reference.augment(images, maps, span).astype(np.float32)


__all__ = ["WAYS", "augment", "fastest"]
