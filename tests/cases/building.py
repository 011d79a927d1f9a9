"""Models as users build them, and the networks that dlbench would train for them."""

from __future__ import annotations

from unittest import mock

import keras
import numpy as np
from keras import layers, ops

from dlbench.engines.keras.network import originals
from dlbench.engines.keras.network.fidelity import Comparison, demand_faithful
from dlbench.engines.keras.network.network import Network
from dlbench.values.recipe import Recipe, edit
from tests.faults.models import Scaled, Transposed, Tripled

SHAPE, CLASSES = (8, 8, 3), 4
RAW = np.random.default_rng(1).integers(0, 256, (32, *SHAPE)).astype(np.float32)


class Temperature(layers.Layer):
    def call(self, inputs):
        return ops.softmax(inputs / 3.0)


class Widened(layers.Dense):
    """A subclass of a Keras layer with an argument that its config lacks."""

    def __init__(self, units, gain=1.0, **kwargs):
        super().__init__(units, **kwargs)
        self.gain = gain

    def call(self, inputs):
        return self.gain * super().call(inputs)


class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.scale, self.flat, self.out = layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(CLASSES, activation="softmax")

    def call(self, inputs, training=False):
        return self.out(self.flat(self.scale(inputs)))


class Multiplied(layers.Layer):
    """Multiplies by a weight that is another layer's."""

    def __init__(self, weight, **kwargs):
        super().__init__(**kwargs)
        self.weight = weight

    def call(self, inputs):
        return ops.matmul(inputs, ops.transpose(self.weight))


class Halved(keras.Model):
    """A functional model with a call of its own."""

    def call(self, inputs, training=None, mask=None):
        return super().call(inputs / 2.0, training=training, mask=mask)


def head(x, activation="softmax"):
    return layers.Dense(CLASSES, activation=activation)(layers.Flatten()(x))


def functional(build, shape=SHAPE):
    x = keras.Input(shape)
    return keras.Model(x, build(x))


def adapted(x):
    layer = layers.Normalization()
    layer.adapt(RAW)
    return head(layer(x))


def attribute(x):
    layer = Scaled()
    layer.factor = 7.0
    return head(layer(x))


def statistics(x):
    norm = layers.BatchNormalization()
    y = norm(x)
    norm.moving_mean.assign(np.full(3, 5.0))
    return head(y)


def nested(x, training=None):
    inner = keras.Input(SHAPE)
    y = layers.BatchNormalization()(layers.Conv2D(4, 3)(inner))
    base = keras.Model(inner, layers.ReLU()(y))
    return head(base(x, training=training))


def shared(x):
    conv = layers.Conv2D(3, 3, padding="same", activation="relu")
    return head(conv(conv(x)))


def pooled_softmax(x):
    return layers.GlobalAveragePooling2D()(layers.Softmax()(layers.Conv2D(CLASSES, 3)(x)))


def wrapped(x):
    rows = layers.Reshape((8, 24))(x)
    return head(layers.TimeDistributed(Scaled(10.0))(layers.Bidirectional(layers.LSTM(3, return_sequences=True))(rows)))


def masked(x):
    rows = layers.Reshape((8, 24))(x)
    return layers.Dense(CLASSES, activation="softmax")(layers.GRU(5)(layers.Masking()(rows)))


def random_inside(x):
    return head(layers.GaussianNoise(0.5)(layers.Dropout(0.5)(layers.Conv2D(4, 3)(x))))


def several_arguments(x):
    rows = layers.Reshape((8, 24))(x)
    return head(layers.MultiHeadAttention(2, 4)(rows, rows, use_causal_mask=True))


def squeeze(x):
    maps = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    gate = ops.sigmoid(layers.Dense(8)(ops.mean(maps, axis=(1, 2), keepdims=True)))
    return head(maps * gate)


def trained(x):
    dense = layers.Dense(CLASSES, activation="softmax")
    y = dense(layers.Flatten()(x))
    dense.kernel.assign(np.full(dense.kernel.shape, 0.01))
    return y


def tied(x, weight=False):
    dense = layers.Dense(5, use_bias=False)
    y = dense(layers.GlobalAveragePooling2D()(x))
    return head(layers.Concatenate()([y, (Multiplied(dense.kernel) if weight else Transposed(dense))(y)]))


def named_alike():
    """Its input and its layers have names that dlbench gives to other layers."""
    x = keras.Input(SHAPE, name="dense_1")
    y = layers.Flatten(name="dense_2")(layers.Dense(3, name="conv2d_1")(x))
    return keras.Model(x, layers.Dense(CLASSES, name="flatten_1", activation="softmax")(y))


def several_uses_of_states(x):
    rows = layers.Reshape((8, 24))(x)
    y, *states = layers.LSTM(5, return_sequences=True, return_state=True)(rows)
    return head(layers.Concatenate()([layers.LSTM(5)(y, initial_state=states), states[0]]))


