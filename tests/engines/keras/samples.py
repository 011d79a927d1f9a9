"""Small data and models as a user's own, by reference."""

import keras
import numpy as np
from keras import layers


def photos():
    """60 colour images of 32x32 in three classes that their brightness tells apart."""
    y = np.arange(60) % 3
    noise = np.random.default_rng(0).integers(0, 60, (60, 32, 32, 3))
    return (noise + 80 * y[:, None, None, None]).clip(0, 255).astype(np.uint8), y


def grey():
    """The same without colours."""
    x, y = photos()
    return x[..., :1], y


def rare():
    """160 grey images of 8x8 in three classes, of which there are 120, 32 and 8 examples."""
    y = np.random.default_rng(1).permutation(np.repeat(np.arange(3), (120, 32, 8)))
    noise = np.random.default_rng(0).integers(0, 200, (160, 8, 8, 1))
    return (noise + 25 * y[:, None, None, None]).astype(np.uint8), y


def sentences():
    """200 sentences; what tells the classes apart is written in several ways."""
    words = (["bad", "Bad,", "dull"], ["good", "Good!", "fine"])
    draw = np.random.default_rng(0).integers(0, 3, 200)
    filler = ["the film is", "a well-known story:", "it's"]
    texts = [f"{filler[row % 3]} {words[row % 2][draw[row]]} number{row}" for row in range(200)]
    return np.array([text.encode() for text in texts]), np.arange(200) % 2


def nested(shape, classes):
    """A base that is a layer in a Sequential model."""
    inputs = keras.Input(shape)
    x = layers.BatchNormalization()(layers.Conv2D(4, 3, activation="relu", name="first")(inputs))
    base = keras.Model(inputs, layers.Conv2D(8, 3, activation="relu", name="second")(x))
    return keras.Sequential([keras.Input(shape), base, layers.GlobalAveragePooling2D(), layers.Dense(classes, activation="softmax")])


def dropped(shape, classes):
    """Dropout of Keras' own between layers, and in front of them."""
    first = [layers.SpatialDropout2D(0.3), layers.Conv2D(4, 3, activation="relu"), layers.GaussianNoise(0.1)]
    last = [layers.Flatten(), layers.Dropout(0.4), layers.Dense(classes, activation="softmax")]
    return keras.Sequential([keras.Input(shape), *first, *last])


def lossy(shape, classes):
    """A layer adds to the loss what it made of the batch."""
    hidden = layers.Dense(8, activation="relu", activity_regularizer="l2")
    return keras.Sequential([keras.Input(shape), layers.Flatten(), hidden, layers.Dense(classes, activation="softmax")])


def constrained(shape, classes):
    """Weights that must not be negative, and others whose norm is limited."""
    hidden = layers.Dense(8, activation="relu", kernel_constraint="non_neg", bias_constraint="non_neg")
    output = layers.Dense(classes, activation="softmax", kernel_constraint=keras.constraints.MaxNorm(0.5), name="output")
    return keras.Sequential([keras.Input(shape), layers.Flatten(), hidden, output])


class OwnLayer(layers.Layer):
    """A layer that a file cannot hold the code of."""

    def call(self, inputs):
        """Double the inputs."""
        return 2 * inputs


def own_layer(shape, classes):
    """A model with a layer of the user's own."""
    return keras.Sequential([keras.Input(shape), OwnLayer(), layers.Flatten(), layers.Dense(classes, activation="softmax")])
