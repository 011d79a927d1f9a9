"""Models and data as users bring them, for the cases of the corpus; each is built in the worker that plans or runs."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from keras import layers


def images():
    """90 colour images of 8x8 in three classes that their brightness tells apart."""
    y = np.arange(90) % 3
    noise = np.random.default_rng(0).integers(0, 60, (90, 8, 8, 3))
    return (noise + 80 * y[:, None, None, None]).clip(0, 255).astype(np.uint8), y


def rows():
    """90 rows of six numbers in three classes."""
    y = np.arange(90) % 3
    return (np.random.default_rng(0).normal(size=(90, 6)) + y[:, None]).astype(np.float32), y


def two():
    """The images in two classes."""
    x, y = images()
    return x, (y > 0).astype(int)


def mirrored():
    """Images that are the same from left to right and have one value a row."""
    x, y = images()
    return np.repeat(x[:, :, :1], 8, axis=2), y


def tones():
    """90 sounds of 200 steps at 1,000 Hz: tones of three frequencies, with noise."""
    y = np.arange(90) % 3
    x = np.sin(2 * np.pi * (100 + 100 * y[:, None]) * np.arange(200) / 1000)
    return (x + 0.1 * np.random.default_rng(0).normal(size=x.shape)).astype(np.float32), y


def sentences():
    """90 sentences in two classes, in which capitals and signs have no meaning."""
    y = np.arange(90) % 2
    words = (("Bad,", "dull", "poor"), ("Good!", "fine", "great"))
    return np.array([f"The film is {words[label][row % 3]}".encode() for row, label in enumerate(y)]), y


def _chain(*body):
    return lambda shape, classes: keras.Sequential(
        [keras.Input(shape), *(make() for make in body), layers.Flatten(), layers.Dense(classes)])


leaky = _chain(lambda: layers.Conv2D(4, 3), layers.LeakyReLU, layers.Flatten, lambda: layers.Dense(8), layers.ELU)
smooth = _chain(layers.Flatten, lambda: layers.Dense(8, activation="relu"))
turning = _chain(lambda: layers.RandomRotation(0.1), lambda: layers.Conv2D(4, 3, activation="relu"))


def residual(shape, classes):
    """A convolution, a residual block and the mean of each map."""
    inputs = keras.Input(shape)
    x = layers.Conv2D(4, 3, padding="same", activation="relu")(inputs)
    branch = layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    return keras.Model(inputs, layers.Dense(classes)(layers.GlobalAveragePooling2D()(layers.Add()([x, branch]))))


class Scale(layers.Layer):
    """Multiplies by a weight that is no kernel."""

    def build(self, shape):
        self.factor = self.add_weight(name="factor", shape=(shape[-1],), initializer="ones")

    def call(self, x):
        return x * self.factor


def kernelless(shape, classes):
    """A network without a kernel: a scale of each channel, and the mean of each."""
    return keras.Sequential([keras.Input(shape), Scale(), layers.GlobalAveragePooling2D()])


def two_units(shape, classes):
    return keras.Sequential(
        [keras.Input(shape), layers.Flatten(), layers.Dense(8, activation="relu"), layers.Dense(2, activation="softmax")])


def one_unit(shape, classes):
    return keras.Sequential(
        [keras.Input(shape), layers.Flatten(), layers.Dense(8, activation="relu"), layers.Dense(1, activation="sigmoid")])


def _under(policy):
    def build(shape, classes):
        keras.config.set_dtype_policy(policy)
        try:
            return smooth(shape, classes)
        finally:
            keras.config.set_dtype_policy("float32")
    return build


half, brain, double = map(_under, ("mixed_float16", "bfloat16", "float64"))


def eager(shape, classes):
    tf.config.run_functions_eagerly(True)
    return smooth(shape, classes)


def compiled(shape, classes):
    model = smooth(shape, classes)
    model.compile("sgd", "mse", metrics=["mae"], run_eagerly=True, jit_compile=False)
    return model


class Own(keras.Model):
    """Has a training step of its own."""

    def train_step(self, data):
        return {"loss": 0.0}


def own_step(shape, classes):
    inputs = keras.Input(shape)
    return Own(inputs, layers.Dense(classes)(layers.Flatten()(inputs)))


def several(shape, classes):
    inputs = keras.Input(shape)
    flat = layers.Flatten()(inputs)
    return keras.Model(inputs, [layers.Dense(classes)(flat), layers.Dense(2)(flat)])


def stateful(shape, classes):
    inputs = keras.Input(batch_shape=(30, *shape))
    return keras.Model(inputs, layers.Dense(classes)(layers.LSTM(4, stateful=True)(layers.Reshape((8, 24))(inputs))))


def recurrent(shape, classes):
    inputs = keras.Input(shape)
    return keras.Model(inputs, layers.Dense(classes)(layers.LSTM(4)(layers.Reshape((8, 24))(inputs))))


def lossy(shape, classes):
    hidden = layers.Dense(8, activation="relu", activity_regularizer="l2")
    return keras.Sequential([keras.Input(shape), layers.Flatten(), hidden, layers.Dense(classes)])


def seeded(shape, classes):
    keras.utils.set_random_seed(7)
    return smooth(shape, classes)


def patches(shape, classes):
    """Cuts an image into patches of 3x3, which do not divide 8x8."""
    inputs = keras.Input(shape)
    x = layers.Reshape((9, -1))(inputs)
    return keras.Model(inputs, layers.Dense(classes)(layers.Flatten()(layers.Dense(4)(x))))
