"""Functions of a made-up plug-in, good and bad."""

import keras
import tensorflow as tf
from keras import layers


class Scale(layers.Layer):
    """Multiplies each channel by a weight of its own."""

    def __init__(self, scale_initializer="ones", **kwargs):
        super().__init__(**kwargs)
        self.scale_initializer = keras.initializers.get(scale_initializer)

    def build(self, shape):
        self.scale = self.add_weight(name="scale", shape=(shape[-1],), initializer=self.scale_initializer)

    def call(self, inputs):
        return inputs * self.scale

    def get_config(self):
        return {**super().get_config(), "scale_initializer": keras.initializers.serialize(self.scale_initializer)}


def scaled(model, gain=1.0):
    """A layer of its own after every convolution."""
    def call(layer, *args, **kwargs):
        out = layer(*args, **kwargs)
        return Scale(keras.initializers.Constant(gain))(out) if isinstance(layer, layers.Conv2D) else out

    return keras.models.clone_model(model, call_function=call, clone_function=lambda layer: type(layer).from_config(layer.get_config()))


def deeper(model):
    """A dense layer more, before the last."""
    x = model.layers[-2].output
    return keras.Model(model.input, model.layers[-1](layers.Dense(x.shape[-1], activation="relu")(x)))


def noise(images, draws, sd=0.1):
    return images + sd * draws.normal(images.shape[1:])


def same_images(images, draws):
    return images


def global_noise(images, draws):
    return images + 0.1 * tf.random.normal(tf.shape(images))


def cross_entropy(logits, labels):
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)


def focal(logits, labels, gamma=2.0):
    loss = cross_entropy(logits, labels)
    return (1 - tf.exp(-loss)) ** gamma * loss


def centred(gradients, weights):
    """Gradients of kernels without their mean over inputs (H. Yong et al., "Gradient centralization", 2020)."""
    return [g - tf.reduce_mean(g, axis=list(range(len(w.shape) - 1)), keepdims=True) if len(w.shape) > 1 else g
            for g, w in zip(gradients, weights)]


def same_gradients(gradients, weights):
    return gradients


def adam(beta_1=0.9):
    return keras.optimizers.Adam(beta_1=beta_1)


def raises(*_, **__):
    raise ValueError("it is broken")


def half_the_images(images, draws):
    return images[:, ::2]


def mean_loss(logits, labels):
    return tf.reduce_mean(cross_entropy(logits, labels))


def no_model(model):
    return model.layers


def other_output(model):
    return keras.Model(model.input, model.layers[-2].output)


def name_of_one():
    return "adam"
