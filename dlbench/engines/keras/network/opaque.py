"""Models whose layers cannot be changed from outside: subclasses of ``keras.Model`` with a ``call`` of their own.

They train like any other; only what replaces or inserts layers does not apply to them.
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from dlbench.engines.keras.network.anatomy import kind_of
from dlbench.values.errors import InputError

SAMPLE = 16
"""Random examples on which the output of a model is looked at."""


class Logits(keras.Model):
    """A model of probabilities, its output turned into logits: log p, or log p - log(1 - p) of one probability."""

    def __init__(self, inner: keras.Model) -> None:
        super().__init__()
        self.inner = inner

    @property
    def layers(self) -> list[keras.Layer]:
        """The layers of the model inside."""
        return self.inner.layers

    def call(self, inputs, training=False):
        """Logits, whose softmax or sigmoid are the model's probabilities."""
        p = tf.clip_by_value(tf.cast(self.inner(inputs, training=training), tf.float32), 1e-30, 1.0)
        return tf.math.log(p) if p.shape[-1] > 1 else tf.math.log(p) - tf.math.log1p(-tf.minimum(p, 1 - 1e-7))


def subclassed(model: keras.Model) -> bool:
    """Whether a model is neither functional nor Sequential."""
    return not isinstance(model, keras.Sequential) and not hasattr(model, "_run_through_graph")


def opaque(model: keras.Model, shape: tuple[int, ...]) -> tuple[keras.Model, tuple]:
    """The built model, its output turned into logits, with canonical names for its layers.

    Where the last layer that squashes (softmax or sigmoid) is the model's output, its activation is taken off; a softmax inside
    ``call`` itself is undone by a logarithm.

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
    return Logits(model) if _probabilities(out) else model, out.shape


def _called(model: keras.Model, x: np.ndarray) -> np.ndarray:
    try:
        return np.asarray(model(x, training=False))
    except Exception as error:  # whatever the user's code raises is the user's to mend
        raise InputError(f"model '{type(model).__name__}' cannot be called on images {list(x.shape)}: "
                         f"{' '.join(str(error).split())[:200]}") from error


def _probabilities(out: np.ndarray) -> bool:
    inside = bool(np.all((out >= 0) & (out <= 1)))
    return inside and (out.shape[1] == 1 or bool(np.allclose(out.sum(axis=1), 1, atol=1e-4)))


def number(model: keras.Model, prefix: str = "") -> None:
    """Name the layers within a model, and those within them, by their place: ``block_2.conv2d_1``.

    Keras' own names count what was built in the process before; these are the same in every process.
    """
    counts: dict[str, int] = {}
    for layer in model._flatten_layers(include_self=False, recursive=False):
        kind = kind_of(layer)
        counts[kind] = counts.get(kind, 0) + 1
        layer.name = f"{prefix}{kind}_{counts[kind]}"
        number(layer, f"{layer.name}.")
