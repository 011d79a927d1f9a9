"""Models of images, small enough for 32x32 pixels."""

from __future__ import annotations

import keras
from keras import layers, ops

from benchmarks.models.examples import parts


def mnist_convnet(input_shape, classes):
    """Simple MNIST convnet (F. Chollet)."""
    return keras.Sequential([
        keras.Input(input_shape), layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(), layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(), layers.Flatten(), layers.Dropout(0.5), layers.Dense(classes, activation="softmax")])


def from_scratch(input_shape, classes):
    """Image classification from scratch: a small Xception with augmentation and rescaling inside (F. Chollet)."""
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(layers.RandomRotation(0.1)(layers.RandomFlip("horizontal")(inputs)))
    x = layers.Activation("relu")(layers.BatchNormalization()(layers.Conv2D(16, 3, strides=2, padding="same")(x)))
    before = x
    for width in (24, 32):
        for _ in range(2):
            x = layers.BatchNormalization()(layers.SeparableConv2D(width, 3, padding="same")(layers.Activation("relu")(x)))
        x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
        before = layers.Conv2D(width, 1, strides=2, padding="same")(before)
        x = before = layers.add([x, before])
    return parts.model(inputs, layers.Dropout(0.25)(layers.GlobalAveragePooling2D()(x)), classes)


class Positions(layers.Layer):
    """Adds a learned vector to each position."""

    def build(self, shape):
        self.table = self.add_weight(shape=shape[1:], initializer="random_normal", name="table")

    def call(self, x):
        return x + self.table


def vit(input_shape, classes):
    """Image classification with Vision Transformer (K. Salama)."""
    inputs = keras.Input(input_shape)
    x = Positions()(parts.patches(inputs / 255.0, 32))
    for _ in range(2):
        x = parts.transformer(x, 4, 32)
    return parts.model(inputs, layers.Dropout(0.3)(layers.Flatten()(layers.LayerNormalization()(x))), classes)


def mlp_mixer(input_shape, classes):
    """MLP-Mixer (K. Salama)."""
    inputs = keras.Input(input_shape)
    x = parts.patches(inputs, 24)
    for _ in range(2):
        y = layers.Permute((2, 1))(layers.LayerNormalization()(x))
        x = x + layers.Permute((2, 1))(layers.Dense(x.shape[1])(layers.Dense(32, activation="gelu")(y)))
        x = x + layers.Dense(24)(layers.Dense(48, activation="gelu")(layers.LayerNormalization()(x)))
    return parts.model(inputs, layers.GlobalAveragePooling1D()(x), classes)


class Fourier(layers.Layer):
    """The real part of a Fourier transform over positions and channels."""

    def call(self, x):
        return ops.fft2((x, ops.zeros_like(x)))[0]


def fnet(input_shape, classes):
    """FNet: Fourier transforms instead of attention (K. Salama)."""
    inputs = keras.Input(input_shape)
    x = parts.patches(inputs, 24)
    x = layers.LayerNormalization()(x + Fourier()(x))
    x = layers.LayerNormalization()(x + layers.Dense(24)(layers.Dense(48, activation="gelu")(x)))
    return parts.model(inputs, layers.GlobalAveragePooling1D()(x), classes)


def gmlp(input_shape, classes):
    """gMLP: a gate over positions (K. Salama)."""
    inputs = keras.Input(input_shape)
    x = parts.patches(inputs, 24)
    u, v = ops.split(layers.Dense(48, activation="gelu")(layers.LayerNormalization()(x)), 2, axis=-1)
    v = layers.Permute((2, 1))(layers.Dense(x.shape[1], bias_initializer="ones")(layers.Permute((2, 1))(layers.LayerNormalization()(v))))
    return parts.model(inputs, layers.GlobalAveragePooling1D()(x + layers.Dense(24)(u * v)), classes)


def convmixer(input_shape, classes):
    """ConvMixer (S. Paul)."""
    inputs = keras.Input(input_shape)
    x = layers.BatchNormalization()(layers.Activation("gelu")(layers.Conv2D(32, 2, strides=2)(layers.Rescaling(1 / 255)(inputs))))
    for _ in range(2):
        y = layers.BatchNormalization()(layers.Activation("gelu")(layers.DepthwiseConv2D(5, padding="same")(x)))
        x = layers.BatchNormalization()(layers.Activation("gelu")(layers.Conv2D(32, 1)(layers.Add()([y, x]))))
    return parts.model(inputs, layers.GlobalAvgPool2D()(x), classes)


