"""What dropout layers compute, as plain tensor functions."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf


def dropout(x: tf.Tensor, rate: tf.Tensor | float, seed: tf.Tensor, shared: Sequence[int] = ()) -> tf.Tensor:
    """Zero values with probability ``rate`` and scale the rest by 1/(1-rate): mean 1 and variance rate/(1-rate) of the mask.

    Args:
        x: [b, ...].
        rate: in [0, 1).
        seed: int [2]; the mask is a function of it and the shape alone.
        shared: axes along which the mask is the same: ``(1, 2)`` drops whole feature maps, all but 0 whole examples.

    Source: N. Srivastava et al., "Dropout", 2014, https://jmlr.org/papers/v15/srivastava14a.html.
    """
    shape = tf.shape(x)
    noise = tf.stack([1 if axis in shared else shape[axis] for axis in range(len(x.shape))]) if shared else shape
    kept = tf.random.stateless_uniform(noise, seed) >= rate
    return tf.where(kept, x / tf.cast(1 - rate, x.dtype), tf.zeros((), x.dtype))


def stochastic_depth(x: tf.Tensor, rate: tf.Tensor | float, seed: tf.Tensor) -> tf.Tensor:
    """Drop the residual branch x [b, ...] of whole examples; the rest is scaled by 1/(1-rate), so that its mean stays.

    Source: G. Huang et al., "Deep networks with stochastic depth", 2016, https://arxiv.org/abs/1603.09382.
    """
    return dropout(x, rate, seed, tuple(range(1, len(x.shape))))
