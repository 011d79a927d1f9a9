"""Models in the manner of Keras' code examples, each after the architecture that its docstring names, small enough for 32x32 images."""

from __future__ import annotations

import keras
from keras import layers, ops

Tensor = keras.KerasTensor


def _out(x: Tensor, classes: int) -> Tensor:
    return layers.Dense(classes, activation="softmax")(x)


def _model(inputs: Tensor, x: Tensor, classes: int) -> keras.Model:
    return keras.Model(inputs, _out(x, classes))


def _patches(x: Tensor, width: int, size: int = 8) -> Tensor:
    maps = layers.Conv2D(width, size, strides=size)(x)
    return layers.Reshape((-1, width))(maps)


def _transformer(x: Tensor, heads: int, width: int) -> Tensor:
    y = layers.LayerNormalization(epsilon=1e-6)(x)
    x = layers.Add()([layers.MultiHeadAttention(heads, width // heads)(y, y), x])
    y = layers.LayerNormalization(epsilon=1e-6)(x)
    return x + layers.Dense(width)(layers.Dense(2 * width, activation="gelu")(y))


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
    return _model(inputs, layers.Dropout(0.25)(layers.GlobalAveragePooling2D()(x)), classes)


class Positions(layers.Layer):
    """Adds a learned vector to each position."""

    def build(self, shape):
        self.table = self.add_weight(shape=shape[1:], initializer="random_normal", name="table")

    def call(self, x):
        return x + self.table


def vit(input_shape, classes):
    """Image classification with Vision Transformer (K. Salama)."""
    inputs = keras.Input(input_shape)
    x = Positions()(_patches(inputs / 255.0, 32))
    for _ in range(2):
        x = _transformer(x, 4, 32)
    return _model(inputs, layers.Dropout(0.3)(layers.Flatten()(layers.LayerNormalization()(x))), classes)


def mlp_mixer(input_shape, classes):
    """MLP-Mixer (K. Salama)."""
    inputs = keras.Input(input_shape)
    x = _patches(inputs, 24)
    for _ in range(2):
        y = layers.Permute((2, 1))(layers.LayerNormalization()(x))
        x = x + layers.Permute((2, 1))(layers.Dense(x.shape[1])(layers.Dense(32, activation="gelu")(y)))
        x = x + layers.Dense(24)(layers.Dense(48, activation="gelu")(layers.LayerNormalization()(x)))
    return _model(inputs, layers.GlobalAveragePooling1D()(x), classes)


class Fourier(layers.Layer):
    """The real part of a Fourier transform over positions and channels."""

    def call(self, x):
        return ops.fft2((x, ops.zeros_like(x)))[0]


def fnet(input_shape, classes):
    """FNet: Fourier transforms instead of attention (K. Salama)."""
    inputs = keras.Input(input_shape)
    x = _patches(inputs, 24)
    x = layers.LayerNormalization()(x + Fourier()(x))
    x = layers.LayerNormalization()(x + layers.Dense(24)(layers.Dense(48, activation="gelu")(x)))
    return _model(inputs, layers.GlobalAveragePooling1D()(x), classes)


def gmlp(input_shape, classes):
    """gMLP: a gate over positions (K. Salama)."""
    inputs = keras.Input(input_shape)
    x = _patches(inputs, 24)
    u, v = ops.split(layers.Dense(48, activation="gelu")(layers.LayerNormalization()(x)), 2, axis=-1)
    v = layers.Permute((2, 1))(layers.Dense(x.shape[1], bias_initializer="ones")(layers.Permute((2, 1))(layers.LayerNormalization()(v))))
    return _model(inputs, layers.GlobalAveragePooling1D()(x + layers.Dense(24)(u * v)), classes)


def convmixer(input_shape, classes):
    """ConvMixer (S. Paul)."""
    inputs = keras.Input(input_shape)
    x = layers.BatchNormalization()(layers.Activation("gelu")(layers.Conv2D(32, 2, strides=2)(layers.Rescaling(1 / 255)(inputs))))
    for _ in range(2):
        y = layers.BatchNormalization()(layers.Activation("gelu")(layers.DepthwiseConv2D(5, padding="same")(x)))
        x = layers.BatchNormalization()(layers.Activation("gelu")(layers.Conv2D(32, 1)(layers.Add()([y, x]))))
    return _model(inputs, layers.GlobalAvgPool2D()(x), classes)


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
    return _model(inputs, layers.Flatten()(ops.matmul(ops.transpose(weights, (0, 2, 1)), x)), classes)


def eanet(input_shape, classes):
    """EANet: external attention (Z. Jiang)."""
    inputs = keras.Input(input_shape)
    x = _patches(inputs, 24)
    y = layers.Dense(16)(layers.Dense(24)(x))
    y = ops.softmax(y, axis=1)
    y = y / (1e-9 + ops.sum(y, axis=-1, keepdims=True))
    return _model(inputs, layers.GlobalAveragePooling1D()(x + layers.Dense(24)(y)), classes)


def swin(input_shape, classes):
    """Swin Transformer, one shifted window (R. Dagli)."""
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(24, 4, strides=4)(inputs)
    shifted = ops.roll(x, (-2, -2), axis=(1, 2))
    windows = ops.reshape(ops.transpose(ops.reshape(shifted, (-1, 2, 4, 2, 4, 24)), (0, 1, 3, 2, 4, 5)), (-1, 4, 16 * 24))
    y = layers.MultiHeadAttention(2, 12)(windows, windows)
    return _model(inputs, layers.GlobalAveragePooling1D()(layers.LayerNormalization()(y + windows)), classes)


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
    return _model(inputs, layers.GlobalAveragePooling1D()(_transformer(Latent()(_patches(inputs, 24)), 2, 24)), classes)


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
    return _model(inputs, layers.Flatten()(layers.ReLU()(Involution(3, name="second")(x))), classes)


def efficientnet_fine_tuned(input_shape, classes):
    """Fine-tuning EfficientNet: a frozen base called in inference, which scales inputs itself (Y. Fu)."""
    base = keras.applications.EfficientNetB0(include_top=False, weights=None, input_shape=input_shape)
    base.trainable = False
    inputs = keras.Input(input_shape)
    x = layers.GlobalAveragePooling2D(name="avg_pool")(base(inputs, training=False))
    return _model(inputs, layers.Dropout(0.2)(layers.BatchNormalization()(x)), classes)


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
    return _model(inputs, layers.Dropout(0.1)(layers.GlobalAveragePooling1D()(_transformer(x, 2, 32))), classes)


def bidirectional_lstm(input_shape, classes, vocabulary=300):
    """Bidirectional LSTM on IMDB (F. Chollet); zeros are masked."""
    inputs = keras.Input(input_shape, dtype="int32")
    x = layers.Embedding(vocabulary, 16, mask_zero=True)(inputs)
    x = layers.Bidirectional(layers.LSTM(8))(layers.Bidirectional(layers.LSTM(8, return_sequences=True))(x))
    return _model(inputs, x, classes)


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
    return _model(inputs, layers.Dropout(0.5)(layers.Dense(32, activation="relu")(norm(inputs))), classes)


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
    return _model(inputs, layers.LayerNormalization()(layers.Dense(16)(inputs) + Gate(16)(x)), classes)


def wide_and_deep(input_shape, classes):
    """Wide and deep (K. Salama)."""
    inputs = keras.Input(input_shape)
    deep = inputs
    for units in (32, 16):
        deep = layers.Dropout(0.3)(layers.ReLU()(layers.BatchNormalization()(layers.Dense(units)(deep))))
    return _model(inputs, layers.concatenate([layers.BatchNormalization()(inputs), deep]), classes)


def deep_and_cross(input_shape, classes):
    """Deep and cross (K. Salama)."""
    inputs = keras.Input(input_shape)
    cross = inputs
    for _ in range(2):
        cross = inputs * layers.Dense(input_shape[0])(cross) + cross
    return _model(inputs, layers.Concatenate()([layers.BatchNormalization()(cross), layers.Dense(16, activation="relu")(inputs)]), classes)


def tab_transformer(input_shape, classes):
    """TabTransformer, each column a token (K. Salama)."""
    inputs = keras.Input(input_shape)
    x = layers.Dense(16)(layers.Reshape((input_shape[0], 1))(inputs))
    return _model(inputs, layers.Flatten()(_transformer(x, 2, 16)), classes)


def timeseries_conv(input_shape, classes):
    """Timeseries classification from scratch (H. Ismail Fawaz et al.)."""
    inputs = keras.Input(input_shape)
    x = layers.Reshape((input_shape[0], 1))(inputs)
    for _ in range(3):
        x = layers.ReLU()(layers.BatchNormalization()(layers.Conv1D(16, 3, padding="same")(x)))
    return _model(inputs, layers.GlobalAveragePooling1D()(x), classes)


def timeseries_transformer(input_shape, classes):
    """Timeseries classification with a Transformer (T. Ntakouris)."""
    inputs = keras.Input(input_shape)
    x = layers.Reshape((input_shape[0], 1))(inputs)
    y = layers.Dropout(0.25)(layers.MultiHeadAttention(2, 8)(x, x))
    x = layers.LayerNormalization(epsilon=1e-6)(y) + x
    return _model(inputs, layers.GlobalAveragePooling1D(data_format="channels_last")(x + layers.Conv1D(1, 1)(x)), classes)


def supervised_contrastive(input_shape, classes):
    """The classifier on a frozen encoder of supervised contrastive learning (K. Salama)."""
    encoder = keras.Sequential([keras.Input(input_shape), layers.Conv2D(8, 3, strides=2, activation="relu"), layers.Flatten(),
                                layers.Dense(16), layers.UnitNormalization()], name="encoder")
    for layer in encoder.layers:
        layer.trainable = False
    inputs = keras.Input(input_shape)
    return _model(inputs, layers.Dense(16, activation="relu")(layers.Dropout(0.5)(encoder(inputs))), classes)


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
    return _model(inputs, layers.GlobalAveragePooling2D()(ops.relu(x + y * ops.expand_dims(ops.expand_dims(gate, 1), 1))), classes)


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
    return _model(inputs, layers.Concatenate()([ops.abs(left - right), left * right]), classes)


def averaged_heads(input_shape, classes):
    """The average of two heads' probabilities."""
    inputs = keras.Input(input_shape)
    x = layers.Flatten()(layers.MaxPooling2D(4)(inputs))
    return keras.Model(inputs, layers.Average()([_out(x, classes), _out(layers.Dense(16, activation="relu")(x), classes)]))


def mobilevit(input_shape, classes):
    """A MobileViT block: convolutions around attention over unfolded patches (S. Paul)."""
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(16, 3, strides=2, padding="same", activation=keras.activations.swish)(layers.Rescaling(1 / 255)(inputs))
    tokens = layers.Reshape((-1, 16))(layers.Conv2D(16, 1)(x))
    folded = layers.Reshape((16, 16, 16))(_transformer(tokens, 2, 16))
    return _model(inputs, layers.GlobalAvgPool2D()(layers.Conv2D(16, 3, padding="same")(layers.Concatenate(axis=-1)([x, folded]))), classes)


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
    return _model(inputs, Lossy()(layers.Flatten()(layers.MaxPooling2D(8)(inputs))), classes)


def two_inputs(input_shape, classes):
    """A model of two inputs, which is refused."""
    one, two = keras.Input(input_shape), keras.Input((3,))
    return keras.Model([one, two], _out(layers.Concatenate()([layers.Flatten()(one), two]), classes))


def two_outputs(input_shape, classes):
    """A model of two outputs, which is refused."""
    inputs = keras.Input(input_shape)
    x = layers.Flatten()(inputs)
    return keras.Model(inputs, [_out(x, classes), layers.Dense(1)(x)])


TEXT = (transformer_of_text, bidirectional_lstm, text_from_scratch)
ROWS = (structured_data, gated_residual, wide_and_deep, deep_and_cross, tab_transformer, timeseries_conv, timeseries_transformer)
IMAGES = (
    mnist_convnet, from_scratch, vit, mlp_mixer, fnet, gmlp, convmixer, cct, eanet, swin, perceiver, involution, efficientnet_fine_tuned,
    supervised_contrastive, student, squeeze_and_excitation, u_net, siamese_halves, averaged_heads, mobilevit, subclassed, own_train_step,
    added_loss, two_inputs, two_outputs)
