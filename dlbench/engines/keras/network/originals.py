"""Models as their function builds them, before any technique, and those whose layers cannot be changed from outside.

A subclass of ``keras.Model`` with a ``call`` of its own trains like any other model, but no technique can replace or insert its layers.
"""

from __future__ import annotations

import inspect

import keras
import numpy as np
import tensorflow as tf

from dlbench.engines.keras.network.anatomy import numbered
from dlbench.models import architecture
from dlbench.references import call, resolve
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe

SAMPLE = 16
"""How many random examples show whether a model returns probabilities."""


def original(recipe: Recipe, shape: tuple[int, ...], classes: int) -> keras.Model:
    """Build the model of a recipe, without any technique.

    Raises:
        InputError: it cannot be built for this data.
    """
    entry = architecture(recipe.model.name)
    if entry.smallest_px > 1 and len(shape) != 3:
        raise InputError(f"model '{entry.name}' takes images; an example of this data has the shape {list(shape)} (model 'mlp' takes any)")
    if min(shape[:2]) < entry.smallest_px:
        raise InputError(f"model '{entry.name}' needs images of at least {entry.smallest_px} px; these are {shape[0]}x{shape[1]}")
    options = dict(recipe.model.options)
    build = call(f"model '{entry.name}'", resolve, entry.build)
    if "vocabulary" in call(f"model '{entry.name}'", inspect.signature, build).parameters:
        options.setdefault("vocabulary", recipe.data.vocabulary)
    model = call(f"model '{entry.name}' with options {options}", build, shape, classes, **options)
    if not isinstance(model, keras.Model):
        raise InputError(f"model '{entry.name}': wanted a keras.Model, got {type(model).__name__}")
    if isinstance(model, keras.Sequential) and not model.built:
        model.build((None, *shape))
    return model


def units(name: str, output: tuple, classes: int) -> int:
    """Check and count the numbers that a model returns for an example.

    Args:
        name: of the model.
        output: shape of its output, batch first.
        classes: of the data.

    Raises:
        InputError: they are not one a class (one alone will do for two classes).

    Example:
        >>> units("mine:net", (None, 1), 2)
        1
    """
    if len(output) != 2 or not all(isinstance(size, int) for size in output[1:]):
        raise InputError(f"model '{name}': wanted one output, a row of numbers an example; its output is {output}")
    if output[1] != classes and not (classes == 2 and output[1] == 1):
        raise InputError(f"model '{name}': its output has {output[1]} units, the data {classes} classes")
    return output[1]


class Logits(keras.Model):
    """Wraps a model of probabilities so that it returns logits: log p, or log p - log(1 - p) of one probability."""

    def __init__(self, inner: keras.Model) -> None:
        super().__init__()
        self.inner = inner

    @property
    def layers(self) -> list[keras.Layer]:
        """The layers of the wrapped model."""
        return self.inner.layers

    def call(self, inputs, training=False):
        """Return logits whose softmax or sigmoid equals the model's probabilities."""
        p = tf.clip_by_value(tf.cast(self.inner(inputs, training=training), tf.float32), 1e-30, 1.0)
        return tf.math.log(p) if p.shape[-1] > 1 else tf.math.log(p) - tf.math.log1p(-tf.minimum(p, 1 - 1e-7))


def subclassed(model: keras.Model) -> bool:
    """Whether a model is neither functional nor Sequential."""
    return not isinstance(model, keras.Sequential) and not hasattr(model, "_run_through_graph")


def opaque(model: keras.Model, shape: tuple[int, ...]) -> tuple[keras.Model, tuple]:
    """Build a subclassed model, make it return logits, and give its layers canonical names.

    A softmax or sigmoid of the output layer is removed; one inside ``call`` itself is undone by a logarithm.

    Args:
        model: a subclassed model.
        shape: of an example.

    Returns:
        The model, and the shape of its output for a few examples.

    Raises:
        InputError: it cannot be called on a batch of examples.
    """
    x = np.random.default_rng(0).random((SAMPLE, *shape), np.float32)
    out = _called(model, x)
    model.name = "model"
    number(model)
    if out.ndim != 2:
        return model, out.shape
    squash = keras.activations.sigmoid if out.shape[1] == 1 else keras.activations.softmax
    for layer in reversed(model._flatten_layers(include_self=False)):
        if getattr(layer, "activation", None) is squash:
            layer.activation = keras.activations.linear
            if np.allclose(squash(tf.constant(_called(model, x))), out, atol=1e-5):
                return model, out.shape
            layer.activation = squash
    probabilities = np.all((out >= 0) & (out <= 1)) and (out.shape[1] == 1 or np.allclose(out.sum(axis=1), 1, atol=1e-4))
    return Logits(model) if probabilities else model, out.shape


def _called(model: keras.Model, x: np.ndarray) -> np.ndarray:
    try:
        return np.asarray(model(x, training=False))
    except Exception as error:  # whatever the user's code raises is the user's to mend
        raise InputError(f"model '{type(model).__name__}' cannot be called on images {list(x.shape)}: "
                         f"{' '.join(str(error).split())[:200]}") from error


def number(model: keras.Model, prefix: str = "") -> None:
    """Name the layers within a model, and those within them, by their place: ``block_2.conv2d_1``.

    Keras' own names depend on what was built in the process before; these do not.
    """
    for layer, name in numbered(model._flatten_layers(include_self=False, recursive=False)):
        layer.name = f"{prefix}{name}"
        number(layer, f"{layer.name}.")
