"""Keras: preprocessing layers, ``tf.image`` (one strength for the batch), the older ``ImageDataGenerator``, dropout and a loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from benchmarks.kernels.peers import expected as e
from benchmarks.kernels.peers.expected import BRIGHTNESS, CONTRAST, DEGREES, HUE, SATURATION, SHIFT, ZOOM
from dlbench.kernels import reference_layers, samples
from dlbench.values.case import Prepared


def _traced(change: Callable[[tf.Tensor], tf.Tensor]) -> Callable[[np.ndarray], np.ndarray]:
    run = tf.function(lambda x: change(tf.cast(x, tf.float32)), reduce_retracing=True)
    return lambda x: run(tf.constant(x)).numpy()


def _in_turn(*stack: keras.Layer) -> Callable[[np.ndarray], np.ndarray]:
    def change(x: tf.Tensor) -> tf.Tensor:
        for layer in stack:
            x = layer(x, training=True)
        return x

    return _traced(change)


def _bright(x: tf.Tensor) -> tf.Tensor:
    return tf.clip_by_value(tf.image.adjust_brightness(x, 255 * BRIGHTNESS), 0.0, 255.0)


def _sharp(x: tf.Tensor) -> tf.Tensor:
    return tf.clip_by_value(tf.image.adjust_contrast(x, CONTRAST), 0.0, 255.0)


FLIP = layers.RandomFlip("horizontal", seed=0)
TURN = layers.RandomRotation((DEGREES / 360, DEGREES / 360), fill_mode="constant", seed=0)
MOVE = layers.RandomTranslation((SHIFT, SHIFT), (SHIFT, SHIFT), fill_mode="constant", seed=0)
BRIGHT = layers.RandomBrightness((BRIGHTNESS, BRIGHTNESS), value_range=(0, 255), seed=0)
SHARP = layers.RandomContrast(CONTRAST - 1, value_range=(0, 255), seed=0)
LAYERS = {
    "flip": _in_turn(FLIP), "rotate": _in_turn(TURN), "shift": _in_turn(MOVE), "brightness": _in_turn(BRIGHT), "contrast": _in_turn(SHARP),
    "zoom": _in_turn(layers.RandomZoom((ZOOM, ZOOM), (ZOOM, ZOOM), fill_mode="constant", seed=0)),
    "pipeline": _in_turn(TURN, MOVE, BRIGHT, SHARP, FLIP),
}
TF_IMAGE = {
    "flip": _traced(tf.image.random_flip_left_right), "brightness": _traced(_bright), "contrast": _traced(_sharp),
    "saturation": _traced(lambda x: tf.image.adjust_saturation(x, SATURATION)), "hue": _traced(lambda x: tf.image.adjust_hue(x, HUE)),
}
MAKER = tf.keras.preprocessing.image.ImageDataGenerator(fill_mode="constant")


def _made(shift: float = 0.0, **parameters: Any) -> Callable[[np.ndarray], np.ndarray]:
    def one(image: np.ndarray) -> np.ndarray:
        moved = {"tx": -shift * image.shape[0], "ty": -shift * image.shape[1]} if shift else {}
        return MAKER.apply_transform(image.astype(np.float32), {**moved, **parameters})

    return e.each(one)


GENERATOR = {
    "flip": _made(flip_horizontal=True), "rotate": _made(theta=DEGREES), "shift": _made(SHIFT), "zoom": _made(zx=1 + ZOOM, zy=1 + ZOOM),
    "brightness": _made(brightness=1 + BRIGHTNESS),
    "pipeline": _made(SHIFT, theta=DEGREES, brightness=1 + BRIGHTNESS, flip_horizontal=True),
}


def dropout(kind: str, shape: tuple[int, int, int], batch: int, rate: float) -> Prepared:
    """``keras.layers.Dropout`` and ``SpatialDropout2D``."""
    layer = {"dropout": layers.Dropout, "spatial_dropout": layers.SpatialDropout2D}[kind](rate, seed=0)
    draws = batch * shape[2] * (shape[0] * shape[1] if kind == "dropout" else 1)
    run, ones = tf.function(lambda x: layer(x, training=True)), tf.ones((batch, *shape))
    expected = reference_layers.dropout_moments(rate)
    return Prepared(lambda: run(ones).numpy(), lambda: expected, (0, 10 * rate / (1 - rate) / draws**0.5), reference_layers.mask_moments)


def cross_entropy(batch: int, classes: int, smoothing: float) -> Prepared:
    """``keras.losses.CategoricalCrossentropy`` on one-hot labels."""
    logits, labels = samples.normal(batch, classes), np.arange(batch, dtype=np.int64) % classes
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing, reduction="none")
    run, device = tf.function(lambda z, y: loss(tf.one_hot(y, classes), z)), (tf.constant(logits), tf.constant(labels))
    return Prepared(lambda: run(*device).numpy(), lambda: reference_layers.cross_entropy(logits, labels, smoothing), (1e-4, 1e-5))
