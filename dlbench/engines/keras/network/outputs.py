"""How a model's output becomes logits: the way is found by looking at what the model returns."""

from __future__ import annotations

from enum import StrEnum

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
    AS_IS = "as it is"


def probabilities(out: np.ndarray) -> bool:
    """Return whether outputs [n, units] are probabilities: none negative, rows that sum to 1, or one unit within [0, 1].

    Example:
        >>> probabilities(np.array([[0.2, 0.8], [0.5, 0.5]])), probabilities(np.array([[-1.0, 2.0]])), probabilities(np.array([[0.3]]))
        (True, False, True)
    """
    within = bool(np.all((out >= 0) & (out <= 1 + 1e-4)))
    return within and (out.shape[1] == 1 or np.allclose(out.sum(axis=1), 1, atol=1e-3))


def squashed(logits: np.ndarray) -> np.ndarray:
    """Return the probabilities of logits [n, units]: the sigmoid of one unit, the softmax of several."""
    squash = keras.activations.sigmoid if logits.shape[1] == 1 else keras.activations.softmax
    return np.asarray(squash(keras.ops.convert_to_tensor(logits)))


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
