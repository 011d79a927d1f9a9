"""Makes Keras' layers and losses ready, for comparison with the kernels of the same task."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from dlbench.kernels import reference_layers, samples
from dlbench.kernels.prepare import mask_moments
from dlbench.values.case import Prepared


def _called(layer: keras.Layer, x: np.ndarray, **options: bool):
    layer.build(x.shape)
    run, device = tf.function(lambda value: layer(value, **options)), tf.constant(x)
    return lambda: run(device).numpy()


def separable_conv(shape: tuple[int, int, int], batch: int, filters: int, multiplier: int = 1) -> Prepared:
    """``keras.layers.SeparableConv2D``."""
    x, layer = samples.normal(batch, *shape), keras.layers.SeparableConv2D(
        filters, 3, padding="same", depth_multiplier=multiplier, use_bias=False)
    call = _called(layer, x)
    weights = layer.depthwise_kernel.numpy(), layer.pointwise_kernel.numpy()[0, 0]
    return Prepared(call, lambda: reference_layers.separable_conv(x, *weights), (1e-3, 1e-3))


def normalize(kind: str, shape: tuple[int, int, int], batch: int, groups: int = 1) -> Prepared:
    """The layer of Keras that does the same."""
    x = 3 * samples.normal(batch, *shape) + 2
    layer = {
        "batch": lambda: keras.layers.BatchNormalization(epsilon=1e-5),
        "layer": lambda: keras.layers.LayerNormalization(axis=-1, epsilon=1e-5),
        "layer_all": lambda: keras.layers.LayerNormalization(axis=[1, 2, 3], epsilon=1e-5),
        "instance": lambda: keras.layers.GroupNormalization(groups=shape[2], epsilon=1e-5),
        "group": lambda: keras.layers.GroupNormalization(groups=groups, epsilon=1e-5),
    }[kind]()
    ones, zeros = np.ones(shape[2]), np.zeros(shape[2])
    call = _called(layer, x, **({"training": True} if kind == "batch" else {}))
    return Prepared(call, lambda: reference_layers.normalize(x, kind, ones, zeros, groups), (1e-3, 2e-3))


def dropout(kind: str, shape: tuple[int, int, int], batch: int, rate: float) -> Prepared:
    """``keras.layers.Dropout`` and ``SpatialDropout2D``."""
    layer = {"dropout": keras.layers.Dropout, "spatial_dropout": keras.layers.SpatialDropout2D}[kind](rate, seed=0)
    draws = batch * shape[2] * (shape[0] * shape[1] if kind == "dropout" else 1)
    call = _called(layer, np.ones((batch, *shape), np.float32), training=True)
    return Prepared(call, lambda: reference_layers.dropout_moments(rate), (0, 10 * rate / (1 - rate) / draws**0.5), mask_moments)


def cross_entropy(batch: int, classes: int, smoothing: float) -> Prepared:
    """``keras.losses.CategoricalCrossentropy`` on one-hot labels."""
    logits, labels = samples.normal(batch, classes), np.arange(batch, dtype=np.int64) % classes
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing, reduction="none")
    run, device = tf.function(lambda z, y: loss(tf.one_hot(y, classes), z)), (tf.constant(logits), tf.constant(labels))
    return Prepared(lambda: run(*device).numpy(), lambda: reference_layers.cross_entropy(logits, labels, smoothing), (1e-4, 1e-5))
