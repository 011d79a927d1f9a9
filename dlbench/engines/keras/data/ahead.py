"""Augments training images ahead of the steps that use them, where that gives the bits that the training graph gives."""

from __future__ import annotations

import dataclasses
import pkgutil
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
import tensorflow as tf

from dlbench.engines.keras.data.batches import Acting, Epoch, transform
from dlbench.kernels.maps import maps
from dlbench.values.augmentation import Augmentation
from dlbench.values.augmentation import parts as parts_of

FUSED = "dlbench.kernels.fused:augment"
"""It needs numba, which x86-64 and arm64 have."""
STRENGTHS = {
    "geometric": {"rotate_degrees": 30.0, "zoom": 0.2, "flip_horizontal": 0.5},
    "colour": {"brightness": 0.2, "contrast": 0.5, "saturation": 0.5, "hue": 0.1}, "erasing": {"erasing": 0.7},
}
"""The parts that the pass takes over from the graph, and with what it is compared with it. A plug-in's functions, scaling, cutout and
mixing come after them and stay in the graph."""
FEWEST_VALUES = 128
"""Values of an image from which training uses the pass: the graph moves smaller ones in a time that does not show, where compiling the
pass takes nine seconds on a machine's first run, and loading it half a second in each worker."""
PROBED = (1, 9)
"""Sizes of the batches that the pass is compared with the graph on."""

Pass = Callable[[np.ndarray, Epoch, tuple[float, float], int], np.ndarray]
"""A pass over a stretch: its raw images in the order of their use, its epoch, the span of values and the batch size."""


def fused_pass(acting: Acting, shape: tuple[int, ...], dtype: tf.DType) -> tuple[Pass | None, Acting]:
    """Return the pass that augments images ahead, or None, and what is left for the graph to do.

    There is none for sequences, for images that are distorted elastically (between moving and colouring), without numba, on a GPU, and
    where its result on this machine differs from the graph's by a single bit.

    Args:
        acting: on the images of a batch.
        shape: height, width and channels.
        dtype: of the raw images.
    """
    parts = {name: acting.parts[name] for name in STRENGTHS}
    takes = any(parts.values()) and not acting.parts["elastic"] and len(shape) == 3 and dtype in (tf.uint8, tf.float32)
    if not takes or not _equals_graph(tuple(parts.items()), tuple(shape), dtype):
        return None, acting
    rest = dataclasses.replace(acting, parts={**acting.parts, **dict.fromkeys(STRENGTHS, False)})
    return partial(_augment, coloured=parts["colour"]), rest


def _augment(images: np.ndarray, epoch: Epoch, span: tuple[float, float], batch_size: int, coloured: bool) -> np.ndarray:
    count = len(epoch.order)
    places = np.tile(np.arange(count) % batch_size, len(images) // max(count, 1))  # those that images are mixed with form batches too
    return pkgutil.resolve_name(FUSED)(images, epoch.maps, span, coloured, places)


@cache
def _equals_graph(parts: tuple[tuple[str, bool], ...], shape: tuple[int, int, int], dtype: tf.DType) -> bool:
    """Whether the fused pass gives the bits of the graph in this process; False where it cannot be imported."""
    if tf.config.list_logical_devices("GPU"):
        return False
    try:
        augment = pkgutil.resolve_name(FUSED)
    except (ImportError, RuntimeError):  # numba raises the latter where it can write no cache
        return False
    chosen, span = parts_of(Augmentation()) | dict(parts), (0.0, 255.0)
    strengths: dict[str, Any] = {name: value for part, values in STRENGTHS.items() if chosen[part] for name, value in values.items()}
    for count in PROBED:
        images = np.random.default_rng(count).uniform(0, 256, (count, *shape)).astype(dtype.as_numpy_dtype)
        drawn = maps(Augmentation(**strengths), 0, 0, count, shape)
        specs = [tf.TensorSpec([None, *part.shape[1:]], part.dtype) for part in (images, *drawn.arrays())]
        graph = tf.function(lambda x, *given: transform(chosen, x, given, tf.constant(span)), input_signature=specs)
        if not np.array_equal(graph(images, *drawn.arrays()).numpy(), augment(images, drawn, span, chosen["colour"])):
            return False
    return True
