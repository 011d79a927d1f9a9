"""Models of texts, of rows of numbers and of series."""

from __future__ import annotations

import keras
from keras import layers, ops

from benchmarks.models.examples import parts


class TokenAndPosition(layers.Layer):
    """Adds the embeddings of a word and of its position."""

    def __init__(self, words, vocabulary, width, **kwargs):
        super().__init__(**kwargs)
        self.token, self.position = layers.Embedding(vocabulary, width), layers.Embedding(words, width)

    def call(self, x):
        return self.token(x) + self.position(ops.arange(0, ops.shape(x)[-1]))


def transformer_of_text(input_shape, classes, vocabulary=300):
    """Text classification with Transformer (A. Nandan)."""
    inputs = keras.Input(input_shape)
    x = TokenAndPosition(input_shape[0], vocabulary, 32)(inputs)
    return parts.model(inputs, layers.Dropout(0.1)(layers.GlobalAveragePooling1D()(parts.transformer(x, 2, 32))), classes)


def bidirectional_lstm(input_shape, classes, vocabulary=300):
    """Bidirectional LSTM on IMDB (F. Chollet); zeros are masked."""
    inputs = keras.Input(input_shape, dtype="int32")
    x = layers.Embedding(vocabulary, 16, mask_zero=True)(inputs)
    x = layers.Bidirectional(layers.LSTM(8))(layers.Bidirectional(layers.LSTM(8, return_sequences=True))(x))
    return parts.model(inputs, x, classes)


def text_from_scratch(input_shape, classes, vocabulary=300):
    """Text classification from scratch (M. Omernick, F. Chollet)."""
    return keras.Sequential([
        keras.Input(input_shape), layers.Embedding(vocabulary, 16), layers.Dropout(0.5), layers.Conv1D(16, 7, padding="valid", strides=3,
                                                                                                    activation="relu"),
        layers.GlobalMaxPooling1D(), layers.Dense(16, activation="relu"), layers.Dropout(0.5), layers.Dense(classes, activation="softmax")])


def structured_data(input_shape, classes):
    """Structured data with an adapted Normalization (F. Chollet)."""
    norm = layers.Normalization()
    norm.adapt(keras.random.normal((50, *input_shape), seed=1) * 3 + 5)
    inputs = keras.Input(input_shape)
    return parts.model(inputs, layers.Dropout(0.5)(layers.Dense(32, activation="relu")(norm(inputs))), classes)


class Gate(layers.Layer):
    """A gated linear unit with a config of its own."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.linear, self.sigmoid = layers.Dense(units), layers.Dense(units, activation="sigmoid")

    def call(self, x):
        return self.linear(x) * self.sigmoid(x)


def gated_residual(input_shape, classes):
    """Gated residual network (K. Salama)."""
    inputs = keras.Input(input_shape)
    x = layers.Dropout(0.1)(layers.Dense(16)(layers.Dense(16, activation="elu")(inputs)))
    return parts.model(inputs, layers.LayerNormalization()(layers.Dense(16)(inputs) + Gate(16)(x)), classes)


def wide_and_deep(input_shape, classes):
    """Wide and deep (K. Salama)."""
    inputs = keras.Input(input_shape)
    deep = inputs
    for units in (32, 16):
        deep = layers.Dropout(0.3)(layers.ReLU()(layers.BatchNormalization()(layers.Dense(units)(deep))))
    return parts.model(inputs, layers.concatenate([layers.BatchNormalization()(inputs), deep]), classes)


def deep_and_cross(input_shape, classes):
    """Deep and cross (K. Salama)."""
    inputs = keras.Input(input_shape)
    cross = inputs
    for _ in range(2):
        cross = inputs * layers.Dense(input_shape[0])(cross) + cross
    deep = layers.Dense(16, activation="relu")(inputs)
    return parts.model(inputs, layers.Concatenate()([layers.BatchNormalization()(cross), deep]), classes)


def tab_transformer(input_shape, classes):
    """TabTransformer, each column a token (K. Salama)."""
    inputs = keras.Input(input_shape)
    x = layers.Dense(16)(layers.Reshape((input_shape[0], 1))(inputs))
    return parts.model(inputs, layers.Flatten()(parts.transformer(x, 2, 16)), classes)


def timeseries_conv(input_shape, classes):
    """Timeseries classification from scratch (H. Ismail Fawaz et al.)."""
    inputs = keras.Input(input_shape)
    x = layers.Reshape((input_shape[0], 1))(inputs)
    for _ in range(3):
        x = layers.ReLU()(layers.BatchNormalization()(layers.Conv1D(16, 3, padding="same")(x)))
    return parts.model(inputs, layers.GlobalAveragePooling1D()(x), classes)


def timeseries_transformer(input_shape, classes):
    """Timeseries classification with a Transformer (T. Ntakouris)."""
    inputs = keras.Input(input_shape)
    x = layers.Reshape((input_shape[0], 1))(inputs)
    y = layers.Dropout(0.25)(layers.MultiHeadAttention(2, 8)(x, x))
    x = layers.LayerNormalization(epsilon=1e-6)(y) + x
    return parts.model(inputs, layers.GlobalAveragePooling1D(data_format="channels_last")(x + layers.Conv1D(1, 1)(x)), classes)
