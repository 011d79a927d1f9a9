"""Models as their function builds them, before any technique, and those whose layers cannot be changed from outside.

A subclass of ``keras.Model`` with a ``call`` of its own trains like any other model, but no technique can replace or insert its layers.
"""

from __future__ import annotations

import inspect
from collections.abc import Container
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlbench.engines.keras.network.anatomy import has_graph, numbered
from dlbench.engines.keras.network.layers import log_odds
from dlbench.engines.keras.network.outputs import activation, called, demand_independent, examples, probabilities
from dlbench.engines.keras.network.several import joined
from dlbench.engines.keras.tasks import answering
from dlbench.models import architecture
from dlbench.references import call, resolve
from dlbench.values.errors import InputError
from dlbench.values.packed import Packed
from dlbench.values.recipe import Recipe
from dlbench.values.text import plural

SHIPPED = "dlbench."
"""How the references of shipped models begin."""

CODED = {"cardinalities": "is given codes of words (`categories = \"embedding\"`) and is not told how many words each column has",
         "embedding_width": "embeds words in a width of its own"}
"""Argument that a model of tables with words needs -> what it lacks without."""


def original(recipe: Recipe, shape: tuple[int, ...], classes: int) -> keras.Model:
    """Build the model of a recipe, without any technique; one of several inputs as one of packed examples.

    Raises:
        InputError: it cannot be built for this data.
    """
    entry = architecture(recipe.model.name)
    _demand_for_one(entry.name, entry.build, shape)
    if entry.smallest_px > 1 and len(shape) != 3:
        raise InputError(f"model '{entry.name}' takes images; an example of this data has the shape {list(shape)} (model 'mlp' takes any)")
    if min(shape[:2]) < entry.smallest_px:
        raise InputError(f"model '{entry.name}' needs images of at least {entry.smallest_px} px; these are {shape[0]}x{shape[1]}")
    build = call(f"model '{entry.name}'", resolve, entry.build)
    if isinstance(inspect.unwrap(build), keras.Model):
        raise InputError(f"model '{entry.name}': it is a model, and each run builds its own; accepted: a function that builds it, "
                         "function(input_shape, classes)")
    takes = call(f"model '{entry.name}'", inspect.signature, build).parameters
    options = _options(recipe, takes)
    if entry.build.startswith(SHIPPED) and answering(recipe.data).SQUASH == "sigmoid":
        options["several"] = True
    given = {one.name: one.shape for one in shape.inputs} if isinstance(shape, Packed) else shape
    model = call(f"model '{entry.name}' with options {options}", build, given, classes, **options)
    _demand_keras(entry.name, model)
    if isinstance(shape, Packed):
        return joined(recipe, model, shape)
    if isinstance(model, keras.Sequential) and not model.built:
        model.build((None, *shape))
    _demand_inputs(entry.name, model, shape)
    return model


def _demand_for_one(name: str, build: str, shape: tuple[int, ...]) -> None:
    """Refuse a shipped model, all of which have one input, for examples of several."""
    if isinstance(shape, Packed) and build.startswith(SHIPPED):
        names = ", ".join(f"{one.name} = keras.Input(input_shape['{one.name}'], name='{one.name}')" for one in shape.inputs)
        raise InputError(f"model '{name}' has one input, and an example of this data {len(shape.inputs)}; accepted: a function of your "
                         f"own, model = \"file:function\", function(input_shape, classes), that builds {names} and returns "
                         f"keras.Model([{', '.join(one.name for one in shape.inputs)}], output)")


def _options(recipe: Recipe, takes: Container[str]) -> dict[str, Any]:
    """Return what a model's function is given beside shape and classes: what the data tells, as far as it takes that, and what is stated.

    Raises:
        InputError: it does not take what it needs, or the study says two rates.
    """
    name, stated = recipe.model.name, dict(recipe.model.options)
    known = {"vocabulary": recipe.data.vocabulary, "rate_hz": recipe.data.rate, "cardinalities": recipe.data.cardinalities,
             "embedding_width": recipe.model.embedding_width}
    for argument, what in CODED.items():
        if known[argument] and argument not in takes:
            raise InputError(f"model '{name}' {what}; accepted: model 'mlp', or a function that takes {argument} too")
    if recipe.data.rate and stated.get("rate_hz", recipe.data.rate) != recipe.data.rate:
        raise InputError(f"model '{name}': options: rate_hz = {stated['rate_hz']}, and the study's rate is {recipe.data.rate} Hz, "
                         "to which all sounds are brought; accepted: either key")
    return {argument: value for argument, value in known.items() if argument in takes and value is not None} | stated


