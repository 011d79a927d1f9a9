"""What is odd about a model that could be trained all the same: a layer that was never adapted, an output with bounds."""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np
from keras import layers

from dlbench.engines.keras.network.outputs import called, examples, probabilities
from dlbench.values.errors import InputError
from dlbench.values.text import listed

BOUNDED = frozenset({"hard_sigmoid", "hard_tanh", "relu", "relu6", "sigmoid", "soft_sign", "softsign", "tanh"})
"""Activations out of which no number below zero comes, or none above one."""
NEVER_BELOW = frozenset({"elu", "exponential", "gelu", "selu", "silu", "softplus", "swish"})
"""Further ones whose values end at zero or not far below."""


def oddities(model: keras.Model, shape: tuple[int, ...], squash: str = "softmax") -> Iterator[str]:
    """Yield sentences on what keeps a network of classes or labels from learning what it could.

    Args:
        model: as it is trained: its output is logits.
        shape: of an example.
        squash: what makes them probabilities.

    Example:
        >>> stack = [keras.Input((4,)), layers.Normalization(name="n"), layers.Dense(3, "tanh", name="d")]
        >>> for line in oddities(keras.Sequential(stack), (4,)):
        ...     print(line)
        layer 'n' was not adapted, so it changes nothing: call its adapt() where the model is built
        its logits come out of 'd' (tanh), which bounds them, so that no answer can be sure: leave that out, or use softmax
    """
    every = model._flatten_layers(recursive=True, include_self=False)
    if names := [f"'{layer.name}'" for layer in every if isinstance(layer, layers.Normalization) and _unadapted(layer)]:
        yield f"layer {listed(names)} was not adapted, so it changes nothing: call its adapt() where the model is built"
    name, activation = _last(model)
    logits = called(model, examples(model, shape), training=False)
    if logits.ndim == 2 and logits.shape[1] > 1 and squash == "sigmoid" and probabilities(logits, squash):
        yield "a sigmoid is applied to probabilities, so no label is ever less than half likely: leave one sigmoid out"
    elif logits.ndim == 2 and logits.shape[1] > 1 and probabilities(logits):
        least = np.log(np.e + logits.shape[1] - 1) - 1
        yield f"a softmax is applied to probabilities, so the loss cannot fall below {least:.2g}: leave one softmax out"
    elif activation in BOUNDED:
        yield (f"its logits come out of '{name}' ({activation}), which bounds them, so that no answer can be sure: leave that out, or use "
               f"{squash}")


def demand_unbounded(model: keras.Model) -> None:
    """Refuse a network of numbers to predict whose output cannot be any number: targets are scaled to mean 0.

    Raises:
        InputError: it ends in an activation with a bound.

    Example:
        >>> demand_unbounded(keras.Sequential([keras.Input((4,)), layers.Dense(1, "relu", name="d")]))
        Traceback (most recent call last):
        dlbench.values.errors.InputError: its output comes out of 'd' (relu), and targets are scaled to mean 0 ...
    """
    name, activation = _last(model)
    if activation in BOUNDED | NEVER_BELOW:
        raise InputError(f"its output comes out of '{name}' ({activation}), and targets are scaled to mean 0 and standard deviation 1, so "
                         "that it cannot reach many of them; accepted: no activation after the last layer")


def _unadapted(layer: layers.Normalization) -> bool:
    given = getattr(layer, "input_mean", None) is not None or not hasattr(layer, "adapt_mean")
    return not given and not np.any(layer.adapt_mean) and bool(np.all(np.asarray(layer.adapt_variance) == 1))


def _last(model: keras.Model) -> tuple[str, str]:
    """The operation that a model's output comes from, and its activation; empty where it has none, or cannot be told."""
    outputs = getattr(model, "outputs", None) or [None]
    operation = getattr(getattr(outputs[0], "_keras_history", None), "operation", None)
    function = getattr(operation, "activation", None)
    known = getattr(function, "__name__", "") or type(operation).__name__.lower()
    return getattr(operation, "name", ""), "" if known == "linear" else known
