"""Makes kernel cases ready; :mod:`dlbench.cases` names these functions by reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from dlbench.kernels import article, fused, layers, losses, reference, reference_layers, samples
from dlbench.kernels.augment import mix
from dlbench.kernels.maps import maps
from dlbench.kernels.mixing import mixing
from dlbench.values.augmentation import Augmentation
from dlbench.values.case import Prepared

SEED = (7, 1)


def augment(shape: tuple[int, int, int], batch: int, dtype: str, way: str | None = None, **strengths: Any) -> Prepared:
    """The fused pass with these strengths: an epoch's maps are drawn for the batch, then carried out.

    Args:
        shape: height, width and channels.
        batch: images.
        dtype: of the input.
        way: one of :data:`dlbench.kernels.fused.WAYS`.
        **strengths: fields of :class:`dlbench.values.augmentation.Augmentation`.
    """
    x, wanted = samples.images(tuple(shape), batch, dtype), Augmentation(**strengths)

    def draw():
        return maps(wanted, 0, 0, batch, tuple(shape))

    return Prepared(lambda: fused.augment(x, draw(), way=way), lambda: reference.augment(x, draw()), (1e-3, 0.1))


def mixed(shape: tuple[int, int, int], batch: int, **strengths: float) -> Prepared:
    """Mixup or CutMix of a batch with others: partners are drawn, images mixed in the graph."""
    x, wanted = samples.images(tuple(shape), batch, "float32"), Augmentation(**strengths)
    device, positions = tf.constant(x), np.arange(batch)
    run = tf.function(lambda images, partner, blend, boxes: mix(images, tf.gather(images, partner), blend, boxes))

    def draw():
        return mixing(wanted, 0, 0, positions, shape[:2])

    def call():
        drawn = draw()
        return run(device, *(tf.constant(part) for part in (drawn.partner, drawn.blend, drawn.box))).numpy(), drawn.share

    def wanted_result():
        drawn = draw()
        return reference.mix(x, x[drawn.partner], drawn.blend, drawn.box), drawn.share

    return Prepared(call, wanted_result, (1e-4, 1e-2))


def _traced(function: Callable, *inputs: Any) -> Callable[[], np.ndarray]:
    """A call of a traced function on inputs that are on the device."""
    run, tensors = tf.function(function), [tf.constant(value) for value in inputs]
    return lambda: run(*tensors).numpy()


def separable_conv(shape: tuple[int, int, int], batch: int, filters: int, multiplier: int = 1) -> Prepared:
    """Forward pass of a 3x3 separable convolution."""
    x, depthwise = samples.normal(batch, *shape), samples.normal(3, 3, shape[2], multiplier)
    pointwise = samples.normal(shape[2] * multiplier, filters)
    call = _traced(layers.separable_conv, x, depthwise, pointwise)
    return Prepared(call, lambda: reference_layers.separable_conv(x, depthwise, pointwise), (1e-3, 1e-2))


def normalize(kind: str, shape: tuple[int, int, int], batch: int, groups: int = 1) -> Prepared:
    """Normalisation of one kind, forward."""
    x, gamma, beta = 3 * samples.normal(batch, *shape) + 2, samples.normal(shape[2]), samples.normal(shape[2])
    call = _traced(lambda *given: layers.normalize(given[0], kind, *given[1:], groups), x, gamma, beta)
    return Prepared(call, lambda: reference_layers.normalize(x, kind, gamma, beta, groups), (1e-3, 1e-3))


def dropout(kind: str, shape: tuple[int, int, int], batch: int, rate: float) -> Prepared:
    """Dropout of one kind over ones; the mean and the variance of its mask are checked, within five standard errors."""
    x, drop = np.ones((batch, *shape), np.float32), getattr(layers, kind)
    call = _traced(lambda values: drop(values, rate, tf.constant(SEED, tf.int64)), x)
    draws = {"dropout": x.size, "spatial_dropout": batch * shape[2], "stochastic_depth": batch}[kind]
    return Prepared(call, lambda: reference_layers.dropout_moments(rate), (0, 10 * rate / (1 - rate) / draws**0.5), mask_moments)


def mask_moments(value: Any) -> np.ndarray:
    """Mean and variance of a mask; of a pair of them, the pair."""
    if isinstance(value, tuple):
        return np.array(value)
    value = np.asarray(value, np.float64)
    return np.array([value.mean(), value.var()])


def penalty(sizes: tuple[int, ...], l1: float, l2: float) -> Prepared:
    """L1 and L2 penalties of several kernels."""
    kernels = [samples.normal(size) for size in sizes]
    call = _traced(lambda *weights: layers.penalty(weights, l1, l2), *kernels)
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


def article_image(kernel: str, shape: tuple[int, int, int], batch: int) -> Prepared:
    """An article's form over a batch, one image after the other; its shape is the only thing that a reference can promise."""
    x, form = samples.images(tuple(shape), batch), getattr(article, kernel)
    generator = np.random.default_rng(0)
    extra = {"article_crop": ((shape[0] - 4, shape[1] - 4), generator)}.get(kernel, ())
    sizes = {"article_rotate": (int(2**0.5 * shape[0]),) * 2, "article_crop": (shape[0] - 4, shape[1] - 4), "article_augment": (124, 124)}
    size = (batch, *sizes[kernel], shape[2])
    return Prepared(lambda: np.stack([form(image, *extra) for image in x]), lambda: np.zeros(size), (0, 0), np.shape)


def article_layer(kernel: str, shape: tuple[int, int, int], batch: int) -> Prepared:
    """An article's form of a layer, forward, against what it amounts to in numpy."""
    x, weights = samples.normal(batch, *shape), samples.normal(3, 3, shape[2], 1)
    if kernel == "article_layer_norm":
        ones, zeros = np.ones(shape[2]), np.zeros(shape[2])
        call = _traced(article.article_layer_norm, x)
        return Prepared(call, lambda: reference_layers.normalize(x, "instance", ones, zeros), (1e-3, 1e-3))
    dense = np.einsum("hwcm,cd->hwcd", weights, np.eye(shape[2]))

    def twice() -> np.ndarray:
        return reference_layers.conv(reference_layers.conv(x, dense), weights)

    return Prepared(_traced(article.article_separable, x, weights), twice, (1e-3, 1e-2))


def article_min_max(shape: tuple[int, int, int], batch: int) -> Prepared:
    """The articles' min-max scaling of a batch."""
    x = samples.images(tuple(shape), batch, "float32")
    low, high = float(x.min()), float(x.max())
    return Prepared(lambda: article.article_min_max(x), lambda: (x - low) / (high - low))


def article_clean_text(sentences: int) -> Prepared:
    """The articles' text cleaning, sentence by sentence."""
    texts = ["Hello, world! This is a sample text."] * sentences
    return Prepared(lambda: [article.article_clean_text(text) for text in texts],
                    lambda: ["Hello world This is a sample text"] * sentences, (0, 0))
