"""Layers and penalties whose strengths are variables, so that one traced program serves every strength."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf


def dropout(x: tf.Tensor, rate: tf.Tensor | float, seed: tf.Tensor, shared: Sequence[int] = ()) -> tf.Tensor:
    """Zero values with probability ``rate`` and scale the rest by 1/(1-rate): mean 1 and variance rate/(1-rate) of the mask.

    Args:
        x: [b, ...].
        rate: in [0, 1).
        seed: int [2]; the mask is a function of it and the shape alone.
        shared: axes along which the mask is the same: ``(1, 2)`` drops whole feature maps, all but 0 whole examples.
    """
    shape = tf.shape(x)
    noise = tf.stack([1 if axis in shared else shape[axis] for axis in range(len(x.shape))]) if shared else shape
    kept = tf.random.stateless_uniform(noise, seed) >= rate
    return tf.where(kept, x / tf.cast(1 - rate, x.dtype), tf.zeros((), x.dtype))


class Dropout(keras.layers.Dropout):
    """Keras' dropout with its rate in a variable.

    Source: N. Srivastava et al., "Dropout", 2014, https://jmlr.org/papers/v15/srivastava14a.html.
    """

    shared: tuple[int, ...] = ()

    def __init__(self, strength: tf.Variable, **kwargs) -> None:
        super().__init__(0.5, **kwargs)
        self._strength = [strength]  # in a list, so that Keras does not count it among the layer's weights

    def call(self, inputs, training=False):
        """Drop units in training; the identity otherwise."""
        if not training:
            return inputs
        return dropout(inputs, self._strength[0], self._next_seed(), self.shared)

    def _next_seed(self) -> tf.Tensor:
        return tf.cast(self.seed_generator.next(), tf.int64)


class SpatialDropout(Dropout):
    """Dropout of whole feature maps.

    Source: J. Tompson et al., "Efficient object localization using convolutional networks", 2015,
    https://arxiv.org/abs/1411.4280.
    """

    shared = (1, 2)


class StochasticDepth(Dropout):
    """Dropout of an example's whole residual branch, with a share of the rate that grows with depth.

    Source: G. Huang et al., "Deep networks with stochastic depth", 2016, https://arxiv.org/abs/1603.09382.
    """

    def __init__(self, strength: tf.Variable, share: float, **kwargs) -> None:
        super().__init__(strength, **kwargs)
        self.share = share

    def call(self, inputs, training=False):
        """Drop examples' branches in training; the identity otherwise."""
        if not training:
            return inputs
        return dropout(inputs, self.share * self._strength[0], self._next_seed(), range(1, len(inputs.shape)))


class SpecAugment(keras.layers.Layer):
    """Sets random bands of frequency and stretches of time of a spectrogram to its mean, in training.

    Args:
        time, frequency: variables; the longest stretch as a share of the frames, and the widest band as a share of the bands.
        masks: of each kind.

    Source: D. S. Park et al., "SpecAugment: a simple data augmentation method for automatic speech recognition", 2019,
    https://arxiv.org/abs/1904.08779.
    """

    def __init__(self, time: tf.Variable, frequency: tf.Variable, masks: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.masks, self.seed_generator = masks, keras.random.SeedGenerator(0)
        self._strengths = [frequency, time]  # in a list, so that Keras does not count them among the layer's weights

    def call(self, inputs, training=False):
        """Mask [b, bands, frames] in training; the identity otherwise."""
        if not training:
            return inputs
        drawn = tf.random.stateless_uniform([2, 2, tf.shape(inputs)[0], self.masks], tf.cast(self.seed_generator.next(), tf.int64))
        hidden = [stretches(draws, tf.shape(inputs)[axis], most) for draws, axis, most in zip(tf.unstack(drawn), (1, 2), self._strengths)]
        mean = tf.cast(tf.reduce_mean(tf.cast(inputs, tf.float32), axis=(1, 2), keepdims=True), inputs.dtype)
        return tf.where(hidden[0][:, :, None] | hidden[1][:, None, :], mean, inputs)

    def compute_output_shape(self, input_shape):
        """The shape of the input."""
        return input_shape


def stretches(drawn: tf.Tensor, places: tf.Tensor | int, most: tf.Tensor | float) -> tf.Tensor:
    """Which places of an axis lie in any of an example's stretches: of uniform length from 0 to ``most``, each anywhere that it fits.

    Args:
        drawn: [2, b, masks] uniform numbers in [0, 1): for the length, and for the first place.
        places: of the axis.
        most: the longest stretch, as a share of the places.

    Returns:
        bool [b, places].

    Example:
        >>> stretches(tf.constant([[[0.9]], [[0.5]]]), 6, 0.5)[0].numpy().astype(int).tolist()
        [0, 0, 1, 1, 1, 0]
    """
    size = tf.cast(places, tf.float32)
    length = tf.floor(drawn[0] * (tf.floor(most * size) + 1))
    first = tf.floor(drawn[1] * (size - length + 1))
    place = tf.cast(tf.range(places), tf.float32)
    return tf.reduce_any((place >= first[..., None]) & (place < (first + length)[..., None]), axis=1)


class Penalty(keras.regularizers.Regularizer):
    """l1·Σ|w| + l2·Σw², beside a penalty that the model already had.

    Args:
        l1, l2: variables, or None where the term is absent.
        own: the model's own regularizer of the same weight.
    """

    def __init__(self, l1: tf.Variable | None, l2: tf.Variable | None, own: keras.regularizers.Regularizer | None) -> None:
        self.l1, self.l2, self.own = l1, l2, own

    def __call__(self, x):
        """The penalty of one weight, a scalar."""
        terms = [self.own(x)] if self.own is not None else []
        if self.l1 is not None:
            terms.append(self.l1 * tf.reduce_sum(tf.abs(x)))
        if self.l2 is not None:
            terms.append(self.l2 * tf.reduce_sum(tf.square(x)))
        return tf.add_n(terms)


def log_odds(p: tf.Tensor, squash: str = "softmax") -> tf.Tensor:
    """Return the logits of probabilities [b, units]: log p of a softmax, log p - log(1 - p) of one unit or of sigmoids.

    p below 1e-30 counts as 1e-30.
    """
    p = tf.maximum(tf.cast(p, tf.float32), 1e-30)
    if squash == "softmax" and p.shape[-1] > 1:
        return tf.math.log(p)
    return tf.math.log(tf.minimum(p, 1.0)) - tf.math.log1p(-tf.minimum(p, 1 - 1e-7))


class LogProbabilities(keras.layers.Layer):
    """Turns probabilities into logits whose softmax or sigmoid they are."""

    SQUASH = "softmax"

    def call(self, inputs):
        """See :func:`log_odds`."""
        return log_odds(inputs, self.SQUASH)

    def compute_output_shape(self, input_shape):
        """The shape of the input."""
        return input_shape


class LogOdds(LogProbabilities):
    """Turns the probability of each label into the logit whose sigmoid it is."""

    SQUASH = "sigmoid"
