"""Noise that is added to gradients, less with each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import tensorflow as tf


class GradientNoise:
    """Adds Gaussian noise of mean 0 and variance η / (1 + t)^γ to each number of the gradients, t = 0 in the first step.

    The noise is a function of the start, the step and the place of a gradient in the list.

    Args:
        numbers: recipe field -> variable that holds its value, among them η and γ.

    Example:
        >>> noise = GradientNoise({"training.gradient_noise": tf.constant(1.0), "training.gradient_noise_decay": tf.constant(2.0)})
        >>> (first,), (second,) = noise([tf.zeros(1000)]), noise([tf.zeros(1000)])
        >>> round(float(tf.math.reduce_std(first)), 1), round(float(tf.math.reduce_std(second)), 1)
        (1.0, 0.5)

    Source: A. Neelakantan, L. Vilnis, Q. V. Le, I. Sutskever, L. Kaiser, K. Kurach, J. Martens, "Adding gradient noise improves learning
    for very deep networks", 2015, https://arxiv.org/abs/1511.06807.
    """

    def __init__(self, numbers: Mapping[str, tf.Variable]) -> None:
        self._scale, self._decay = numbers["training.gradient_noise"], numbers["training.gradient_noise_decay"]
        self._state = tf.Variable(tf.zeros([2], tf.int64), trainable=False)

    def reset(self, start: int) -> None:
        """Return to the first step of a run, whose noise follows from the start."""
        self._state.assign([start // 2, 0])  # so that the place of a gradient can be added

    def __call__(self, gradients: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Return the gradients with noise, and go on to the next step."""
        start, step = tf.unstack(self._state)
        deviation = tf.sqrt(self._scale * tf.pow(1 + tf.cast(step, tf.float32), -self._decay))
        self._state.assign_add([0, 1])
        dense = [tf.convert_to_tensor(gradient) for gradient in gradients]
        drawn = (tf.random.stateless_normal(tf.shape(gradient), tf.stack([start + place, step]), alg="philox")
                 for place, gradient in enumerate(dense))
        return [gradient + deviation * noise for gradient, noise in zip(dense, drawn)]
