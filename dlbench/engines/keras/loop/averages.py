"""Moving averages of weights, and loss scaling for 16-bit gradients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import tensorflow as tf


class Averages:
    """Keeps an exponential moving average of each weight: a ← decay·a + (1-decay)·w, from the weights after the first step on.

    Args:
        weights: to be averaged.

    Example:
        >>> weight = tf.Variable([1.0])
        >>> averages = Averages([weight])
        >>> averages.update(0.5); averages.update(0.5)
        >>> with averages.in_place():
        ...     weight.numpy().tolist()
        [1.0]

    Source: B. T. Polyak, A. B. Juditsky, "Acceleration of stochastic approximation by averaging", 1992,
    https://doi.org/10.1137/0330046.
    """

    def __init__(self, weights: list) -> None:
        self.weights = weights
        self.values = [tf.Variable(tf.zeros(weight.shape), trainable=False) for weight in weights]
        self.begun = tf.Variable(0.0, trainable=False)
        self._trained: list[np.ndarray] | None = None

    def reset(self) -> None:
        """Forget all averages."""
        self.begun.assign(0.0)
        self._trained = None

    def update(self, decay: tf.Tensor | float) -> None:
        """Include the weights after a step."""
        share = decay * self.begun
        for value, weight in zip(self.values, self.weights):
            value.assign(tf.where(share > 0, share * value + (1 - share) * weight, weight))
        self.begun.assign(1.0)

    def adopt(self) -> None:
        """Replace the weights by their averages."""
        if self.begun.numpy():
            for value, weight in zip(self.values, self.weights):
                weight.assign(value)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Replace the weights by their averages within this context."""
        self._trained = [weight.numpy() for weight in self.weights]
        self.adopt()
        yield
        self._give_back(self._trained)
        self._trained = None

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Give the network the weights that are trained within this context, also where their averages are in place."""
        trained, self._trained = self._trained, None
        if trained is None:
            yield
            return
        self._give_back(trained)
        yield
        self.adopt()
        self._trained = trained

    def _give_back(self, trained: list[np.ndarray]) -> None:
        for weight, value in zip(self.weights, trained):
            weight.assign(value)


class LossScale:
    """Scales the loss of a float16 step. The factor halves when a gradient overflows, and doubles after 2,000 steps without overflow.

    Source: P. Micikevicius et al., "Mixed precision training", 2018, https://arxiv.org/abs/1710.03740, section 3.2.
    """

    START, PATIENCE_STEPS = 2.0**15, 2000

    def __init__(self) -> None:
        self.factor = tf.Variable(self.START, trainable=False)
        self.steps = tf.Variable(0, trainable=False)

    def reset(self) -> None:
        """Return to the first factor."""
        self.factor.assign(self.START)
        self.steps.assign(0)

    def down(self, gradients: list[tf.Tensor]) -> tuple[list[tf.Tensor], tf.Tensor]:
        """Return the gradients of the unscaled loss and whether all are finite; adapt the factor."""
        gradients = [gradient / self.factor for gradient in gradients]
        finite = tf.reduce_all([tf.reduce_all(tf.math.is_finite(gradient)) for gradient in gradients])
        steps = tf.where(finite, self.steps + 1, 0)
        grown = steps >= self.PATIENCE_STEPS
        self.factor.assign(tf.where(finite, tf.where(grown, 2.0, 1.0), 0.5) * self.factor)
        self.steps.assign(tf.where(grown, 0, steps))
        return gradients, finite
