"""The training step: the loss, its gradients, and the update of the weights."""

from __future__ import annotations

import copy
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import tensorflow as tf

from dlbench.engines.keras.data.batches import Labels
from dlbench.engines.keras.loop.averages import Averages, LossScale
from dlbench.engines.keras.loop.devices import OneDevice
from dlbench.engines.keras.loop.groups import groups
from dlbench.engines.keras.loop.noise import GradientNoise
from dlbench.engines.keras.network.hooks import Hooked
from dlbench.engines.keras.network.network import Network, stream_seed
from dlbench.engines.keras.tasks import answering
from dlbench.kernels.losses import distillation, soft_threshold, within_norm
from dlbench.values.recipe import Recipe

SUMS = 3
"""How many sums each step returns: losses, what the task counts (right answers), and whether the gradient was clipped."""


class Step:
    """A training step and its state; a traced program calls it.

    Args:
        recipe: decides the parts of the step.
        network: to train.
        teacher: whose softened predictions are part of the target, or None.
        devices: that share each batch.

    Attributes:
        groups: weights that learn at one rate each, with their update rules.
        noise: what is added to gradients after clipping, or None.
        positive: weights of the labels that examples have, which the trainer sets; None where all are 1.
        measured: layers whose gradient norms a step returns after its sums.
    """

    def __init__(self, recipe: Recipe, network: Network, teacher: Network | None, devices: OneDevice) -> None:
        self.network, self.model, self.teacher, self.devices = network, network.model, teacher, devices
        self.regularization, self.imbalance, self.clips = recipe.regularization, recipe.imbalance, recipe.training.clip_norm is not None
        self.hooks, self.task = Hooked(recipe.hooks), answering(recipe.data)
        self.groups = groups(recipe, network, self.hooks)
        self._above = {id(weight): group.above for group in self.groups for weight in group.rule.weights}
        self._start = [[variable.numpy() for variable in group.rule.variables] for group in self.groups]
        self.averages = Averages(self.model.trainable_variables) if recipe.training.averaging else None
        self.noise = GradientNoise(network.numbers) if recipe.training.gradient_noise else None
        self.scale = LossScale() if recipe.model.precision == "mixed_float16" else None
        kernels = network.kernels["all"] if recipe.compression.sparsity else []
        self.masks = [(kernel, tf.Variable(tf.ones(kernel.shape), trainable=False)) for kernel in kernels]
        self.positive = tf.Variable(tf.ones([network.units]), trainable=False) if recipe.imbalance.positive_weights else None
        self._owners = [network.owner(weight) for weight in self.model.trainable_variables]
        self.measured = tuple(dict.fromkeys(self._owners)) if "gradient_norms" in recipe.measure else ()

    def reset(self, seed: int, redrawn: tuple[str, ...]) -> None:
        """Reset optimizer state, averages, masks and noise to the start of a run."""
        for group, start in zip(self.groups, self._start):
            for variable, value in zip(group.rule.variables, start):
                variable.assign(value)
        for _, mask in self.masks:
            mask.assign(tf.ones_like(mask))
        for part in (self.averages, self.scale):
            if part is not None:
                part.reset()
        if self.noise is not None:
            self.noise.reset(stream_seed(seed, "dropout", redrawn, "step", "gradient_noise"))

    def averaged(self) -> AbstractContextManager[None]:
        """Replace the weights by their averages within this context, where averages are kept."""
        return self.averages.in_place() if self.averages is not None else nullcontext()

    def rule_variables(self) -> list[tf.Variable]:
        """Return the state of the update rules."""
        every = (variable for group in self.groups for variable in group.rule.variables)
        return [variable if isinstance(variable, tf.Variable) else variable.value for variable in every]

    def trained(self) -> AbstractContextManager[None]:
        """Give the network the weights that are trained within this context, also where their averages are in place."""
        return self.averages.apart() if self.averages is not None else nullcontext()

    def without_averages(self) -> Step:
        """Return this step for a run that is trained alike and scored with the weights themselves."""
        step = copy.copy(self)
        step.averages = None
        return step

    def prune(self, sparsity: float) -> None:
        """Set the smallest weights of each kernel to zero, and keep them at zero in later steps."""
        for kernel, mask in self.masks:
            size = np.abs(kernel.numpy()).ravel()
            kept = np.ones(size.size, np.float32)
            kept[np.argsort(size, kind="stable")[: round(sparsity * size.size)]] = 0
            mask.assign(kept.reshape(kernel.shape))
            kernel.assign(kernel * mask)

    def __call__(self, images, labels: Labels, rate):
        """Train on a batch, or on a device's part of it; return the batch's sums, float32 [SUMS + measured]."""
        weights = self.model.trainable_variables
        with tf.GradientTape() as tape:
            logits = self.model(images, training=True)
            losses = self._losses(images, logits, labels)
            loss = tf.add_n([self.devices.mean(losses), *self.devices.once(self.model.losses)])
            loss = loss if self.scale is None else loss * self.scale.factor
        gradients, finite = self.devices.total(tape.gradient(loss, weights)), None
        if self.scale is not None:
            gradients, finite = self.scale.down(gradients)
        norms = [tf.linalg.global_norm([part for part, owner in zip(gradients, self._owners) if owner == layer])
                 for layer in self.measured]
        gradients, clipped = self._clip(self.hooks.gradients(gradients, weights))
        gradients = gradients if self.noise is None else self.noise(gradients)
        self._update(gradients, rate, finite)
        sums = self.devices.sum(losses), self.devices.sum(self.task.counts(self.task.answers(logits), labels.targets))
        return tf.stack([*self.devices.total(sums), clipped, *norms])

    def _losses(self, images, logits, labels: Labels):
        hooked = self.hooks.losses(logits, labels.targets)
        if hooked is not None:
            return _weighted(hooked, labels.weights)
        if self.network.own is not None and self.network.own.trained:
            return self.network.own.losses(logits, labels)
        own = _weighted(self._hard(logits, labels.targets), labels.weights)
        partner = labels.partner_targets
        losses = labels.mixed(own, None if partner is None else _weighted(self._hard(logits, partner), labels.partner_weights))
        if self.teacher is None:
            return losses
        numbers = self.network.numbers
        soft = distillation(logits, self.teacher.model(images, training=False), numbers["distillation.temperature"])
        soft = _weighted(soft, None if labels.weights is None else labels.mixed(labels.weights, labels.partner_weights))
        weight = numbers["distillation.weight"]
        return (1 - weight) * losses + weight * soft

    def _hard(self, logits, targets):
        """Return the loss of each example towards its target, with the terms of it that are on."""
        on = {"smoothing": ("regularization.label_smoothing", self.regularization.label_smoothing),
              "gamma": ("imbalance.focal_gamma", self.imbalance.focal_gamma)}
        terms = {term: self.network.numbers[path] for term, (path, value) in on.items() if value}
        return self.task.losses(logits, targets, **terms, **({} if self.positive is None else {"positive": self.positive}))

    def _clip(self, gradients):
        if not self.clips:
            return gradients, tf.constant(0.0)
        limit = self.network.numbers["training.clip_norm"]
        gradients, norm = tf.clip_by_global_norm(gradients, limit)
        return gradients, tf.cast(norm > limit, tf.float32)

    def _update(self, gradients, rate, finite) -> None:
        def update():
            if self.regularization.weight_decay:
                decay = self.network.numbers["regularization.weight_decay"]
                self._on_kernels(lambda kernel: kernel * (1 - self._rate(rate, self._above[id(kernel)]) * decay), "all")
            self._apply(dict(zip(map(id, self.model.trainable_variables), gradients)), rate)
            self._shrink(rate)
            if self.regularization.max_norm:
                self._on_kernels(lambda kernel: within_norm(kernel, self.network.numbers["regularization.max_norm"]), "all")
            for kernel, mask in self.masks:
                kernel.assign(kernel * mask)
            if self.averages is not None:
                self.averages.update(self.network.numbers["training.averaging"])
            return tf.constant(0)

        if finite is None:
            update()
        else:  # an overflow in 16 bits: the step is left out
            tf.cond(finite, update, lambda: tf.constant(0))

    def _shrink(self, rate) -> None:
        terms = self.regularization
        if terms.l1 and terms.l1_form == "proximal":
            strength = self.network.numbers["regularization.l1"]
            self._on_kernels(lambda kernel: soft_threshold(kernel, self._rate(rate, self._above[id(kernel)]) * strength), terms.l1_scope)

    def _on_kernels(self, change, scope: str) -> None:
        for kernel in self.network.kernels[scope]:
            if kernel.trainable:
                kernel.assign(change(kernel))

    def at_norm_limit(self, limit: float) -> bool:
        """Return whether the weights into any unit have the largest norm that they may have."""
        norms = (np.linalg.norm(kernel.numpy().reshape(-1, kernel.shape[-1]), axis=0) for kernel in self.network.kernels["all"])
        return any(norm.max() > limit * (1 - 1e-4) for norm in norms)

    def _apply(self, gradients, rate) -> None:
        numbers = self.network.numbers
        slow = rate * numbers["transfer.base_learning_rate"] / numbers["training.learning_rate"]
        for rule, base, above in self.groups:
            rule.apply([gradients[id(weight)] for weight in rule.weights], self._rate(slow if base else rate, above))

    def _rate(self, rate, above: int):
        """Return the learning rate of a layer, of which so many lie above it."""
        return rate * tf.pow(self.network.numbers["training.layer_factor"], -float(above)) if above else rate


def _weighted(losses, weights):
    return losses if weights is None else weights * losses
