"""Makes kernel cases ready: each calls, on made-up inputs, the functions that training calls.

:mod:`dlbench.cases` names these functions by reference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlbench.engines.keras.data.ahead import fused_pass
from dlbench.engines.keras.data.batches import Acting, Epoch, batch
from dlbench.engines.keras.network.layers import Dropout, Penalty, SpatialDropout, StochasticDepth
from dlbench.engines.keras.network.replacements import norm_layer, separable
from dlbench.kernels import losses, reference, reference_layers, samples
from dlbench.kernels.maps import maps
from dlbench.kernels.mixing import mixing
from dlbench.kernels.text import CLEANERS
from dlbench.values.augmentation import Augmentation, parts
from dlbench.values.case import Prepared

SPAN = (0.0, 255.0)
NO_SCALING = tf.ones(1), tf.zeros(1), tf.constant(SPAN)


def augmented(shape: tuple[int, int, int], batch_size: int, dtype: str, **strengths: Any) -> Prepared:
    """One batch as training augments it: its maps are drawn, then carried out ahead of the step, in its graph, or partly each.

    Args:
        shape: height, width and channels.
        batch_size: images.
        dtype: of the input.
        **strengths: fields of :class:`dlbench.values.augmentation.Augmentation`.
    """
    wanted = Augmentation(**strengths)
    x, rows, labels = samples.images(shape, batch_size, dtype), np.arange(batch_size), tf.zeros([2 * batch_size], tf.int64)
    twice = np.stack([rows, rows])
    fused, rest = fused_pass(Acting(parts(wanted)), shape, tf.as_dtype(dtype))
    in_graph = tf.function(lambda images, *drawn: batch(rest, (images, labels), NO_SCALING, tf.constant(twice, tf.int32), drawn)[0])

    def drawn() -> Epoch:
        return Epoch(rows, np.zeros(1), maps(wanted, 0, 0, batch_size, shape), mixing(wanted, 0, 0, rows, shape[:2]))

    def call() -> np.ndarray:
        epoch = drawn()
        images, part = x[epoch.consumed(slice(None))], epoch.part(slice(0, batch_size), batch_size)
        if fused is not None:
            images = fused(images, part, SPAN, batch_size)
        return in_graph(images, *part.drawn()).numpy() if any(rest.parts.values()) else images

    return Prepared(call, lambda: _expected(x, drawn(), wanted), (1e-3, 0.1))


def _expected(x: np.ndarray, epoch: Epoch, wanted: Augmentation) -> np.ndarray:
    images, mixed = reference.augment(x, epoch.maps, SPAN), epoch.mixing
    return reference.mix(images, images[mixed.partner], mixed.blend, mixed.box) if parts(wanted)["mixing"] else images


def _traced(function: Callable, *inputs: Any) -> Callable[[], np.ndarray]:
    """A call of a traced function on inputs that are on the device."""
    run, tensors = tf.function(function, autograph=False), [tf.constant(value) for value in inputs]
    return lambda: run(*tensors).numpy()


def _forward(layer: keras.Layer, x: np.ndarray) -> Callable[[], np.ndarray]:
    layer.build(x.shape)
    return _traced(lambda values: layer(values, training=True), x)


def separable_conv(shape: tuple[int, int, int], batch: int, filters: int) -> Prepared:
    """Forward pass of a 3x3 convolution in its separable form."""
    x, dense = samples.normal(batch, *shape), keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)
    layer = separable(dense.get_config(), 1)
    call = _forward(layer, x)
    weights = layer.depthwise_kernel.numpy(), layer.pointwise_kernel.numpy()[0, 0]
    return Prepared(call, lambda: reference_layers.separable_conv(x, *weights), (1e-3, 1e-2))


def normalize(kind: str, shape: tuple[int, int, int], batch: int) -> Prepared:
    """Forward pass of one kind of normalisation, in training."""
    x, ones, zeros = 3 * samples.normal(batch, *shape) + 2, np.ones(shape[2]), np.zeros(shape[2])
    layer = norm_layer(kind, (None, *shape), "norm")
    return Prepared(_forward(layer, x), lambda: reference_layers.normalize(x, kind, ones, zeros, getattr(layer, "groups", 1)), (1e-3, 2e-3))


def dropout(kind: str, shape: tuple[int, int, int], batch: int, rate: float) -> Prepared:
    """Dropout of one kind over ones; the mean and the variance of its mask are checked, within five standard errors."""
    x, strength = np.ones((batch, *shape), np.float32), tf.Variable(rate)
    layer, draws = {
        "dropout": (Dropout(strength, seed=0), x.size), "spatial_dropout": (SpatialDropout(strength, seed=0), batch * shape[2]),
        "stochastic_depth": (StochasticDepth(strength, 1.0, seed=0), batch),
    }[kind]
    expected = reference_layers.dropout_moments(rate)
    return Prepared(_forward(layer, x), lambda: expected, (0, 10 * rate / (1 - rate) / draws**0.5), reference_layers.mask_moments)


def penalty(sizes: Sequence[int], l1: float, l2: float) -> Prepared:
    """L1 and L2 penalties of several kernels."""
    kernels, term = [samples.normal(size) for size in sizes], Penalty(tf.Variable(l1), tf.Variable(l2), None)
    call = _traced(lambda *weights: tf.add_n([term(weight) for weight in weights]), *kernels)
    return Prepared(call, lambda: reference_layers.penalty(kernels, l1, l2), (1e-4, 0))


def soft_threshold(size: int, threshold: float) -> Prepared:
    """The proximal L1 step of one kernel."""
    weights = samples.normal(size)
    call = _traced(lambda values: losses.soft_threshold(values, threshold), weights)
    return Prepared(call, lambda: reference_layers.soft_threshold(weights, threshold))


def cross_entropy(batch: int, classes: int, smoothing: float) -> Prepared:
    """Cross-entropy with smoothed labels."""
    logits, labels = samples.normal(batch, classes), np.arange(batch, dtype=np.int64) % classes
    call = _traced(lambda z, y: losses.cross_entropy(z, y, smoothing), logits, labels)
    return Prepared(call, lambda: reference_layers.cross_entropy(logits, labels, smoothing), (1e-4, 1e-5))


def cleaned(kind: str, sentences: int, expected: str) -> Prepared:
    """Text cleaning, sentence by sentence."""
    texts = ["Hello, world! This is a sample text."] * sentences
    return Prepared(lambda: [CLEANERS[kind](text) for text in texts], lambda: [expected] * sentences, (0, 0))
