"""Whether a model scales its inputs itself, and which range it wants them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

DEFAULT = "default"
"""The scaling of inputs that models are handed which do not scale them."""
BETTER = 0.5
"""How much nearer to mean 0 and standard deviation 1 other values must be than those of the default, see :func:`_distance`."""
FAINT = 0.02
"""The least standard deviation that a model's own scaling may leave."""


def own_scaling(model: keras.Model, offered: Mapping[str, np.ndarray]) -> str | None:
    """Return the scaling in which examples reach the first layer with weights in the range that it can be trained in.

    A model that changes nothing before that layer does not scale its inputs.

    Args:
        model: whatever its kind.
        offered: the same examples in several scalings, [n, ...] float32; ``default`` is that of models that do not scale them.

    Returns:
        Its name; None for the default.

    Example:
        >>> x = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 1)).astype(np.float32)
        >>> inside = [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> offered = {"default": x / 255, "none": x}
        >>> [own_scaling(keras.Sequential([keras.Input((8, 8, 1)), *stack]), offered) for stack in (inside, inside[1:])]
        ['none', None]
    """
    if not _scales(model, offered[DEFAULT]):
        return None
    entered = {name: _entering(model, values) for name, values in offered.items()}
    distances = {name: _distance(values) for name, values in entered.items() if values is not None}
    nearest = min(distances, key=lambda name: distances[name])
    return nearest if distances[nearest] < distances[DEFAULT] - BETTER else None


def faint(model: keras.Model, handed: np.ndarray) -> float | None:
    """Return the standard deviation of what reaches the first layer with weights, where the model's own scaling makes it tiny; else None.

    Example:
        >>> x = np.random.default_rng(0).random((64, 4), np.float32)
        >>> inside = [keras.layers.Rescaling(1 / 255), keras.layers.Dense(2)]
        >>> [faint(keras.Sequential([keras.Input((4,)), *stack]), x) is None for stack in (inside, inside[1:])]
        [False, True]
    """
    entered = _entering(model, handed) if _scales(model, handed) else None
    spread = 1.0 if entered is None else float(entered.std(dtype=np.float64))
    return spread if 0 < spread < FAINT < float(np.std(handed, dtype=np.float64)) else None


def _scales(model: keras.Model, x: np.ndarray) -> bool:
    """Return whether a model changes its inputs before its first layer with weights."""
    entered = _entering(model, x)
    return entered is not None and entered.dtype.kind == "f" and not (entered.size == x.size and np.allclose(entered.ravel(), x.ravel()))


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
