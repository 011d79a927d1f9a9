"""Models that break the rules of control, each in one way."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers


class Noisy(layers.Layer):
    """Draws from TensorFlow's global generator in every step."""

    def call(self, inputs, training=False):
        return inputs + 0.1 * tf.random.normal(tf.shape(inputs)) if training else inputs


class Hidden(layers.Layer):
    """Draws from numpy's global generator in every step, out of the graph's sight."""

    def call(self, inputs, training=False):
        if not training:
            return inputs
        noise = tf.numpy_function(lambda x: np.random.normal(size=x.shape).astype(np.float32), [inputs], tf.float32)
        return inputs + 0.1 * tf.ensure_shape(noise, inputs.shape)


class Anyhow(keras.initializers.Initializer):
    """Draws initial weights from numpy's global generator."""

    def __call__(self, shape, dtype=None):
        return tf.constant(np.random.normal(size=shape, scale=0.05), tf.float32)

    def get_config(self):
        return {}


def noisy_call(shape, classes):
    return keras.Sequential([keras.Input(shape), layers.Flatten(), Noisy(), layers.Dense(classes)])


def hidden_call(shape, classes):
    return keras.Sequential([keras.Input(shape), layers.Flatten(), Hidden(), layers.Dense(classes)])


def noisy_init(shape, classes):
    dense = layers.Dense(8, activation="relu", kernel_initializer=Anyhow())
    return keras.Sequential([keras.Input(shape), layers.Flatten(), dense, layers.Dense(classes)])


def plain(shape, classes):
    return keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(8, activation="relu"), layers.Dense(classes)])
