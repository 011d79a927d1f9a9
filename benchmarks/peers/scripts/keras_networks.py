"""The networks of the cases in plain Keras; their outputs are logits."""

from __future__ import annotations

import os

import keras
from keras import layers

from benchmarks.peers.own_model import functional

BASE = "vgg16.weights.h5"
"""The weights of the frozen base, in the folder of the case."""


def small_cnn(arm: dict, case: dict) -> list[keras.Layer]:
    """A convolution, pooling, two more convolutions, one hidden dense layer."""
    return [
        *convolution(arm, 16, first=True, padding="same"),
        layers.MaxPooling2D(),
        *convolution(arm, 32, padding="same"),
        *convolution(arm, 32, padding="same"),
        *head(arm, case),
    ]


def guide_cnn(arm: dict, case: dict) -> list[keras.Layer]:
    """The handwritten-digit guide's network."""
    return [
        *convolution(arm, 32, first=True),
        layers.MaxPooling2D(),
        *convolution(arm, 64),
        layers.MaxPooling2D(),
        *convolution(arm, 64),
        *head(arm, case),
    ]


def head(arm: dict, case: dict) -> list[keras.Layer]:
    """One hidden dense layer, and the output."""
    hidden = [layers.Flatten(), layers.Dense(64, activation="relu", kernel_regularizer=penalty(arm))]
    drop = [layers.Dropout(arm["dropout"])] if arm["dropout"] else []
    return [*hidden, *drop, layers.Dense(case["classes"], kernel_regularizer=penalty(arm))]


def convolution(arm: dict, filters: int, first: bool = False, padding: str = "valid") -> list[keras.Layer]:
    """A convolution with its activation, separable and normalised as the arm says."""
    activation = None if arm["normalization"] else "relu"
    if arm["separable"] and not first:
        layer = layers.SeparableConv2D(filters, 3, padding=padding, activation=activation,
                                       depthwise_regularizer=penalty(arm), pointwise_regularizer=penalty(arm))
    else:
        layer = layers.Conv2D(filters, 3, padding=padding, activation=activation, kernel_regularizer=penalty(arm))
    if arm["normalization"] == "batch":
        return [layer, layers.BatchNormalization(momentum=0.9), layers.Activation("relu")]
    return [layer]


def penalty(arm: dict) -> keras.regularizers.Regularizer | None:
    """The weight penalty of every kernel."""
    return keras.regularizers.L1L2(arm["l1"], arm["l2"]) if arm["l1"] or arm["l2"] else None


def resnet20(arm: dict, case: dict) -> list[keras.Layer]:
    """The residual network for small photographs: three stages of three blocks, with projections where the size changes."""
    inputs = keras.Input(case["shape"])
    x = layers.Activation("relu")(normalised(inputs, 16))
    for filters in (16, 32, 64):
        for block in range(3):
            stride = 2 if filters > 16 and not block else 1
            y = layers.Activation("relu")(normalised(x, filters, stride))
            shortcut = x if stride == 1 else normalised(x, filters, stride, size=1)
            x = layers.Activation("relu")(layers.Add()([shortcut, normalised(y, filters)]))
    return [keras.Model(inputs, x), layers.GlobalAveragePooling2D(), layers.Dense(case["classes"])]


def normalised(x, filters: int, stride: int = 1, size: int = 3):
    """A convolution without bias, and batch normalisation."""
    return layers.BatchNormalization()(layers.Conv2D(filters, size, strides=stride, padding="same", use_bias=False)(x))


def frozen(arm: dict, case: dict) -> list[keras.Layer]:
    """VGG16 with given weights that are not trained, global average pooling, and the output."""
    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=tuple(case["shape"]))
    base.load_weights(os.path.join(case["folder"], BASE))
    base.trainable = False
    return [base, layers.GlobalAveragePooling2D(), layers.Dense(case["classes"])]


NETWORKS = {
    "small_cnn": small_cnn, "guide_cnn": guide_cnn, "resnet20": resnet20, "application": frozen,
    "own_model:functional": lambda arm, case: [functional(tuple(case["shape"]), case["classes"])],
}
"""Model of a study -> its layers, from the settings of an arm and the case."""
