"""Models of images with what people do in their code: frozen parts, operators, subclasses, losses of their own, several inputs."""

from __future__ import annotations

import keras
from keras import layers, ops

from benchmarks.models.examples import parts


def supervised_contrastive(input_shape, classes):
    """The classifier on a frozen encoder of supervised contrastive learning (K. Salama)."""
    encoder = keras.Sequential([keras.Input(input_shape), layers.Conv2D(8, 3, strides=2, activation="relu"), layers.Flatten(),
                                layers.Dense(16), layers.UnitNormalization()], name="encoder")
    for layer in encoder.layers:
        layer.trainable = False
    inputs = keras.Input(input_shape)
    return parts.model(inputs, layers.Dense(16, activation="relu")(layers.Dropout(0.5)(encoder(inputs))), classes)


def student(input_shape, classes):
    """The student of knowledge distillation, which returns logits (K. Borup)."""
    return keras.Sequential([keras.Input(input_shape), layers.Conv2D(8, 3, strides=2, padding="same"), layers.LeakyReLU(0.2),
                             layers.MaxPooling2D(2, 1, "same"), layers.Flatten(), layers.Dense(classes)], name="student")


def squeeze_and_excitation(input_shape, classes):
    """A residual network with squeeze and excitation, by operators and keras.ops."""
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(16, 3, padding="same")(inputs / 255.0)
    y = ops.relu(layers.BatchNormalization()(layers.Conv2D(16, 3, padding="same")(x)))
    gate = layers.Dense(16, activation="sigmoid")(ops.relu(layers.Dense(4)(ops.mean(y, axis=(1, 2)))))
    return parts.model(inputs, layers.GlobalAveragePooling2D()(ops.relu(x + y * ops.expand_dims(ops.expand_dims(gate, 1), 1))), classes)


def u_net(input_shape, classes):
    """The encoder and decoder of a U-Net, pooled to classes."""
    inputs = keras.Input(input_shape)
    one = layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
    two = layers.Conv2D(16, 3, padding="same", activation="relu")(layers.MaxPooling2D()(one))
    up = layers.Conv2DTranspose(8, 2, strides=2)(two)
    x = layers.Conv2D(8, 3, padding="same", activation="relu")(layers.Concatenate()([up, one]))
    return keras.Model(inputs, layers.Softmax()(layers.GlobalAveragePooling2D()(layers.Conv2D(classes, 1)(x))))


def siamese_halves(input_shape, classes):
    """One encoder over both halves of an image, compared."""
    encoder = keras.Sequential([layers.Conv2D(8, 3, activation="relu"), layers.GlobalAveragePooling2D(), layers.Dense(8)])
    inputs = keras.Input(input_shape)
    half = input_shape[0] // 2
    left, right = encoder(inputs[:, :half]), encoder(inputs[:, half:])
    return parts.model(inputs, layers.Concatenate()([ops.abs(left - right), left * right]), classes)


def averaged_heads(input_shape, classes):
    """The average of two heads' probabilities."""
    inputs = keras.Input(input_shape)
    x = layers.Flatten()(layers.MaxPooling2D(4)(inputs))
    return keras.Model(inputs, layers.Average()([parts.out(x, classes), parts.out(layers.Dense(16, activation="relu")(x), classes)]))


def mobilevit(input_shape, classes):
    """A MobileViT block: convolutions around attention over unfolded patches (S. Paul)."""
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(16, 3, strides=2, padding="same", activation=keras.activations.swish)(layers.Rescaling(1 / 255)(inputs))
    tokens = layers.Reshape((-1, 16))(layers.Conv2D(16, 1)(x))
    folded = layers.Reshape((16, 16, 16))(parts.transformer(tokens, 2, 16))
    x = layers.Conv2D(16, 3, padding="same")(layers.Concatenate(axis=-1)([x, folded]))
    return parts.model(inputs, layers.GlobalAvgPool2D()(x), classes)


class Own(keras.Model):
    """A subclassed model with blocks of its own."""

    def __init__(self, classes, **kwargs):
        super().__init__(**kwargs)
        self.conv, self.norm, self.pool = layers.Conv2D(8, 3), layers.BatchNormalization(), layers.GlobalAveragePooling2D()
        self.drop, self.out = layers.Dropout(0.3), layers.Dense(classes)

    def call(self, inputs, training=False):
        x = ops.relu(self.norm(self.conv(inputs / 255.0), training=training))
        return ops.softmax(self.out(self.drop(self.pool(x), training=training)))


def subclassed(input_shape, classes):
    """A subclassed model whose call ends in a softmax."""
    return Own(classes)


class Stepped(Own):
    """A subclassed model with a training step of its own, which dlbench does not use and says so."""

    def train_step(self, data):
        return super().train_step(data)


def own_train_step(input_shape, classes):
    """A subclassed model with a train_step."""
    return Stepped(classes)


class Lossy(layers.Layer):
    """A layer that adds a loss."""

    def call(self, x):
        self.add_loss(1e-3 * ops.mean(ops.square(x)))
        return x


def added_loss(input_shape, classes):
    """A model with add_loss."""
    inputs = keras.Input(input_shape)
    return parts.model(inputs, Lossy()(layers.Flatten()(layers.MaxPooling2D(8)(inputs))), classes)


def two_inputs(input_shape, classes):
    """A model of two inputs, which is refused."""
    one, two = keras.Input(input_shape), keras.Input((3,))
    return keras.Model([one, two], parts.out(layers.Concatenate()([layers.Flatten()(one), two]), classes))


def two_outputs(input_shape, classes):
    """A model of two outputs, which is refused."""
    inputs = keras.Input(input_shape)
    x = layers.Flatten()(inputs)
    return keras.Model(inputs, [parts.out(x, classes), layers.Dense(1)(x)])
