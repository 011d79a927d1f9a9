"""What layers compute, as plain tensor functions; :mod:`dlbench.kernels.reference_layers` has the same in numpy."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from dlbench.kernels.reference_layers import norm_axes


def separable_conv(x: tf.Tensor, depthwise: tf.Tensor, pointwise: tf.Tensor, padding: str = "SAME") -> tf.Tensor:
    """A filter for each channel, then a mix of the channels at each place.

    It equals a dense convolution with W[h, w, c, o] = Σ_m depthwise[h, w, c, m]·pointwise[c·M + m, o], at 1/N + 1/k² of its cost.

    Args:
        x: [b, H, W, C].
        depthwise: [k, k, C, M].
        pointwise: [C·M, N].
        padding: ``SAME`` or ``VALID``.

    Returns:
        [b, H', W', N].

    Source: F. Chollet, "Xception: deep learning with depthwise separable convolutions", 2017, https://arxiv.org/abs/1610.02357.
    """
    if x.shape[0] == 0:  # oneDNN's depthwise convolution gives an empty batch the wrong shape
        cut = 0 if padding == "SAME" else depthwise.shape[0] - 1
        return tf.zeros([0, x.shape[1] - cut, x.shape[2] - cut, pointwise.shape[1]], x.dtype)
    return tf.nn.conv2d(tf.nn.depthwise_conv2d(x, depthwise, [1, 1, 1, 1], padding), pointwise[None, None], 1, "VALID")


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


def spatial_dropout(x: tf.Tensor, rate: tf.Tensor | float, seed: tf.Tensor) -> tf.Tensor:
    """Dropout of whole feature maps of x [b, H, W, C].

    Source: J. Tompson et al., "Efficient object localization using convolutional networks", 2015, https://arxiv.org/abs/1411.4280.
    """
    return dropout(x, rate, seed, (1, 2))


def stochastic_depth(x: tf.Tensor, rate: tf.Tensor | float, seed: tf.Tensor) -> tf.Tensor:
    """Drop the residual branch x [b, ...] of whole examples; the rest is scaled by 1/(1-rate), so that its mean stays.

    Source: G. Huang et al., "Deep networks with stochastic depth", 2016, https://arxiv.org/abs/1603.09382.
    """
    return dropout(x, rate, seed, tuple(range(1, len(x.shape))))


def normalize(x: tf.Tensor, kind: str, gamma: tf.Tensor, beta: tf.Tensor, groups: int = 1) -> tf.Tensor:
    """(x - mean) / sqrt(variance + 1e-5) · gamma + beta, over the batch and places, or for each example.

    Args:
        x: [b, H, W, C].
        kind: ``batch`` over batch and places; ``layer`` over channels; ``layer_all`` over places and channels;
            ``instance`` over places; ``group`` over places and the channels of a group.
        gamma, beta: [C].
        groups: of ``group``; divides C.

    Source: S. Ioffe, C. Szegedy, 2015, https://arxiv.org/abs/1502.03167; J. L. Ba et al., 2016,
    https://arxiv.org/abs/1607.06450; D. Ulyanov et al., 2016, https://arxiv.org/abs/1607.08022; Y. Wu, K. He, 2018,
    https://arxiv.org/abs/1803.08494.
    """
    if kind in ("batch", "layer"):
        mean, variance = tf.nn.moments(x, norm_axes(kind), keepdims=True)
    else:
        mean, variance = _group_moments(x, {"instance": x.shape[3], "layer_all": 1, "group": groups}[kind])
    scale = gamma * tf.math.rsqrt(variance + 1e-5)
    return x * scale + (beta - mean * scale)


def _group_moments(x: tf.Tensor, groups: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Mean and variance [b, 1, 1, C] over the places and the channels of a group, from those of each feature map."""
    mean, variance = tf.nn.moments(x, [1, 2])
    if groups == x.shape[3]:
        return mean[:, None, None], variance[:, None, None]
    size = x.shape[3] // groups
    maps = tf.reshape(mean, [-1, groups, size])
    centre = tf.reduce_mean(maps, 2, keepdims=True)
    spread = tf.reduce_mean(tf.reshape(variance, [-1, groups, size]) + tf.square(maps - centre), 2)
    return tuple(tf.repeat(part, size, axis=1)[:, None, None] for part in (centre[:, :, 0], spread))


def penalty(kernels: Sequence[tf.Tensor], l1: tf.Tensor | float, l2: tf.Tensor | float) -> tf.Tensor:
    """l1·Σ|w| + l2·Σw² over all kernels: no ½, so the gradient of the second term is 2·l2·w.

    Example:
        >>> float(penalty([tf.constant([1.0, -2.0])], 0.5, 0.25))
        2.75
    """
    terms = [l1 * tf.reduce_sum(tf.abs(w)) + l2 * tf.reduce_sum(tf.square(w)) for w in kernels]
    return tf.add_n(terms)
