"""Which layers are kept instead of copied: those of which a copy made from the config may compute something else."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from dlbench.engines.keras.network.replacements import config_of, own_objects
from dlbench.values.errors import InputError

KERAS = "keras.src.layers."
"""The module of the layers whose config holds all that they compute with, but for their weights."""
CLOSE = 1e-4
"""Difference of two float32 outputs, as a share of the largest value, that the order of additions explains."""


def kept(layer: keras.Layer) -> bool:
    """Return whether a layer is kept itself: one of the user's own, one with a function in it, or one that was adapted to data.

    Example:
        >>> kept(layers.Dense(2)), kept(layers.Lambda(lambda x: x)), kept(layers.Normalization())
        (False, True, True)
    """
    parts = layer._flatten_layers(include_self=True, recursive=True)
    return any(not type(part).__module__.startswith(KERAS) or isinstance(part, layers.Lambda) or hasattr(part, "adapt") for part in parts)


def demand_copyable(layer: keras.Layer, changes: str) -> None:
    """Refuse to change a layer of which a copy computes something else.

    Args:
        layer: called at least once.
        changes: what is to be changed, for the message.

    Raises:
        InputError: naming the layer and the remedy.
    """
    config, names = config_of(layer), f"layer '{layer.name}' ({type(layer).__name__})"
    if config is not None:
        copy, call = type(layer).from_config({**config, **own_objects(layer)}), first_call(layer)
        args = [example(given) for given in call.args]
        copy(*args)
        if copied_weights(layer, copy) and close(layer(*args), copy(*args)):
            return
    raise InputError(f"{names} cannot be changed ({changes}): a copy made from its get_config() computes something else; accepted: a "
                     "get_config() that returns all that __init__ was given, or techniques that leave the layer as it is")


def copied_weights(layer: keras.Layer, copy: keras.Layer) -> bool:
    """Give another layer, or model, the weights of one, if they have the same shapes, and return whether they have.

    Example:
        >>> one, two = layers.Dense(2), layers.Dense(2)
        >>> one.build((None, 3)), two.build((None, 3)), copied_weights(one, two), copied_weights(one, layers.ReLU())
        (None, None, True, False)
    """
    same = [weight.shape for weight in layer.weights] == [weight.shape for weight in copy.weights]
    for old, new in zip(layer.weights, copy.weights) if same else ():
        new.assign(old)
    return same


def first_call(layer: keras.Layer) -> Any:
    """Return the symbolic arguments that a layer was first called with in a graph."""
    return layer._inbound_nodes[0].arguments


def example(given: Any, count: int = 2) -> Any:
    """Return random values for the tensors among an argument; integers are small, since they may be positions or words."""
    def drawn(tensor: Any) -> Any:
        if not isinstance(tensor, keras.KerasTensor):
            return tensor
        draws, shape = np.random.default_rng(0), (count, *(size or 4 for size in tensor.shape[1:]))
        return draws.random(shape).astype(tensor.dtype) if "float" in tensor.dtype else draws.integers(0, 2, shape).astype(tensor.dtype)

    return keras.tree.map_structure(drawn, given)


def close(one: Any, two: Any) -> bool:
    """Return whether two outputs, or structures of them, are equal within the rounding of float32.

    Example:
        >>> close([np.ones(3), np.zeros(2)], [np.ones(3) + 1e-6, np.zeros(2)]), close(np.ones(3), np.ones(3) * 1.01)
        (True, False)
    """
    pairs = list(zip(keras.tree.flatten(one), keras.tree.flatten(two), strict=True))
    return all(np.shape(a) == np.shape(b) and difference(a, b) <= CLOSE for a, b in pairs)


def difference(one: Any, two: Any) -> float:
    """Return the largest difference of two tensors, as a share of their largest value where that is above 1; infinite where one is NaN."""
    a, b = np.asarray(one, np.float64), np.asarray(two, np.float64)
    if not np.array_equal(np.isnan(a), np.isnan(b)):
        return float("inf")
    apart = np.where(np.isnan(a) | (a == b), 0.0, np.abs(a - b))
    scale = np.nanmax(np.abs(np.where(np.isfinite(a), a, 0.0)), initial=1.0)
    return float(apart.max(initial=0.0) / scale)