class Depth(layers.Layer):
    """Stochastic depth, drawn by Keras' generator of seeds."""

    def __init__(self, rate, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.seeds = rate, keras.random.SeedGenerator(1337)

    def call(self, x, training=False):
        if not training:
            return x
        kept = 1 - self.rate
        return x / kept * ops.floor(kept + keras.random.uniform((ops.shape(x)[0], 1, 1), seed=self.seeds))


def cct(input_shape, classes):
    """Compact Convolutional Transformer: sequence pooling and stochastic depth (S. Paul)."""
    inputs = keras.Input(input_shape)
    x = layers.MaxPooling2D(3, 2, "same")(layers.Conv2D(32, 3, padding="same", use_bias=False, activation="relu")(inputs))
    x = Positions()(layers.Reshape((-1, 32))(x))
    x = x + Depth(0.1)(layers.MultiHeadAttention(2, 16)(layers.LayerNormalization()(x), x))
    weights = ops.softmax(layers.Dense(1)(x), axis=1)
    return parts.model(inputs, layers.Flatten()(ops.matmul(ops.transpose(weights, (0, 2, 1)), x)), classes)


def eanet(input_shape, classes):
    """EANet: external attention (Z. Jiang)."""
    inputs = keras.Input(input_shape)
    x = parts.patches(inputs, 24)
    y = layers.Dense(16)(layers.Dense(24)(x))
    y = ops.softmax(y, axis=1)
    y = y / (1e-9 + ops.sum(y, axis=-1, keepdims=True))
    return parts.model(inputs, layers.GlobalAveragePooling1D()(x + layers.Dense(24)(y)), classes)


def swin(input_shape, classes):
    """Swin Transformer, one shifted window (R. Dagli)."""
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(24, 4, strides=4)(inputs)
    shifted = ops.roll(x, (-2, -2), axis=(1, 2))
    windows = ops.reshape(ops.transpose(ops.reshape(shifted, (-1, 2, 4, 2, 4, 24)), (0, 1, 3, 2, 4, 5)), (-1, 4, 16 * 24))
    y = layers.MultiHeadAttention(2, 12)(windows, windows)
    return parts.model(inputs, layers.GlobalAveragePooling1D()(layers.LayerNormalization()(y + windows)), classes)


class Latent(layers.Layer):
    """A learned array that attends to the input."""

    def build(self, shape):
        self.array = self.add_weight(shape=(8, 24), initializer="random_normal", name="array")
        self.attention = layers.MultiHeadAttention(2, 12)
        self.attention.build((shape[0], 8, 24), shape)

    def call(self, x):
        start = ops.broadcast_to(self.array, (ops.shape(x)[0], 8, 24))
        return start + self.attention(start, x)


def perceiver(input_shape, classes):
    """Perceiver: a latent array with cross-attention (K. Salama)."""
    inputs = keras.Input(input_shape)
    return parts.model(inputs, layers.GlobalAveragePooling1D()(parts.transformer(Latent()(parts.patches(inputs, 24)), 2, 24)), classes)


class Involution(layers.Layer):
    """A kernel for each place, made from the value there."""

    def __init__(self, channel, kernel=3, **kwargs):
        super().__init__(**kwargs)
        self.channel, self.kernel = channel, kernel

    def build(self, shape):
        self.make = layers.Conv2D(self.kernel**2, 1)
        self.make.build(shape)

    def call(self, x):
        height, width = x.shape[1:3]
        kernels = ops.reshape(self.make(x), (-1, height, width, self.kernel**2, 1))
        patches = ops.image.extract_patches(x, self.kernel, strides=1, padding="same")
        return ops.sum(kernels * ops.reshape(patches, (-1, height, width, self.kernel**2, self.channel)), axis=3)


def involution(input_shape, classes):
    """Involutional neural networks (A. R. Gosthipaty)."""
    inputs = keras.Input(input_shape)
    x = layers.MaxPooling2D(4)(layers.ReLU()(Involution(3)(inputs)))
    return parts.model(inputs, layers.Flatten()(layers.ReLU()(Involution(3, name="second")(x))), classes)


def efficientnet_fine_tuned(input_shape, classes):
    """Fine-tuning EfficientNet: a frozen base called in inference, which scales inputs itself (Y. Fu)."""
    base = keras.applications.EfficientNetB0(include_top=False, weights=None, input_shape=input_shape)
    base.trainable = False
    inputs = keras.Input(input_shape)
    x = layers.GlobalAveragePooling2D(name="avg_pool")(base(inputs, training=False))
    return parts.model(inputs, layers.Dropout(0.2)(layers.BatchNormalization()(x)), classes)
