"""Whether a model scales its inputs itself, so that it must be handed raw values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

BETTER = 0.5
"""How much nearer to mean 0 and standard deviation 1 raw values must be than scaled ones, see :func:`_distance`."""


def wants_raw(model: keras.Model, raw: np.ndarray, scaled: np.ndarray) -> bool:
    """Return whether raw values, rather than scaled ones, reach the first layer with weights in the range that it can be trained in.

    A model that changes nothing before that layer does not scale its inputs.

    Args:
        model: whatever its kind.
        raw: examples as they are, [n, ...] float32.
        scaled: the same examples as they would be handed over.

    Example:
        >>> x = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 1)).astype(np.float32)
        >>> inside = [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> [wants_raw(keras.Sequential([keras.Input((8, 8, 1)), *stack]), x, x / 255) for stack in (inside, inside[1:])]
        [True, False]
    """
    entered, given = _entering(model, scaled), np.asarray(scaled)
    if entered is None or entered.dtype.kind != "f" or (entered.size == given.size and np.allclose(entered.ravel(), given.ravel())):
        return False
    other = _entering(model, raw)
    return other is not None and _distance(other) < _distance(entered) - BETTER


def _distance(values: np.ndarray) -> float:
    """Return how far values [n, ...] are from mean 0 and standard deviation 1: |mean| + |log sd|; of rows, the median over columns."""
    axis = 0 if values.ndim == 2 else None
    spread = np.log(np.maximum(values.std(axis=axis, dtype=np.float64), 1e-12))
    return float(np.median(np.abs(values.mean(axis=axis, dtype=np.float64))) + np.median(np.abs(spread)))


def _entering(model: keras.Model, x: np.ndarray) -> np.ndarray | None:
    """Return the input of the first layer with weights that were not adapted to data; None where there is none."""
    with _watched() as inputs:
        model(tf.constant(x, tf.float32), training=False)
    return inputs[0] if inputs else None


@contextmanager
def _watched() -> Iterator[list[np.ndarray]]:
    """Within this context, note the first input of each layer with weights of its own."""
    call, inputs = keras.Layer.__call__, []

    def watched(layer: keras.Layer, *args: Any, **kwargs: Any) -> Any:
        weights = [*layer._trainable_variables, *layer._non_trainable_variables]
        if weights and not inputs and not hasattr(layer, "adapt") and args and hasattr(args[0], "numpy"):
            inputs.append(args[0].numpy())
        return call(layer, *args, **kwargs)

    keras.Layer.__call__ = watched
    try:
        yield inputs
    finally:
        keras.Layer.__call__ = call
