"""Draws the initial weights of any Keras model from named streams.

While a model is built, every weight that a layer makes (``add_weight``) keeps its initializer, and can be drawn again with another seed.
A weight that the model's own code gave a value, for example from a file, keeps that value in every run; so does a variable that a layer
made in another way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np


@dataclass(frozen=True)
class _Origin:
    """How a weight was made: its initializer, its name, and a hash of the drawn value, where that is known."""

    initializer: Any
    name: str | None
    drawn: bytes | None


@contextmanager
def remembered() -> Iterator[None]:
    """Within this context, every weight that a layer makes keeps its initializer."""
    add_weight = keras.Layer.add_weight

    def add(layer: keras.Layer, *args: Any, **kwargs: Any) -> keras.Variable:
        variable = add_weight(layer, *args, **kwargs)
        stated = kwargs.get("initializer") or (args[1] if len(args) > 1 else None)
        default = "glorot_uniform" if "float" in variable.dtype else "zeros"
        variable.origin = _Origin(keras.initializers.get(stated or default), kwargs.get("name"), _hash(variable))
        return variable

    keras.Layer.add_weight = add
    try:
        yield
    finally:
        keras.Layer.add_weight = add_weight


def weights_of(layer: keras.Layer) -> Iterator[tuple[str, keras.Variable]]:
    """Yield a layer's own weights under unique names that are the same in every process."""
    taken: set[str] = set()
    for place, variable in enumerate((*layer._trainable_variables, *layer._non_trainable_variables), start=1):
        origin = getattr(variable, "origin", None)
        name = origin.name if origin and origin.name and origin.name not in taken else f"weight_{place}"
        taken.add(name)
        yield name, variable


def given(variable: keras.Variable) -> bool:
    """Whether the value of a weight came from other code than its initializer.

    Example:
        >>> with remembered():
        ...     layer = keras.layers.Dense(2)
        ...     layer.build((None, 3))
        >>> given(layer.kernel)
        False
        >>> _ = layer.kernel.assign(np.ones((3, 2)))
        >>> given(layer.kernel)
        True
    """
    origin = getattr(variable, "origin", None)
    return origin is None or origin.drawn not in (None, _hash(variable))


def keep_given(layer: keras.Layer, copy: keras.Layer) -> None:
    """Copy the values of a layer's weights that no initializer drew to a copy of the layer, where shapes agree."""
    for old, new in zip(layer.weights, copy.weights):
        if old is not new and old.shape == new.shape and given(old):
            new.assign(old)


def drawing(variable: keras.Variable) -> Callable[[int], Any]:
    """Return the function that draws a weight's first value from the seed of its stream."""
    if given(variable):
        value = variable.numpy()
        return lambda seed: value
    initializer, shape, dtype = variable.origin.initializer, tuple(variable.shape), variable.dtype
    config = initializer.get_config() if hasattr(initializer, "get_config") else {}
    if "seed" not in config:
        return lambda seed: initializer(shape, dtype)
    return lambda seed: type(initializer).from_config({**config, "seed": seed % 2**32})(shape, dtype)


def _hash(variable: keras.Variable) -> bytes | None:
    """Hash a weight's value; None while it has none, as in a layer that Keras builds symbolically."""
    if variable._value is None:
        return None
    return hashlib.sha256(np.ascontiguousarray(variable.numpy()).tobytes()).digest()