FAITHFUL = {
    "m1 rescaling": lambda: keras.Sequential([keras.Input(SHAPE), layers.Rescaling(1 / 255), layers.Flatten(),
                                              layers.Dense(CLASSES, activation="softmax")]),
    "m2 normalization": lambda: functional(adapted),
    "m2 discretization": lambda: functional(lambda x: head(ops.cast(layers.Discretization([50.0, 100.0, 200.0])(x), "float32"))),
    "m2 statistics of a batch normalisation": lambda: functional(statistics),
    "m2 an application that scales inside": lambda: keras.applications.MobileNetV3Small(
        weights=None, input_shape=(32, 32, 3), classes=CLASSES),
    "m3 a config without its argument": lambda: functional(lambda x: head(Scaled(10.0)(x))),
    "m3 an attribute set afterwards": lambda: functional(attribute),
    "m3 a subclass of Dense": lambda: functional(lambda x: head(Widened(5, gain=3.0)(layers.Flatten()(x)))),
    "m3 wrapped": lambda: functional(wrapped),
    "m3 a subclass as the output": lambda: functional(lambda x: Widened(CLASSES, gain=3.0, activation="softmax")(layers.Flatten()(x))),
    "m3 values given to weights": lambda: functional(trained),
    "m4 a function": lambda: functional(lambda x: layers.Lambda(ops.softmax)(head(x, None))),
    "m4 an average": lambda: functional(lambda x: layers.Average()([head(x), head(x)])),
    "m4 a temperature": lambda: functional(lambda x: Temperature()(head(x, None))),
    "m4 an operation": lambda: functional(lambda x: ops.softmax(head(x, None) / 2.0)),
    "m4 maps": lambda: functional(pooled_softmax),
    "m4 dropout of probabilities": lambda: functional(lambda x: layers.Dropout(0.3)(head(x))),
    "m4 logits": lambda: functional(lambda x: head(x, None)),
    "m4 an activation of its own": lambda: functional(lambda x: layers.Activation("softmax")(layers.ReLU()(head(x, None)))),
    "m4 tanh": lambda: functional(lambda x: head(x, "tanh")),
    "m5 division": lambda: functional(lambda x: head(x / 127.5 - 1)),
    "m5 addition": lambda: functional(lambda x: head(x + layers.Conv2D(3, 3, padding="same")(x))),
    "m5 an operation": lambda: functional(lambda x: head(ops.relu(layers.Conv2D(4, 3)(x)))),
    "m5 a slice": lambda: functional(lambda x: head(x[..., :2])),
    "m5 an activation": lambda: functional(lambda x: head(keras.activations.relu(layers.Conv2D(4, 3)(x)))),
    "m5 preprocess_input": lambda: functional(lambda x: head(keras.applications.mobilenet_v2.preprocess_input(x))),
    "m5 squeeze and excitation": lambda: functional(squeeze),
    "m8 shared": lambda: functional(shared),
    "nested": lambda: functional(nested),
    "nested in inference": lambda: functional(lambda x: nested(x, training=False)),
    "nested twice": lambda: functional(lambda x: head(ops.concatenate([(one := keras.Sequential([layers.Conv2D(2, 3)]))(x), one(x)], -1))),
    "masked": lambda: functional(masked),
    "random": lambda: functional(random_inside),
    "several arguments": lambda: functional(several_arguments),
    "m3 a layer with the weights of another": lambda: functional(tied),
    "m3 a layer with a weight of another": lambda: functional(lambda x: tied(x, weight=True)),
    "m3 an activation of its own": lambda: functional(lambda x: head(layers.Dense(5, activation=lambda y: ops.tanh(y) * 2.0)(x))),
    "m3 an integer input": lambda: keras.Model(x := keras.Input(SHAPE, dtype="uint8"), head(ops.cast(x, "float32") / 255.0)),
    "m4 a temperature before a layer": lambda: functional(lambda x: layers.Softmax()(layers.Rescaling(0.5)(head(x, None)))),
    "m4 a logarithm": lambda: functional(lambda x: head(x, "log_softmax")),
    "m4 probabilities that are never 0": lambda: functional(lambda x: head(x) * 0.9 + 0.1 / CLASSES),
    "m4 sparsemax": lambda: functional(lambda x: head(x, "sparsemax")),
    "m4 not a number": lambda: functional(lambda x: head(ops.log(x - 1e9))),
    "names like those of other layers": named_alike,
    "states": lambda: functional(several_uses_of_states),
    "own call: sequential": lambda: Tripled([keras.Input(SHAPE), layers.Flatten(), layers.Dense(CLASSES, activation="softmax")]),
    "own call: functional": lambda: Halved(x := keras.Input(SHAPE), head(x)),
    "own call: nested": lambda: functional(lambda x: head(Tripled([layers.Conv2D(3, 3), layers.BatchNormalization()])(x))),
    "one output in a list": lambda: functional(lambda x: [head(x)]),
    "an input in a dict": lambda: keras.Model({"image": (x := keras.Input(SHAPE, name="image"))}, head(x)),
    "frozen layers": lambda: functional(
        lambda x: head(layers.BatchNormalization(trainable=False)(layers.Conv2D(4, 3, trainable=False)(x)))),
    "subclassed": Own,
}


def network(build, shape=SHAPE, classes=CLASSES, **changes) -> Network:
    """The network that is trained for what ``build()`` returns, with a recipe's changes."""
    with mock.patch.object(originals, "resolve", lambda _: lambda *_: build()):
        return Network(edit(Recipe(), model__name="mine:net", **changes), shape, classes)


def compared(build, shape=SHAPE) -> Comparison:
    """What the comparison of that network with the model finds."""
    with mock.patch.object(originals, "resolve", lambda _: lambda *_: build()):
        return demand_faithful(edit(Recipe(), model__name="mine:net"), shape, CLASSES)


def shape_of(name):
    return (32, 32, 3) if "application" in name else SHAPE
