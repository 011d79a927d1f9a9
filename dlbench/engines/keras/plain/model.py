"""The network of a recipe as a ``.keras`` file of Keras' own layers, which loads without dlbench."""

from __future__ import annotations

import warnings
from pathlib import Path

import keras
import numpy as np
from keras import layers, regularizers

from dlbench.engines.keras.data.resident import Resident
from dlbench.engines.keras.network.kept import KERAS, close
from dlbench.engines.keras.network.layers import Dropout, SpatialDropout, StochasticDepth
from dlbench.engines.keras.network.network import Network, holds
from dlbench.engines.keras.network.several import apart
from dlbench.values.errors import InputError
from dlbench.values.packed import Packed, taken_apart
from dlbench.values.recipe import Recipe

EXAMPLES = 8
"""Test examples on which the written model must compute what the network does."""


def write_model(network: Network, recipe: Recipe, data: Resident, path: Path) -> None:
    """Write a network with its present weights, penalties among its layers' settings; what is written is read again and compared.

    Raises:
        InputError: a layer is not Keras' own, or the file computes something else.
    """
    model = stock_model(network, recipe)
    model = apart(model, data.shape) if isinstance(data.shape, Packed) else model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of how Keras asks numpy for a copy
        model.save(path)
    read, x = keras.models.load_model(path), data.test[0][:EXAMPLES]
    x = np.asarray(x, np.float32) * data.inputs.scale.numpy() + data.inputs.offset.numpy()
    given = taken_apart(x, data.shape) if isinstance(data.shape, Packed) else x
    same = close(network.model(x, training=False), read(given, training=False))
    if not same or not np.isclose(_penalty(network.model), _penalty(read), rtol=1e-5):
        raise InputError(f"model '{recipe.model.name}': its .keras file computes something else; accepted: models whose layers' settings "
                         "hold all that they compute with")


def _penalty(model: keras.Model) -> float:
    return float(sum(map(float, model.losses)))


def stock_model(network: Network, recipe: Recipe) -> keras.Model:
    """Copy a network into Keras' own layers, with the recipe's penalties as their regularizers.

    Raises:
        InputError: a layer is not Keras' own.
    """
    model = keras.models.clone_model(network.model, clone_function=lambda layer: _stock(layer, recipe))
    model.set_weights(network.model.get_weights())
    for layer, copy in zip(_with_kernels(network.model), _with_kernels(model)):
        _penalise(layer, copy, network, recipe)
    return model


def _stock(layer: keras.Operation, recipe: Recipe) -> keras.Operation:
    """The same layer made anew, with the recipe's rate where dlbench keeps it in a variable; an operation that is no layer stays."""
    if not isinstance(layer, keras.Layer):
        return layer
    if isinstance(layer, StochasticDepth):
        shape = (None, *[1] * (len(layer.output.shape) - 1))
        return layers.Dropout(layer.share * recipe.model.stochastic_depth, noise_shape=shape, name=layer.name)
    if isinstance(layer, SpatialDropout):
        return layers.SpatialDropout2D(recipe.model.spatial_dropout, name=layer.name)
    if isinstance(layer, Dropout):
        return layers.Dropout(recipe.model.dropout, name=layer.name)
    for part in layer._flatten_layers(include_self=True, recursive=True):
        if not type(part).__module__.startswith((KERAS, "keras.src.models.")) or isinstance(part, layers.Lambda):
            raise InputError(f"layer '{part.name}' ({type(part).__name__}) has code that no .keras file holds; accepted: models of Keras' "
                             "own layers")
    return type(layer).from_config(layer.get_config())


def _with_kernels(model: keras.Model) -> list[keras.Layer]:
    return [layer for layer in model._flatten_layers(include_self=False, recursive=True) if layer._trainable_variables]


def _penalise(layer: keras.Layer, copy: keras.Layer, network: Network, recipe: Recipe) -> None:
    terms = recipe.regularization
    for weight in layer._trainable_variables:
        l1 = terms.l1 if holds(network.kernels[terms.l1_scope], weight) else 0.0
        l2 = terms.l2 if holds(network.kernels[terms.l2_scope], weight) else 0.0
        if l1 or l2:
            place = f"{weight.name.removesuffix('kernel').removesuffix('_') or 'kernel'}_regularizer"
            own = getattr(copy, place, None)
            setattr(copy, place, regularizers.L1L2(l1 + float(getattr(own, "l1", 0)), l2 + float(getattr(own, "l2", 0))))
