"""The reference loop: plain Keras ``fit`` on the same batches, with Keras' own penalties, losses and optimizers."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from dlbench.engines.keras.data.batches import Epoch, Inputs, Labels, batch
from dlbench.engines.keras.data.ondisk import Images, OnDisk
from dlbench.engines.keras.loop.noise import GradientNoise
from dlbench.engines.keras.loop.optimizers import KERAS
from dlbench.engines.keras.loop.program import Program, Tally
from dlbench.engines.keras.network.network import Network, holds
from dlbench.values.recipe import Recipe
from dlbench.values.record import FIT_NOT_WATCHED, Unproven


class _Steps(keras.callbacks.Callback):
    """Sets the learning rate before each step, and takes the proximal L1 step on some kernels after it."""

    def __init__(self, rates: np.ndarray, l1: float, kernels: list) -> None:
        super().__init__()
        self.rates, self.l1, self.kernels = rates, l1, kernels

    def on_train_batch_begin(self, batch, logs=None):
        """Called by Keras."""
        self.model.optimizer.learning_rate.assign(self.rates[batch])

    def on_train_batch_end(self, batch, logs=None):
        """Called by Keras."""
        for kernel in self.kernels:
            value = kernel.numpy()
            kernel.assign(np.sign(value) * np.maximum(np.abs(value) - self.rates[batch] * self.l1, 0))


class KerasProgram(Program):
    """Trains with Keras' own ``fit``: slower than the compiled loop, and a reference for it."""

    def __init__(self, recipe: Recipe, shape: tuple[int, int, int], classes: int) -> None:
        super().__init__(recipe, shape, classes)
        self.classes = classes

    def trace(self, x: Images) -> None:
        """Trace scoring alone: Keras traces its own step on the first call of ``fit``."""
        self.trace_score(x)

    def reset(self, recipe: Recipe, seed: int) -> None:
        """Reset weights and streams as the compiled loop does, then call Keras' ``compile``."""
        super().reset(recipe, seed)
        self.recipe = recipe
        _penalise(self.network, recipe)
        optimizer = KERAS[recipe.training.optimizer]()
        kind = type(optimizer) if self.step.noise is None else _noisy(type(optimizer), self.step.noise)
        optimizer = kind.from_config({**optimizer.get_config(), **_options(recipe)})
        if recipe.regularization.weight_decay:
            kernels = self.network.kernels["all"]
            optimizer.exclude_from_weight_decay([w for w in self.model.trainable_variables if not holds(kernels, w)])
        focal = {"gamma": recipe.imbalance.focal_gamma} if recipe.imbalance.focal_gamma else {}
        self.model.compile(optimizer, self.task.keras_loss(self.network.units, recipe.regularization.label_smoothing, **focal),
                           metrics=[self.task.keras_metric()], jit_compile=True if recipe.training.xla else "auto")

    def train(self, x: Images, y: tf.Tensor, inputs: Inputs, epoch: Epoch, batch_size: int) -> Tally:
        """Call ``fit`` once on the epoch's examples in the epoch's order."""
        if isinstance(x, OnDisk):
            every = slice(0, len(epoch.order))
            rows, epoch = epoch.consumed(every), epoch.part(every, batch_size)
            x, y = tf.constant(x.read(rows)), tf.gather(y, rows)
        scaling = (inputs.scale, inputs.offset, inputs.span)
        images, labels = batch(self.acting, (x, y), scaling, tf.constant(epoch.rows), epoch.drawn())
        target, weights = self._towards(labels)
        terms = self.recipe.regularization
        kernels = self.network.kernels[terms.l1_scope] if terms.l1 and terms.l1_form == "proximal" else []
        history = self.model.fit(self._ordered(images), target, batch_size=batch_size, epochs=1, shuffle=False, verbose=0,
                                 sample_weight=weights, callbacks=[_Steps(epoch.rates, terms.l1, kernels)]).history
        return Tally(history["loss"][0] * len(epoch.order), history[self.task.KERAS_METRIC][0] * len(epoch.order), 0.0)

    def _towards(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Return the targets of a batch, and the weight of each; a mixed target of two weights is their weighted mean, with their sum."""
        own = self._target(labels.targets)
        if labels.partner_targets is None or labels.share is None:
            return own, labels.weights
        partner, share = self._target(labels.partner_targets), labels.share[:, None]
        if labels.weights is None or labels.partner_weights is None:
            return share * own + (1 - share) * partner, None
        weights = labels.mixed(labels.weights, labels.partner_weights)
        part = share * labels.weights[:, None] / weights[:, None]
        return part * own + (1 - part) * partner, weights

    def _target(self, targets: tf.Tensor) -> tf.Tensor:
        return self.task.keras_targets(targets, self.network.units, self.classes)

    def global_draws(self) -> Unproven:
        """Prove nothing, because Keras' own step is not watched."""
        return FIT_NOT_WATCHED


class _Within(keras.constraints.MaxNorm):
    """Limits the norm of the weights into each unit, after the constraint that the model's own code puts on them."""

    def __init__(self, limit: float, own: Callable | None) -> None:
        super().__init__(limit)
        self.own = own

    def __call__(self, weights: keras.Variable) -> tf.Tensor:
        """Called by Keras."""
        self.axis = list(range(len(weights.shape) - 1))
        return super().__call__(weights if self.own is None else self.own(weights))


def _noisy(kind: type[keras.optimizers.Optimizer], noise: GradientNoise) -> type[keras.optimizers.Optimizer]:
    """Return the kind of optimizer that adds noise to gradients once they are clipped."""
    def with_noise(optimizer: keras.optimizers.Optimizer, gradients: list[tf.Tensor]) -> list[tf.Tensor]:
        return noise(kind._clip_gradients(optimizer, gradients))

    return type(kind.__name__, (kind,), {"_clip_gradients": with_noise})


def _options(recipe: Recipe) -> dict[str, float]:
    options = {"global_clipnorm": recipe.training.clip_norm, "weight_decay": recipe.regularization.weight_decay or None}
    return {name: value for name, value in options.items() if value is not None}


def _penalise(network: Network, recipe: Recipe) -> None:
    terms = recipe.regularization
    for kernel in network.kernels["all"]:
        l1 = terms.l1 if terms.l1_form == "subgradient" and holds(network.kernels[terms.l1_scope], kernel) else 0.0
        l2 = terms.l2 if holds(network.kernels[terms.l2_scope], kernel) else 0.0
        if l1 or l2:
            kernel.regularizer = keras.regularizers.L1L2(l1, l2)
        if terms.max_norm:
            kernel.constraint = _Within(terms.max_norm, getattr(kernel.constraint, "own", kernel.constraint))
