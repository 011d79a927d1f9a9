"""Makes the report's images with the code that trains: augmented training images, and test images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import tensorflow as tf

from dlbench.engines.keras.data.batches import Epoch, Labels, batch
from dlbench.engines.keras.data.ondisk import Images, OnDisk
from dlbench.engines.keras.data.resident import Resident
from dlbench.engines.keras.loop.train import draw
from dlbench.engines.keras.network.hooks import acting
from dlbench.engines.protocol import ExampleImages, Preview
from dlbench.tasks import task
from dlbench.values.packed import Packed, acted_shape, taken_apart
from dlbench.values.recipe import Recipe

EXAMPLES, DRAWS = 6, 3
SIDE_PX = 64
COLOURS = 3


def preview(recipe: Recipe, seed: int, data: Resident) -> Preview:
    """Show training images before augmentation and in the first epochs of a run.

    Args:
        recipe, seed: the run.
        data: what it trains on.

    Returns:
        The images as the run sees them, one draw an epoch, without the scaling of its inputs.
    """
    if not shown(recipe, data):
        return Preview(np.zeros(0, np.uint8), np.zeros(0, np.uint8))
    rows = one_of_each(task(recipe.data.task).strata(data.train[1].numpy()), EXAMPLES)
    span = data.inputs.span.numpy()
    after = [thumbnails(_pictures(augmented(recipe, seed, data, rows, epoch), data), span) for epoch in range(DRAWS)]
    return Preview(thumbnails(_pictures(read(data.train[0], rows), data), span), np.stack(after))


def augmented(recipe: Recipe, seed: int, data: Resident, rows: np.ndarray, epoch: int) -> np.ndarray:
    """Return rows of the training data as the network gets them in an epoch, float32 [n, H, W, C], as raw values."""
    return tf.math.divide_no_nan(consumed_inputs(recipe, seed, data, rows, epoch) - data.inputs.offset, data.inputs.scale).numpy()


def consumed_inputs(recipe: Recipe, seed: int, data: Resident, rows: np.ndarray, epoch: int) -> tf.Tensor:
    """Return rows of the training data as the network gets them in an epoch, float32 [n, H, W, C], scaled."""
    drawn = Epoch(rows.astype(np.int32), np.zeros(1, np.float32), *draw(recipe, seed, data, epoch))
    return consumed_batch(recipe, drawn, data)[0]


def consumed_batch(recipe: Recipe, drawn: Epoch, data: Resident) -> tuple[tf.Tensor, Labels]:
    """Return the inputs and labels that an epoch makes of its rows, all in one batch."""
    every, inputs = slice(0, len(drawn.order)), data.inputs
    consumed, part = drawn.consumed(every), drawn.part(every, len(drawn.order))
    known = tf.constant(read(data.train[0], consumed)), tf.gather(data.train[1], consumed)
    scaling = inputs.scale, inputs.offset, inputs.span
    return batch(acting(recipe, data.shape), known, scaling, tf.constant(part.rows), part.drawn())


def examples(recipe: Recipe, rows: Sequence[int], data: Resident) -> ExampleImages:
    """Show test examples by their rows."""
    chosen = np.array(rows, np.int64)
    if not shown(recipe, data):
        return ExampleImages(chosen, np.zeros((0, 0, 0, 1), np.uint8))
    return ExampleImages(chosen, thumbnails(_pictures(read(data.test[0], chosen), data), data.inputs.span.numpy()))


def shown(recipe: Recipe, data: Resident) -> bool:
    """Whether the inputs are grey or coloured images, maybe with opacity, which can be shown."""
    channels = (4,) if recipe.data.alpha else (1, 3)
    shape = acted_shape(data.shape)
    return len(shape) == 3 and shape[-1] in channels and min(shape[:2]) > 1


def _pictures(x: np.ndarray, data: Resident) -> np.ndarray:
    """Return the images of examples: all of them, or one of several inputs."""
    acted = data.shape.acted() if isinstance(data.shape, Packed) else None
    return x if acted is None else taken_apart(x, cast(Packed, data.shape))[acted.name]


def one_of_each(labels: np.ndarray, most: int) -> np.ndarray:
    """Choose the first example of each class, then others, in the order of the data.

    Example:
        >>> one_of_each(np.array([4, 4, 2, 4, 2]), 3).tolist()
        [0, 1, 2]
    """
    first = np.unique(labels, return_index=True)[1]
    others = np.setdiff1d(np.arange(len(labels)), first)
    return np.sort(np.concatenate([np.sort(first), others])[:most])


def read(images: Images, rows: np.ndarray) -> np.ndarray:
    """Read some images into memory."""
    return images.read(rows) if isinstance(images, OnDisk) else tf.gather(images, rows).numpy()


def thumbnails(images: np.ndarray, span: np.ndarray) -> np.ndarray:
    """Turn images into bytes, at most :data:`SIDE_PX` a side.

    Args:
        images: [n, H, W, C] raw values; of 4 channels the last one is opacity.
        span: their smallest possible value and their full range.

    Returns:
        uint8 [n, h, w, c]: 0 is the smallest value, 255 the largest; transparent pixels lie over white.
    """
    height, width = images.shape[1:3]
    small = min(1.0, SIDE_PX / max(height, width))
    values = tf.cast(images, tf.float32)
    if small < 1:
        values = tf.image.resize(values, (max(1, round(height * small)), max(1, round(width * small))), "area")
    scaled = np.clip((values.numpy() - span[0]) / span[1], 0, 1)
    if scaled.shape[-1] > COLOURS:
        scaled = 1 - (1 - scaled[..., :COLOURS]) * scaled[..., COLOURS:]
    return np.rint(scaled * 255).astype(np.uint8)
