"""Networks on images of other sizes than they were built for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import keras
import tensorflow as tf

from dlbench.engines.keras.network.cost import macs
from dlbench.engines.keras.network.network import Network
from dlbench.values.errors import InputError

SPEC = "_manual_input_spec"
"""Attribute in which a functional model of Keras' keeps what it accepts, where that is not the shape that it was built for."""


@contextmanager
def any_size(model: keras.Model) -> Iterator[None]:
    """Let a model be called on images of any size within this context: what does not fit is an error of the layer that finds it so.

    Example:
        >>> model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(2, 3), keras.layers.GlobalAveragePooling2D()])
        >>> with any_size(model):
        ...     model(tf.ones([1, 5, 5, 1])).shape.as_list()
        [1, 2]
    """
    built = [layer for layer in model._flatten_layers(include_self=True, recursive=True) if hasattr(layer, "_nodes_by_depth")]
    before = {id(layer): vars(layer)[SPEC] for layer in built if SPEC in vars(layer)}
    for layer in built:
        setattr(layer, SPEC, None)
    try:
        yield
    finally:
        for layer in built:
            delattr(layer, SPEC)
            if id(layer) in before:
                setattr(layer, SPEC, before[id(layer)])


def macs_at(network: Network, size: tuple[int, int]) -> int:
    """Return the multiply-accumulates of one forward pass over one image of this size."""
    with any_size(network.model):
        return macs(network.model, (*size, *network.shape[2:]))


def demand_sizes(name: str, network: Network, sizes: Sequence[tuple[int, int] | None]) -> None:
    """Check that a network can be trained on images of other sizes.

    Args:
        name: of its model.
        network: of a recipe.
        sizes: height and width; None is its own.

    Raises:
        InputError: it cannot, naming the first size.
    """
    for size in filter(None, sizes):
        reason, images = "", tf.TensorSpec([None, *size, *network.shape[2:]])
        try:
            with any_size(network.model):
                found = tf.function(lambda x: network.model(x, training=True)).get_concrete_function(images).output_shapes
            reason = "" if found.as_list() == [None, network.units] else f"its output has the shape {found.as_list()}"
        except Exception as error:  # whatever a layer raises says that it does not take this size
            reason = " ".join(str(error).split())[:200]
        if reason:
            raise InputError(f"progressive_resizing trains on images of {size[0]}x{size[1]}, and model '{name}' does not take them: its "
                             "weights depend on the size, or the images are too small; accepted: a model that pools globally (the "
                             f"technique pooling, kind = 'average' or 'max', in the same arm), or a larger start. Keras says: {reason}")
