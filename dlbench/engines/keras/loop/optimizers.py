"""Update rules: one fused TensorFlow operation a weight where there is one, else Keras' own optimizer.

Starting operations takes most of the time of a small network's step, and Keras' Adam starts twelve a weight.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

KERAS = {
    "sgd": keras.optimizers.SGD,
    "momentum": lambda: keras.optimizers.SGD(momentum=0.9),
    "nesterov": lambda: keras.optimizers.SGD(momentum=0.9, nesterov=True),
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
    "lion": keras.optimizers.Lion,
}
"""Kind -> Keras' optimizer, whose default numbers hold for the fused rules too."""


class Keras:
    """Applies Keras' own optimizer.

    Args:
        kind: a key of :data:`KERAS`, or an optimizer.
        weights: what it will update.
    """

    def __init__(self, kind: str | keras.optimizers.Optimizer, weights: Sequence[keras.Variable]) -> None:
        self.optimizer = KERAS[kind]() if isinstance(kind, str) else kind
        self.optimizer.build(weights)
        self.weights, self.variables = weights, self.optimizer.variables

    def apply(self, gradients: Sequence[tf.Tensor], rate: tf.Tensor) -> None:
        """Update the weights in place."""
        self.optimizer.learning_rate.assign(rate)
        self.optimizer.apply(gradients, self.weights)


class Descent:
    """Stochastic gradient descent: w ← w - ηg."""

    slots = 0

    def __init__(self, kind: str, weights: Sequence[keras.Variable]) -> None:
        self.numbers, self.weights = KERAS[kind]().get_config(), weights
        self.state = [[tf.Variable(tf.zeros(weight.shape), trainable=False) for _ in range(self.slots)] for weight in weights]
        self.variables = [slot for slots in self.state for slot in slots]

    def apply(self, gradients: Sequence[tf.Tensor], rate: tf.Tensor) -> None:
        """Update the weights in place, and bring those back within their constraint that have one, as Keras' optimizers do."""
        for weight, slots, gradient in zip(self.weights, self.state, gradients):
            self.update(weight.value.handle, [slot.handle for slot in slots], gradient, rate)
            if weight.constraint is not None:
                weight.assign(weight.constraint(weight))

    def update(self, weight, slots, gradient, rate) -> None:
        """Update one weight."""
        tf.raw_ops.ResourceApplyGradientDescent(var=weight, alpha=rate, delta=gradient)


class Momentum(Descent):
    """v ← μv - ηg; w ← w + v, or with Nesterov's look ahead w ← w + μv - ηg.

    Source: Y. Nesterov, "A method for solving the convex programming problem with convergence rate O(1/k²)", 1983;
    in this form I. Sutskever, J. Martens, G. Dahl, G. Hinton, "On the importance of initialization and momentum in deep
    learning", 2013, https://proceedings.mlr.press/v28/sutskever13.html.
    """

    slots = 1

    def update(self, weight, slots, gradient, rate) -> None:
        tf.raw_ops.ResourceApplyKerasMomentum(var=weight, accum=slots[0], lr=rate, grad=gradient,
                                              momentum=self.numbers["momentum"], use_nesterov=self.numbers["nesterov"])


class RMSprop(Descent):
    """s ← ρs + (1-ρ)g²; w ← w - ηg/√(s+ε).

    Source: T. Tieleman, G. Hinton, "Lecture 6.5: rmsprop", 2012,
    https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf.
    """

    slots = 2

    def update(self, weight, slots, gradient, rate) -> None:
        tf.raw_ops.ResourceApplyRMSProp(var=weight, ms=slots[0], mom=slots[1], lr=rate, rho=self.numbers["rho"], momentum=0.0,
                                        epsilon=self.numbers["epsilon"], grad=gradient)


class Adam(Descent):
    """m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²; w ← w - η√(1-β₂ᵗ)/(1-β₁ᵗ) · m/(√v + ε).

    Source: D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", 2015, https://arxiv.org/abs/1412.6980.
    """

    slots = 2

    def __init__(self, kind: str, weights: Sequence[keras.Variable]) -> None:
        super().__init__(kind, weights)
        self.step = tf.Variable(0.0, trainable=False)
        self.variables = [self.step, *self.variables]

    def apply(self, gradients: Sequence[tf.Tensor], rate: tf.Tensor) -> None:
        step = self.step.assign_add(1.0)
        self.powers = [tf.pow(self.numbers[name], step) for name in ("beta_1", "beta_2")]
        super().apply(gradients, rate)

    def update(self, weight, slots, gradient, rate) -> None:
        tf.raw_ops.ResourceApplyAdam(var=weight, m=slots[0], v=slots[1], beta1_power=self.powers[0], beta2_power=self.powers[1],
                                     lr=rate, beta1=self.numbers["beta_1"], beta2=self.numbers["beta_2"],
                                     epsilon=self.numbers["epsilon"], grad=gradient)


FUSED = {"sgd": Descent, "momentum": Momentum, "nesterov": Momentum, "rmsprop": RMSprop, "adam": Adam}


def rule(kind: str | keras.optimizers.Optimizer, weights: Sequence[keras.Variable]) -> Keras | Descent:
    """Make the update rule of a kind or of an optimizer; its ``variables`` hold its state."""
    return (FUSED.get(kind, Keras) if isinstance(kind, str) else Keras)(kind, weights)
