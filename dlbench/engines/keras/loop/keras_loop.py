"""The reference loop: plain Keras ``fit`` on the same batches, with Keras' own penalties, losses and optimizers."""

from __future__ import annotations

import math
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from dlbench.engines.keras.data.batches import Epoch, Inputs, batch
from dlbench.engines.keras.data.ondisk import Images, OnDisk
from dlbench.engines.keras.loop.noise import GradientNoise
from dlbench.engines.keras.loop.optimizers import KERAS
from dlbench.engines.keras.loop.program import Program, Tally
from dlbench.engines.keras.network.network import Network, holds
from dlbench.engines.keras.network.originals import Logits
from dlbench.engines.keras.network.own_compile import OwnCompile
from dlbench.engines.keras.network.own_demands import refusal
from dlbench.values.own_compile import OF_MODEL
from dlbench.values.recipe import Recipe
from dlbench.values.record import FIT_NOT_WATCHED, Unproven
from dlbench.values.text import listed


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


class _Own(keras.losses.Loss):
    """The loss that a model was compiled with, of the logits of the network that is trained."""

    def __init__(self, own: OwnCompile) -> None:
        super().__init__()
        self.own = own

    def __call__(self, y_true: tf.Tensor, y_pred: tf.Tensor, sample_weight: tf.Tensor | None = None) -> tf.Tensor:
        """Called by Keras."""
        return self.own.loss(y_true, y_pred, sample_weight)


class KerasProgram(Program):
    """Trains with Keras' own ``fit``: slower than the compiled loop, and a reference for it.

    A model with a training step of its own is trained by that, as it was compiled.

    Attributes:
        fitted: the model whose ``fit`` is called.
    """

    def __init__(self, recipe: Recipe, shape: tuple[int, int, int], classes: int) -> None:
        super().__init__(recipe, shape, classes)
        self.classes, self.own = classes, self.network.own
        self.steps = self.own.steps if self.own is not None else []
        self.fitted = self.model.inner if self.steps and isinstance(self.model, Logits) else self.model

    def trace(self, x: Images) -> None:
        """Trace scoring alone: Keras traces its own step on the first call of ``fit``."""
        self.trace_score(x)

    def reset(self, recipe: Recipe, seed: int) -> None:
        """Reset weights and streams as the compiled loop does, then call Keras' ``compile``, unless the model has a step of its own."""
        super().reset(recipe, seed)
        self.recipe = recipe
        _penalise(self.network, recipe)
        name, options, noise = recipe.training.optimizer, _options(recipe), self.step.noise
        if self.steps and name == OF_MODEL and not options and noise is None:
            return
        optimizer = self.own.optimizer() if self.own is not None and name == OF_MODEL else KERAS[name]()
        kind = type(optimizer) if noise is None else _noisy(type(optimizer), noise)
        optimizer = kind.from_config({**optimizer.get_config(), **options})
        if recipe.regularization.weight_decay:
            kernels = self.network.kernels["all"]
            optimizer.exclude_from_weight_decay([w for w in self.model.trainable_variables if not holds(kernels, w)])
        if self.steps:
            self.fitted.optimizer = optimizer
        else:
            self.model.compile(optimizer, self._loss(recipe), metrics=[self.task.keras_metric(self.network.units)],
                               jit_compile=True if recipe.training.xla else "auto")

    def _loss(self, recipe: Recipe) -> keras.losses.Loss:
        if self.own is not None and self.own.trained:
            return _Own(self.own)
        focal = {"gamma": recipe.imbalance.focal_gamma} if recipe.imbalance.focal_gamma else {}
        return self.task.keras_loss(self.network.units, recipe.regularization.label_smoothing, **focal)

    def train(self, x: Images, y: tf.Tensor, inputs: Inputs, epoch: Epoch, batch_size: int) -> Tally:
        """Call ``fit`` once on the epoch's examples in the epoch's order."""
        if isinstance(x, OnDisk):
            every = slice(0, len(epoch.order))
            rows, epoch = epoch.consumed(every), epoch.part(every, batch_size)
            x, y = tf.constant(x.read(rows)), tf.gather(y, rows)
        scaling = (inputs.scale, inputs.offset, inputs.span)
        images, labels = batch(self.acting, (x, y), scaling, tf.constant(epoch.rows), epoch.drawn())
        target, weights = labels.blended(self._target)
        terms = self.recipe.regularization
        kernels = self.network.kernels[terms.l1_scope] if terms.l1 and terms.l1_form == "proximal" else []
        history = self.fitted.fit(self._ordered(images), target, batch_size=batch_size, epochs=1, shuffle=False, verbose=0,
                                  sample_weight=weights, callbacks=[_Steps(epoch.rates, terms.l1, kernels)]).history
        if "loss" not in history:
            raise refusal(self.recipe.model.name, f"its own {' and '.join(self.steps)} returns {listed(list(history)) or 'nothing'}",
                          "a dict with the key loss, in which divergence is noticed")
        counted = history.get(self.task.KERAS_METRIC, [math.nan])[0]
        return Tally(history["loss"][0] * len(epoch.order), counted * len(epoch.order), 0.0)

    def _target(self, targets: tf.Tensor) -> tf.Tensor:
        if self.own is not None and self.own.trained:
            return self.own.targets(targets)
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
