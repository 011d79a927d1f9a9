"""``python -m tests.faults.models --count 1000``: random functional models of Keras' layers, operations, and layers of one's own.

The network that would be trained computes what the model computes, or the model is refused with one sentence; never another exception.
Prints one JSON object; a model that fails is named by its number, which makes it again.
"""

import argparse
import gc
import json
import re
import time
from collections import Counter
from unittest import mock

import keras
import numpy as np
from keras import layers, ops

from dlbench.engines.keras.network import originals
from dlbench.engines.keras.network.fidelity import demand_faithful
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe, edit
from tests.faults.report import commit

SHAPE, CLASSES = (8, 8, 3), 3
CLEARED = 10
"""After how many models Keras forgets them."""
ACTIVATIONS = ("relu", None, "gelu")


class Scaled(layers.Layer):
    """A layer whose config says nothing of its factor."""

    def __init__(self, factor=1.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return x * self.factor

    def compute_output_shape(self, input_shape):
        return input_shape


class Weighted(layers.Layer):
    """A layer with weights and a config without its argument."""

    def __init__(self, power=1.0, **kwargs):
        super().__init__(**kwargs)
        self.power = power

    def build(self, shape):
        self.weight = self.add_weight(shape=shape[-1:], initializer="ones", name="weight")

    def call(self, x):
        return x * self.weight**2 * self.power


def _nested(draws, x):
    inner = keras.Input(x.shape[1:])
    y = layers.BatchNormalization()(layers.Conv2D(3, 3, padding="same")(inner))
    return keras.Model(inner, y)(x, training=[None, False, True][draws.integers(3)])


def _shared(_, x):
    conv = layers.Conv2D(x.shape[-1], 3, padding="same", activation="relu")
    return conv(conv(x))


class Tripled(keras.Sequential):
    """A model with a call of its own."""

    def call(self, inputs, training=None, mask=None):
        return super().call(inputs * 3.0, training=training, mask=mask)


class Transposed(layers.Layer):
    """A layer that has the weights of another."""

    def __init__(self, other, **kwargs):
        super().__init__(**kwargs)
        self.other = other

    def call(self, inputs):
        return ops.matmul(inputs, ops.transpose(self.other.kernel))


def _tied(_, x):
    dense = layers.Dense(3, use_bias=False)
    return Transposed(dense)(dense(x))


def _recurrent(draws, x):
    rows = layers.Reshape((x.shape[1], x.shape[2] * x.shape[3]))(x)
    kind = (layers.LSTM, layers.GRU, layers.SimpleRNN)[draws.integers(3)]
    rows = layers.Bidirectional(kind(2, return_sequences=True))(layers.Masking()(rows))
    return layers.Reshape((x.shape[1], 1, -1))(rows)


def _attention(_, x):
    rows = layers.Reshape((x.shape[1] * x.shape[2], x.shape[3]))(x)
    return layers.Reshape(x.shape[1:])(layers.MultiHeadAttention(2, 2, dropout=0.1)(rows, rows))


def _adapted(_, x):
    layer = layers.Normalization()
    layer.adapt(np.random.default_rng(1).random((10, *x.shape[1:])) * 9)
    return layer(x)


PARTS = (
    lambda d, x: layers.Conv2D(int(d.integers(1, 6)), int(d.integers(1, 4)), padding="same", activation=ACTIVATIONS[d.integers(3)])(x),
    lambda d, x: layers.SeparableConv2D(4, 3, padding="same")(x), lambda d, x: layers.DepthwiseConv2D(3, padding="same")(x),
    lambda d, x: layers.BatchNormalization()(x), lambda d, x: layers.LayerNormalization()(x), lambda d, x: layers.GroupNormalization(1)(x),
    lambda d, x: layers.Dropout(0.3)(x), lambda d, x: layers.SpatialDropout2D(0.3)(x), lambda d, x: layers.GaussianNoise(0.1)(x),
    lambda d, x: layers.ReLU()(x), lambda d, x: layers.LeakyReLU()(x), lambda d, x: layers.PReLU()(x),
    lambda d, x: layers.Activation("swish")(x),
    lambda d, x: layers.MaxPooling2D(2, 1, "same")(x), lambda d, x: layers.AveragePooling2D(2, 1, "same")(x),
    lambda d, x: layers.UpSampling2D(2)(x) if x.shape[1] < 9 else x, lambda d, x: layers.Cropping2D(1)(x) if x.shape[1] > 4 else x,
    lambda d, x: layers.Rescaling(0.5, -0.1)(x), lambda d, x: layers.RandomFlip()(x), lambda d, x: layers.Dense(4)(x),
    lambda d, x: Scaled(float(d.integers(2, 9)))(x), lambda d, x: Weighted(float(d.integers(2, 9)))(x),
    lambda d, x: layers.Lambda(lambda y: y * 2.0 + 1.0)(x), lambda d, x: x * 0.5 + 0.25, lambda d, x: ops.relu(x), lambda d, x: ops.abs(x),
    lambda d, x: x[..., :1], lambda d, x: ops.concatenate([x, x], -1) if x.shape[-1] < 9 else x, lambda d, x: ops.flip(x, 1),
    lambda d, x: x + layers.Conv2D(x.shape[-1], 3, padding="same")(x), lambda d, x: layers.Add()([x, layers.Dense(x.shape[-1])(x)]),
    lambda d, x: layers.Multiply()([x, layers.Activation("sigmoid")(layers.Dense(x.shape[-1])(x))]),
    lambda d, x: layers.TimeDistributed(layers.Dense(3))(x), lambda d, x: layers.Identity()(x), _nested, _shared, _adapted, _tied,
    _recurrent, _attention, lambda d, x: Tripled([layers.Conv2D(2, 1), layers.BatchNormalization()])(x),
    lambda d, x: layers.Conv2D(3, 1, activation=lambda y: ops.tanh(y) * 2.0, trainable=False)(x),
    lambda d, x: layers.SpectralNormalization(layers.Conv2D(3, 3, padding="same"))(x),
    lambda d, x: layers.Conv2D(3, 1, kernel_regularizer="l2", kernel_constraint="max_norm", activity_regularizer="l1")(x),
)
HEADS = (
    lambda d, x: layers.Dense(CLASSES, activation="softmax")(x), lambda d, x: layers.Dense(CLASSES)(x),
    lambda d, x: layers.Activation("softmax")(layers.Dense(CLASSES)(x)), lambda d, x: layers.Softmax()(layers.Dense(CLASSES)(x)),
    lambda d, x: ops.softmax(layers.Dense(CLASSES)(x) / 2.0), lambda d, x: layers.Lambda(ops.softmax)(layers.Dense(CLASSES)(x)),
    lambda d, x: layers.Average()([layers.Dense(CLASSES, activation="softmax")(x), layers.Dense(CLASSES, activation="softmax")(x)]),
    lambda d, x: layers.Dense(CLASSES, activation="sigmoid")(x), lambda d, x: layers.Dense(CLASSES, activation="tanh")(x),
    lambda d, x: layers.Dropout(0.2)(layers.Dense(CLASSES, activation="softmax")(x)),
)
JOINTS = (layers.Flatten, layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D)


def built(seed):
    """Build the model of a seed."""
    draws = np.random.default_rng(seed)
    x = inputs = keras.Input(SHAPE)
    for _ in range(draws.integers(1, 8)):
        x = PARTS[draws.integers(len(PARTS))](draws, x)
    return keras.Model(inputs, HEADS[draws.integers(len(HEADS))](draws, JOINTS[draws.integers(len(JOINTS))]()(x)))


def problem(seed):
    """Say how a model fared, and what it violates; nothing where all is as it should be."""
    with mock.patch.object(originals, "resolve", lambda _: lambda *_: built(seed)):
        try:
            return "equal", demand_faithful(edit(Recipe(), model__name="mine:net"), SHAPE, CLASSES) and None
        except InputError as refused:
            sentence = re.fullmatch(r"[^\n]{20,}", str(refused)) and "computes something else" not in str(refused)
            return "refused", None if sentence else str(refused)
        except Exception as error:
            return "failed", f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"


def main():
    """Try as many models as are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    asked, began, failures, fared = parser.parse_args(), time.monotonic(), [], Counter()
    problem(asked.first)
    gc.freeze()  # what is imported stays: to look through all of it takes longer than a model
    for seed in range(asked.first, asked.first + asked.count):
        how, what = problem(seed)
        fared[how] += 1
        if what is not None:
            failures.append({"seed": seed, "problem": what})
        if not seed % CLEARED:
            keras.backend.clear_session()
    print(json.dumps({"commit": commit(), "target": "random models", "engine": "layers drawn at random", "inputs": asked.count, **fared,
                      "failures": failures[:20], "failed": len(failures), "seconds": round(time.monotonic() - began)}))
    raise SystemExit(bool(failures))


if __name__ == "__main__":
    main()
