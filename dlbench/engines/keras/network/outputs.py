"""How a model's output becomes logits: the way is found by looking at what the model returns."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlbench.values.errors import InputError
from dlbench.values.text import plural

EXAMPLES = 16


class Head(StrEnum):
    """What is done to the output of a model so that it is logits."""

    WITHOUT_SQUASH = "without its last softmax or sigmoid"
    LOGARITHM = "through a logarithm, since it is probabilities"
    LOG_ODDS = "through log odds, since it is a probability of each label"
    AS_IS = "as it is"


UNDONE = {"softmax": Head.LOGARITHM, "sigmoid": Head.LOG_ODDS}
"""What gives probabilities, see :class:`dlbench.engines.keras.tasks.Answering` -> what makes them logits."""


def probabilities(out: np.ndarray, squash: str = "softmax") -> bool:
    """Return whether outputs [n, units] are probabilities: within [0, 1], and rows that sum to 1 unless a sigmoid gives each, or one unit.

    Example:
        >>> probabilities(np.array([[0.2, 0.8], [0.5, 0.5]])), probabilities(np.array([[-1.0, 2.0]])), probabilities(np.array([[0.3]]))
        (True, False, True)
    """
    within = bool(np.all((out >= 0) & (out <= 1 + 1e-4)))
    return within and (out.shape[1] == 1 or squash == "sigmoid" or np.allclose(out.sum(axis=1), 1, atol=1e-3))


def activation(squash: str, units: int) -> Callable[[Any], Any]:
    """Return what turns logits into probabilities: the sigmoid of one unit, else what ``squash`` says."""
    return keras.activations.sigmoid if units == 1 or squash == "sigmoid" else keras.activations.softmax


def squashed(logits: np.ndarray, squash: str = "softmax") -> np.ndarray:
    """Return the probabilities of logits [n, units]."""
    return np.asarray(activation(squash, logits.shape[1])(keras.ops.convert_to_tensor(logits)))


def demand_independent(name: str, out: np.ndarray, squash: str) -> None:
    """Refuse outputs of which one label takes away from another, where each should have a probability of its own.

    Raises:
        InputError: they are those of a softmax.
    """
    if squash == "sigmoid" and out.ndim == 2 and out.shape[1] > 1 and probabilities(out):
        raise InputError(f"model '{name}': its output is a softmax over {out.shape[1]} labels, as if an example had one of them; accepted: "
                         "sigmoid, or no activation")


def called(model: keras.Model, x: np.ndarray, training: bool) -> np.ndarray:
    """Return what a model of one output gives for examples, float32.

    Raises:
        InputError: it raises, whatever it is: that is the user's to mend; or it gives another number of rows.
    """
    try:
        given = model(tf.constant(x), training=training)
    except Exception as error:
        raise InputError(f"the model cannot be called in {'training' if training else 'inference'}: "
                         f"{' '.join(str(error).split())[:200]}") from error
    if isinstance(given, dict):
        raise InputError(f"the model returns a dict of {plural(len(given), 'output')}; accepted: one output, a row of numbers an example")
    out = np.asarray(keras.tree.flatten(given)[0], np.float32)
    if len(out) != len(x):
        raise InputError(f"the model returns {len(out)} rows for {len(x)} examples; accepted: one row an example")
    return out


def examples(model: keras.Model, shape: tuple[int, ...], count: int = EXAMPLES) -> np.ndarray:
    """Return random inputs for a model, a third each in [0, 1], [0, 255] and [0, 0.01]; word numbers where it begins with an embedding.

    Large values show what small ones hide, and small ones keep a softmax or sigmoid from its ends, where many functions look alike.

    Args:
        model: its layers are looked at.
        shape: of an example.
        count: of examples.

    Returns:
        [count, *shape].
    """
    draws = np.random.default_rng(0)
    vocabularies = [layer.input_dim for layer in model._flatten_layers(recursive=True) if isinstance(layer, keras.layers.Embedding)]
    if vocabularies and len(shape) == 1:
        return draws.integers(0, min(vocabularies), (count, *shape)).astype(np.float32)
    x = draws.random((count, *shape), np.float32)
    x[1::3] *= 255
    x[2::3] *= 0.01
    return x