def _demand_keras(name: str, model: Any) -> None:
    """Refuse what is no model of the Keras that this engine runs, or one that takes images in another layout."""
    if not isinstance(model, keras.Model):
        kinds = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(model).__mro__]
        legacy = next((kind for kind in kinds if kind.startswith(("tf_keras.", "tensorflow.python.keras."))), None)
        instead = (f"a model of {legacy.partition('.')[0]}, which is Keras 2; build it with `import keras` (Keras 3)" if legacy
                   else f"{kinds[0].removeprefix('builtins.')}")
        raise InputError(f"model '{name}': wanted a keras.Model, got {instead}")
    formats = {layer.data_format for layer in model._flatten_layers(recursive=True) if hasattr(layer, "data_format")}
    if "channels_first" in formats or keras.config.image_data_format() == "channels_first":
        raise InputError(f"model '{name}': it takes images with channels first, and examples are [height, width, channels]; accepted: "
                         "layers with data_format = 'channels_last', without keras.config.set_image_data_format('channels_first')")


def _demand_inputs(name: str, model: keras.Model, shape: tuple[int, ...]) -> None:
    """Refuse a functional model that takes several inputs, text, or examples of another shape."""
    inputs = [] if subclassed(model) else model.inputs
    if len(inputs) > 1:
        raise InputError(f"model '{name}': it takes {len(inputs)} inputs ({', '.join(one.name for one in inputs)}), and an example is one "
                         "array; accepted: a model of one input, which may split it itself, or data of these inputs: `inputs = { "
                         f"{', '.join(f'{one.name} = ...' for one in inputs)} }}` in the study")
    for one in inputs:
        if one.dtype == "string":
            raise InputError(f"model '{name}': it takes text, and is given word numbers; accepted: a model that begins with an Embedding")
        known = tuple(one.shape[1:])
        if len(known) != len(shape) or any(size not in (None, wanted) for size, wanted in zip(known, shape)):
            raise InputError(f"model '{name}': it takes examples of shape {list(known)}, and those of this data are {list(shape)}; "
                             "accepted: a function that builds its model for the input_shape that it is given")


def units(name: str, output: tuple, classes: int, squash: str = "softmax") -> int:
    """Check and count the numbers that a model returns for an example.

    Args:
        name: of the model.
        output: shape of its output, batch first.
        classes: of the data, or labels.
        squash: what makes them probabilities.

    Raises:
        InputError: they are not one a class or label (one alone will do for two classes).

    Example:
        >>> units("mine:net", (None, 1), 2)
        1
    """
    if len(output) != 2 or not all(isinstance(size, int) for size in output[1:]):
        raise InputError(f"model '{name}': wanted one output, a row of numbers an example; its output is {output}")
    if output[1] != classes and not (classes == 2 and output[1] == 1 and squash != "sigmoid"):
        what = "labels" if squash == "sigmoid" else "classes"
        raise InputError(f"model '{name}': its output has {plural(output[1], 'unit')}, the data {classes} {what}")
    return output[1]


class Logits(keras.Model):
    """Wraps a model of probabilities so that it returns logits, see :func:`dlbench.engines.keras.network.layers.log_odds`."""

    def __init__(self, inner: keras.Model, squash: str) -> None:
        super().__init__()
        self.inner, self.squash = inner, squash

    @property
    def layers(self) -> list[keras.Layer]:
        """The layers of the wrapped model."""
        return self.inner.layers

    def call(self, inputs, training=False):
        """Return logits whose softmax or sigmoid equals the model's probabilities."""
        return log_odds(self.inner(inputs, training=training), self.squash)


def subclassed(model: keras.Model) -> bool:
    """Return whether a model is neither functional nor Sequential, or has a ``call`` of its own."""
    return not has_graph(model)


def opaque(name: str, model: keras.Model, shape: tuple[int, ...], squash: str, as_built: bool = False) -> tuple[keras.Model, tuple]:
    """Build a subclassed model, make it return logits, and give its layers canonical names.

    A softmax or sigmoid of the output layer is removed; one inside ``call`` itself is undone by a logarithm.

    Args:
        name: of the model.
        model: a subclassed one.
        shape: of an example.
        squash: what makes its outputs probabilities; where nothing does, it stays as it is.
        as_built: whether its last activation stays as it is, because its own code trains it, so that probabilities are undone after it.

    Returns:
        The model, and the shape of its output for a few examples.

    Raises:
        InputError: it cannot be called on a batch of examples, or one label takes away from another.
    """
    x = examples(model, shape)
    out = called(model, x, training=False)
    model.name = "model"
    number(model)
    if out.ndim != 2 or not squash:
        return model, out.shape
    demand_independent(name, out, squash)
    last = activation(squash, out.shape[1])
    for layer in () if as_built else reversed(model._flatten_layers(include_self=False)):
        if getattr(layer, "activation", None) is last:
            layer.activation = keras.activations.linear
            if np.allclose(last(tf.constant(called(model, x, training=False))), out, atol=1e-5):
                return model, out.shape
            layer.activation = last
    return Logits(model, squash) if probabilities(out, squash) else model, out.shape


def number(model: keras.Model, prefix: str = "") -> None:
    """Name the layers within a model, and those within them, by their place: ``block_2.conv2d_1``.

    Keras' own names depend on what was built in the process before; these do not.
    """
    for layer, name in numbered(model._flatten_layers(include_self=False, recursive=False)):
        layer.name = f"{prefix}{name}"
        number(layer, f"{layer.name}.")
