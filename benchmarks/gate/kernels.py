"""Makes the kernels ready that the gate is measured on: those of ours that need no TensorFlow, so that servers start in seconds."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbench.kernels import fused as fused_pass
from dlbench.kernels import reference, reference_layers, samples
from dlbench.kernels.maps import maps
from dlbench.kernels.mixing import mixing
from dlbench.values.augmentation import Augmentation, parts
from dlbench.values.case import Prepared

SHAPE = (32, 32, 3)
SPAN = (0.0, 255.0)
WITHIN = (1e-3, 0.1)
"""Tolerance of the fused pass, as in :mod:`dlbench.engines.keras.measure.kernels`."""


def draw(examples: int, **strengths: Any) -> Prepared:
    """Draw an epoch's maps."""
    wanted = Augmentation(**strengths)
    return Prepared(lambda: maps(wanted, 0, 0, examples, SHAPE).arrays())


def draw_mixing(examples: int, **strengths: Any) -> Prepared:
    """Draw an epoch's partners and boxes."""
    wanted, positions = Augmentation(**strengths), np.arange(examples)
    return Prepared(lambda: mixing(wanted, 0, 0, positions, SHAPE[:2]).arrays())


def fused(batch: int, **strengths: Any) -> Prepared:
    """The fused pass, compiled by numba."""
    x = samples.images(SHAPE, batch)
    wanted = Augmentation(**strengths)
    drawn, coloured = maps(wanted, 0, 0, batch, SHAPE), parts(wanted)["colour"]
    return Prepared(lambda: fused_pass.augment(x, drawn, SPAN, coloured), lambda: reference.augment(x, drawn, SPAN), WITHIN)


def plain(batch: int, **strengths: Any) -> Prepared:
    """The same in plain numpy."""
    x = samples.images(SHAPE, batch)
    drawn = maps(Augmentation(**strengths), 0, 0, batch, SHAPE)
    return Prepared(lambda: reference.augment(x, drawn, SPAN))


def layer(kernel: str, batch: int) -> Prepared:
    """A layer in plain numpy, forward."""
    x, scale = samples.normal(batch, 14, 14, 16), np.ones(16, np.float32)
    calls = {
        "layer_norm": lambda: reference_layers.normalize(x, "layer", scale, scale),
        "separable_conv": lambda: reference_layers.separable_conv(x, samples.normal(3, 3, 16, 1), samples.normal(16, 16)),
        "cross_entropy": lambda: reference_layers.cross_entropy(x.reshape(-1, 16), np.zeros(x.size // 16, np.int64), 0.1),
    }
    return Prepared(calls[kernel])
