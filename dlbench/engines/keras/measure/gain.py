"""Measures what bfloat16 gains on this machine, by steps of one small convolutional network in both precisions, in turn."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from dlbench.engines.keras.network.network import Network
from dlbench.kernels import samples
from dlbench.kernels.losses import cross_entropy
from dlbench.values.gain import Gain
from dlbench.values.recipe import Recipe, edit

MODEL, SHAPE, CLASSES, BATCH = "guide_cnn", (28, 28, 1), 10, 64
"""The network of Keras' guide, on images of the size of MNIST's."""
SECONDS = 1.0
"""How long is measured, beside the tracing."""
FEWEST = 5
"""Rounds at least, on a machine that is slow or busy."""


def measured_gain() -> Gain:
    """Return the ratios of the median times in bfloat16 and float32, of steps and passes that take turns on one thread."""
    calls = [call for precision in ("float32", "mixed_bfloat16") for call in _calls(precision)]
    for call in calls:
        call()
    times: list[list[float]] = [[] for _ in calls]
    began = time.perf_counter()
    while time.perf_counter() - began < SECONDS or len(times[0]) < FEWEST:
        for call, taken in zip(calls, times):
            started = time.perf_counter()
            call()
            taken.append(time.perf_counter() - started)
    step, inference, step_16, inference_16 = (float(np.median(taken)) for taken in times)
    return Gain(step_16 / step, inference_16 / inference)


def _calls(precision: str) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return a training step, with plain gradient descent, and a pass of inference of the network in a precision."""
    recipe = edit(Recipe(), model__name=MODEL, model__precision=precision)
    network = Network(recipe, SHAPE, CLASSES)
    network.initialise(0, ())
    x, labels = tf.constant(samples.normal(BATCH, *SHAPE)), tf.constant(np.arange(BATCH, dtype=np.int64) % CLASSES)

    @tf.function(autograph=False)
    def step() -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(cross_entropy(network.model(x, training=True), labels, 0.0))
        weights = [variable.value for variable in network.model.trainable_weights]
        for weight, gradient in zip(weights, tape.gradient(loss, weights)):
            weight.assign_sub(1e-3 * gradient)
        return loss

    @tf.function(autograph=False)
    def infer() -> tf.Tensor:
        return network.model(x, training=False)

    return lambda: step().numpy(), lambda: infer().numpy()
