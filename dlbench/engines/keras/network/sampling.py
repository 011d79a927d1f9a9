"""Dropout that is kept on while a network is scored, with draws of its own that training does not see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf

from dlbench.engines.keras.network.layers import StochasticDepth
from dlbench.values.errors import InputError

KINDS = (keras.layers.Dropout, keras.layers.GaussianDropout, keras.layers.AlphaDropout)
"""Layers that drop units or feature maps, with those that are made from them."""


def dropouts(model: keras.Model) -> list[keras.layers.Layer]:
    """Return the dropout layers of a model that act in training alone; stochastic depth, which drops whole branches, is none.

    Example:
        >>> layers = keras.layers.Dropout(0.5), keras.layers.Dropout(0.0), keras.layers.GaussianNoise(1.0)
        >>> len(dropouts(keras.Sequential([keras.Input((2,)), *layers])))
        1
    """
    every = model._flatten_layers(include_self=False, recursive=True)
    return [layer for layer in every if isinstance(layer, KINDS) and not isinstance(layer, StochasticDepth)
            and layer._seed_generators and layer._call_has_training_arg]


def demanded_dropouts(name: str, model: keras.Model) -> list[keras.layers.Layer]:
    """Return the dropout layers of the model of this name.

    Raises:
        InputError: it has none.
    """
    if not (found := dropouts(model)):
        raise InputError(f"mc_dropout keeps dropout on where the network is scored, and model '{name}' has no dropout layer; accepted: a "
                         "model that has one, or the technique dropout or spatial_dropout in the same arm or in the baseline")
    return found


@contextmanager
def kept_on(layers: Sequence[keras.layers.Layer]) -> Iterator[None]:
    """Have layers act as in training on all calls within this context, whatever these say."""
    for layer in layers:
        layer.call = _training(layer.call)
    try:
        yield
    finally:
        for layer in layers:
            del layer.call


def _training(call: Callable[..., Any]) -> Callable[..., Any]:
    return lambda inputs, training=False: call(inputs, training=True)


@contextmanager
def drawing_from(layers: Sequence[keras.layers.Layer], seed_of: Callable[[str, int], int]) -> Iterator[None]:
    """Let layers draw from streams of their own within this context, each time from their start, and then go on where they were.

    Args:
        layers: dropout layers.
        seed_of: ``seed_of(layer, generator)`` gives the seed of a layer's generator, by its number from 0.
    """
    generators = [(layer.name, place, generator.state) for layer in layers for place, generator in enumerate(layer._seed_generators)]
    before = [state.numpy() for _, _, state in generators]
    for name, place, state in generators:
        state.assign(tf.constant([seed_of(name, place) % 2**32, 0], tf.uint32))
    try:
        yield
    finally:
        for (_, _, state), value in zip(generators, before):
            state.assign(value)
