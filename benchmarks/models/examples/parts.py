"""What several of the models are made of."""

from __future__ import annotations

import keras
from keras import layers

Tensor = keras.KerasTensor


def out(x: Tensor, classes: int) -> Tensor:
    return layers.Dense(classes, activation="softmax")(x)


def model(inputs: Tensor, x: Tensor, classes: int) -> keras.Model:
    return keras.Model(inputs, out(x, classes))


def patches(x: Tensor, width: int, size: int = 8) -> Tensor:
    maps = layers.Conv2D(width, size, strides=size)(x)
    return layers.Reshape((-1, width))(maps)


def transformer(x: Tensor, heads: int, width: int) -> Tensor:
    y = layers.LayerNormalization(epsilon=1e-6)(x)
    x = layers.Add()([layers.MultiHeadAttention(heads, width // heads)(y, y), x])
    y = layers.LayerNormalization(epsilon=1e-6)(x)
    return x + layers.Dense(width)(layers.Dense(2 * width, activation="gelu")(y))
