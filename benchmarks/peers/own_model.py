"""The Functional model of a user, of the case ``photos_functional``: dlbench and the Keras peers import this very file."""

from __future__ import annotations

import keras
from keras import layers


def functional(input_shape: tuple[int, ...], classes: int) -> keras.Model:
    """Three stages of two normalised convolutions with a shortcut around the second one, global average pooling, logits."""
    inputs = keras.Input(input_shape)
    x = inputs
    for filters in (32, 64, 128):
        x = layers.Activation("relu")(_normalised(x, filters))
        x = layers.Activation("relu")(layers.Add()([x, _normalised(x, filters)]))
        x = layers.MaxPooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes)(layers.GlobalAveragePooling2D()(x)))


def _normalised(x, filters: int):
    return layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same", use_bias=False)(x))
