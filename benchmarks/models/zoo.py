"""A classifier around every layer of Keras, each under the layer's name as a function; and models that are put together in other ways."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import keras
import numpy as np
from keras import layers, ops

MAPS, SERIES, VOLUMES, VECTOR = "maps", "series", "volumes", "vector"
ARGUMENTS = {
    "Activation": ("relu",), "ActivityRegularization": (0.01,), "AdaptiveAveragePooling1D": (4,), "AdaptiveAveragePooling2D": (4,),
    "AdaptiveAveragePooling3D": (2,), "AdaptiveMaxPooling1D": (4,), "AdaptiveMaxPooling2D": (4,), "AdaptiveMaxPooling3D": (2,),
    "AlphaDropout": (0.2,), "CenterCrop": (8, 8), "Conv1D": (4, 3), "Conv1DTranspose": (4, 3), "Conv2D": (4, 3),
    "Conv2DTranspose": (4, 3), "Conv3D": (4, 2), "Conv3DTranspose": (4, 2), "ConvLSTM1D": (4, 2), "Dense": (8,),
    "DepthwiseConv1D": (3,), "DepthwiseConv2D": (3,),
    "Discretization": ([0.2, 0.5],), "Dropout": (0.2,), "EinsumDense": ("abcd,de->abce", [16, 16, 4]), "GRU": (6,),
    "GaussianDropout": (0.2,),
    "GaussianNoise": (0.2,), "GroupNormalization": (1,), "LSTM": (6,), "Lambda": (lambda x: x * 2.0,), "Permute": ((2, 1, 3),),
    "RandomBrightness": (0.2,), "RandomContrast": (0.2,), "RandomCrop": (12, 12), "RandomRotation": (0.1,), "RandomTranslation": (0.1, 0.1),
    "RandomZoom": (0.1,), "RepeatVector": (3,), "Rescaling": (1 / 255,), "Reshape": ((-1,),), "Resizing": (8, 8), "SeparableConv1D": (4, 3),
    "SeparableConv2D": (4, 3), "SimpleRNN": (6,), "SpatialDropout1D": (0.2,), "SpatialDropout2D": (0.2,), "SpatialDropout3D": (0.2,),
    **{f"AveragePooling{size}D": (2,) for size in (1, 2, 3)}, **{f"Random{kind}": (0.2,) for kind in (
        "ColorDegeneration", "Hue", "Saturation", "Sharpness")},
    "RandomShear": (0.1, 0.1), "RandomPosterization": (4,),
}
ALONE = (
    "ELU", "Flatten", "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D", "GlobalMaxPooling1D",
    "GlobalMaxPooling2D", "GlobalMaxPooling3D", "Identity", "BatchNormalization", "LayerNormalization", "LeakyReLU", "Masking", "PReLU",
    "RMSNormalization", "RandomFlip", "ReLU", "Softmax", "UnitNormalization", "UpSampling1D", "UpSampling2D", "UpSampling3D",
    "ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D", "MaxPooling1D", "MaxPooling2D", "MaxPooling3D",
    "Cropping1D", "Cropping2D", "RandomGrayscale", "RandomErasing", "RandomInvert",
    "AutoContrast", "Equalization", "Solarization", "RandomColorJitter",
    "RandomGaussianBlur", "RandomPerspective", "RandomElasticTransform",
)
SERIAL = {"GRU", "LSTM", "SimpleRNN", "Masking"}


def _place(name: str) -> str:
    if name in SERIAL or ("1D" in name and name != "ConvLSTM1D"):
        return SERIES
    return VOLUMES if "3D" in name else VECTOR if name in ("RepeatVector",) else MAPS


def _shaped(x: keras.KerasTensor, place: str) -> keras.KerasTensor:
    """Bring images of 16x16x3 to what a layer takes."""
    if place == VECTOR:
        return layers.Flatten()(x)
    targets = {SERIES: (16, 48), VOLUMES: (4, 4, 16, 3)}
    return layers.Reshape(targets[place])(x) if place in targets else x


def _around(make: Callable[[], keras.Layer], place: str, input_shape: tuple[int, ...], classes: int) -> keras.Model:
    inputs = keras.Input(input_shape)
    x = layers.Flatten()(make()(_shaped(inputs, place)))
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))


def _with_layer(name: str) -> Callable[..., keras.Model]:
    kind = getattr(layers, name)
    make = partial(kind, *ARGUMENTS.get(name, ()))
    return partial(_around, make, _place(name))


def _classifier(build: Callable[[keras.KerasTensor], keras.KerasTensor]) -> Callable[..., keras.Model]:
    def model(input_shape: tuple[int, ...], classes: int) -> keras.Model:
        inputs = keras.Input(input_shape)
        return keras.Model(inputs, layers.Dense(classes, activation="softmax")(layers.Flatten()(build(inputs))))

    return model


def _series(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.Reshape((16, 48))(x)


def _adapted(x: keras.KerasTensor) -> keras.KerasTensor:
    layer = layers.Normalization()
    layer.adapt(np.random.default_rng(0).random((20, *x.shape[1:])))
    return layer(x)


def _merged(kind: type[keras.Layer], **options) -> Callable[[keras.KerasTensor], keras.KerasTensor]:
    return lambda x: kind(**options)([layers.Conv2D(3, 3, padding="same")(x), x])


def _shared(x: keras.KerasTensor) -> keras.KerasTensor:
    conv = layers.Conv2D(3, 3, padding="same", activation="relu")
    return conv(conv(x))


def _nested(x: keras.KerasTensor, training: bool | None = None) -> keras.KerasTensor:
    inner = keras.Input(x.shape[1:])
    body = keras.Model(inner, layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(4, 3)(inner))))
    return body(x, training=training)


MODELS: dict[str, Callable[..., keras.Model]] = {
    **{name: _with_layer(name) for name in (*ARGUMENTS, *ALONE) if hasattr(layers, name)},
    "Normalization": _classifier(_adapted),
    "Attention": _classifier(lambda x: layers.Attention()([_series(x), _series(x)])),
    "AdditiveAttention": _classifier(lambda x: layers.AdditiveAttention()([_series(x), _series(x)])),
    "MultiHeadAttention": _classifier(lambda x: layers.MultiHeadAttention(2, 4)(_series(x), _series(x))),
    "GroupQueryAttention": _classifier(lambda x: layers.GroupQueryAttention(4, 4, 2)(_series(x), _series(x))),
    "Bidirectional": _classifier(lambda x: layers.Bidirectional(layers.LSTM(4, return_sequences=True))(_series(x))),
    "TimeDistributed": _classifier(lambda x: layers.TimeDistributed(layers.Dense(4))(_series(x))),
    "RNN of cells": _classifier(lambda x: layers.RNN([layers.LSTMCell(4), layers.GRUCell(3)])(_series(x))),
    "SpectralNormalization": _classifier(layers.SpectralNormalization(layers.Conv2D(4, 3))),
    "ConvLSTM2D": _classifier(lambda x: layers.ConvLSTM2D(4, 2)(layers.Reshape((4, 4, 16, 3))(x))),
    "Pipeline": _classifier(layers.Pipeline([layers.Rescaling(0.5), layers.RandomFlip()])),
    **{kind.__name__: _classifier(_merged(kind)) for kind in (
        layers.Add, layers.Average, layers.Concatenate, layers.Maximum, layers.Minimum, layers.Multiply, layers.Subtract)},
    "Dot": _classifier(lambda x: layers.Dot(axes=2)([_series(x), _series(x)])),
    "a layer that is called twice": _classifier(_shared),
    "a nested model": _classifier(_nested),
    "a nested model in inference": _classifier(lambda x: _nested(x, training=False)),
    "operators": _classifier(lambda x: (x / 127.5 - 1.0) * 2.0 + ops.abs(x[..., ::-1]) ** 0.5),
    "keras.ops": _classifier(lambda x: ops.concatenate([ops.relu(x), ops.flip(x, 1), ops.transpose(x, (0, 2, 1, 3))], -1)),
    "rows of its own": _classifier(lambda x: ops.concatenate([x, x], 0)),
}
"""Name of a layer, or of a way to put layers together -> ``build(input_shape, classes)``, for images of 16x16x3."""


def __getattr__(name: str) -> Callable[..., keras.Model]:
    known = {key.replace(" ", "_").replace(".", "_"): build for key, build in MODELS.items()}
    if name not in known:
        raise AttributeError(name)
    return known[name]
