"""The shipped models, in plain Keras."""

from __future__ import annotations

import keras
from keras import layers

from dlbench.engines.keras.network.sounds import log_mel
from dlbench.engines.keras.network.tables import embedded


def _classifier(stack: list[keras.Layer], input_shape: tuple[int, ...], classes: int, several: bool) -> keras.Model:
    return keras.Sequential([keras.Input(input_shape), *stack, _head(classes, several)])


def _head(classes: int, several: bool) -> keras.Layer:
    """Return the output layer: one unit for two classes, or for a number to predict (``classes`` = 1), which nothing squashes.

    Where an example may have several of the classes, each has a unit and a sigmoid of its own.
    """
    if several:
        return layers.Dense(classes, activation="sigmoid")
    squash = {1: None, 2: "sigmoid"}.get(classes, "softmax")
    return layers.Dense(1 if classes == 2 else classes, activation=squash)


def small_cnn(input_shape: tuple[int, int, int], classes: int, width: int = 16, hidden: int = 64, several: bool = False) -> keras.Model:
    """A small network for small images: a convolution, pooling, two more convolutions, one hidden dense layer.

    Args:
        input_shape: height, width and channels.
        classes: of the output.
        several: whether an example may have several of them.
        width: filters of the first convolution; the others have twice as many.
        hidden: units of the dense layer.
    """
    def conv(filters: int) -> keras.Layer:
        return layers.Conv2D(filters, 3, padding="same", activation="relu")

    stack = [conv(width), layers.MaxPooling2D(), conv(2 * width), conv(2 * width), layers.Flatten()]
    return _classifier([*stack, layers.Dense(hidden, activation="relu")], input_shape, classes, several)


def small_conv1d(input_shape: tuple[int, int], classes: int, width: int = 25, several: bool = False) -> keras.Model:
    """A small network for sequences: three convolutions over steps, each at every second step, one dense output of all their values.

    Args:
        input_shape: steps and channels.
        classes: of the output.
        several: whether an example may have several of them.
        width: filters of each convolution.

    Source: the convolutional network of S. Greydanus, D. Kobak, "Scaling down deep learning with MNIST-1D", 2020,
    https://arxiv.org/abs/2011.14439, whose first convolution has a window of 5 steps, the others of 3.
    """
    stack = [layers.Conv1D(width, size, strides=2, padding="same", activation="relu") for size in (5, 3, 3)]
    return _classifier([*stack, layers.Flatten()], input_shape, classes, several)


def small_audio_cnn(input_shape: tuple[int, int], classes: int, rate_hz: int | None = None, window_ms: float = 25,  # noqa: PLR0913
                    hop_ms: float = 10, bands: int = 40, width: int = 16, several: bool = False) -> keras.Model:
    """A small network for sounds: their log-mel spectrogram, three convolutions with pooling, global average pooling, output.

    Args:
        input_shape: steps, and 1 channel.
        classes: of the output.
        several: whether an example may have several of them.
        rate_hz: steps a second; a study's ``rate`` where it is not given.
        window_ms, hop_ms, bands: see :func:`dlbench.engines.keras.network.sounds.log_mel`.
        width: filters of the first convolution; the second has twice as many, the third four times.

    Source: a network of the kind of T. N. Sainath, C. Parada, "Convolutional neural networks for small-footprint keyword spotting", 2015,
    https://doi.org/10.21437/Interspeech.2015-352.
    """
    stack = log_mel(input_shape, rate_hz, window_ms, hop_ms, bands)
    for times in (1, 2, 4):
        stack += [layers.Conv2D(times * width, 3, padding="same", activation="relu"), layers.MaxPooling2D(padding="same")]
    return _classifier([*stack, layers.GlobalAveragePooling2D()], input_shape, classes, several)


def guide_cnn(input_shape: tuple[int, int, int], classes: int, several: bool = False) -> keras.Model:
    """The handwritten-digit guide's network: 93,322 parameters on 28x28x1 with ten classes.

    Source: the architecture of F. Chollet, "Deep learning with Python", 2017, section 5.1.
    """
    stack = [
        layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(), layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(), layers.Conv2D(64, 3, activation="relu"), layers.Flatten(), layers.Dense(64, activation="relu"),
    ]
    return _classifier(stack, input_shape, classes, several)


def overview_cnn(input_shape: tuple[int, int, int], classes: int, several: bool = False) -> keras.Model:
    """The overview article's network: 44,396,609 parameters on 224x224x3 with two classes, 99.8 % of them in one layer."""
    stack = []
    for filters in (32, 64, 128):
        stack += [layers.Conv2D(filters, 3, activation="relu"), layers.MaxPooling2D()]
    return _classifier([*stack, layers.Flatten(), layers.Dense(512, activation="relu")], input_shape, classes, several)


def mlp(input_shape: tuple[int, ...], classes: int, hidden: int = 800, several: bool = False,  # noqa: PLR0913
        cardinalities: tuple[int, ...] = (), embedding_width: int | None = None) -> keras.Model:
    """One hidden layer: 636,010 parameters on 28x28x1 with ten classes.

    Args:
        input_shape: of an example.
        classes: of the output.
        hidden: units of the hidden layer.
        several: whether an example may have several of the classes.
        cardinalities, embedding_width: of a table whose last columns are codes of words, see
            :func:`dlbench.engines.keras.network.tables.embedded`.

    Source: P. Y. Simard, D. Steinkraus, J. C. Platt, "Best practices for convolutional neural networks applied to visual
    document analysis", 2003, https://doi.org/10.1109/ICDAR.2003.1227801.
    """
    stack = [layers.Flatten(), layers.Dense(hidden, activation="relu")]
    if not cardinalities:
        return _classifier(stack, input_shape, classes, several)
    inputs = keras.Input(input_shape)
    x = embedded(inputs, cardinalities, embedding_width)
    for layer in (*stack, _head(classes, several)):
        x = layer(x)
    return keras.Model(inputs, x)


def resnet20(input_shape: tuple[int, int, int], classes: int, blocks: int = 3, width: int = 16, several: bool = False) -> keras.Model:
    """The CIFAR ResNet with 6·blocks + 2 weighted layers.

    Source: K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", 2016,
    https://doi.org/10.1109/CVPR.2016.90.
    """
    inputs = keras.Input(input_shape)
    x = _conv_norm(inputs, width, 1, relu=True)
    for stage in range(3):
        for block in range(blocks):
            x = _residual(x, width * 2**stage, stride=2 if stage and not block else 1)
    return keras.Model(inputs, _head(classes, several)(layers.GlobalAveragePooling2D()(x)))


def _residual(x, filters: int, stride: int):
    out = _conv_norm(x, filters, stride, relu=True)
    out = _conv_norm(out, filters, 1, relu=False)
    if stride != 1:
        x = _conv_norm(x, filters, stride, relu=False, size=1)
    return layers.Activation("relu")(layers.Add()([x, out]))


def _conv_norm(x, filters: int, stride: int, relu: bool, size: int = 3):
    x = layers.Conv2D(filters, size, strides=stride, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.Activation("relu")(x) if relu else x


def vgg16_transfer(input_shape: tuple[int, int, int], classes: int, hidden: int = 512, dropout: float = 0.5,
                   several: bool = False) -> keras.Model:
    """The overview article's transfer network: the base of VGG16, Flatten, Dense, Dropout, output: 27,560,769 parameters on 224x224x3.

    Source: K. Simonyan, A. Zisserman, "Very deep convolutional networks for large-scale image recognition", 2015,
    https://arxiv.org/abs/1409.1556.
    """
    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=input_shape)
    x = layers.Dense(hidden, activation="relu")(layers.Flatten()(base.output))
    return keras.Model(base.input, _head(classes, several)(layers.Dropout(dropout)(x)))


def application(input_shape: tuple[int, int, int], classes: int, base: str = "MobileNetV2", several: bool = False) -> keras.Model:
    """A network of ``keras.applications`` without its head, global average pooling, output.

    Args:
        input_shape: height, width and channels.
        classes: of the output.
        several: whether an example may have several of them.
        base: of :data:`dlbench.models.applications.PREPROCESSING`.
    """
    body = getattr(keras.applications, base)(include_top=False, weights=None, input_shape=input_shape)
    return keras.Model(body.input, _head(classes, several)(layers.GlobalAveragePooling2D()(body.output)))


def text_cnn(input_shape: tuple[int], classes: int, vocabulary: int = 10_000, width: int = 64, filters: int = 64,  # noqa: PLR0913
             several: bool = False) -> keras.Model:
    """A network for sentences: embedding, convolutions over 3, 4 and 5 words, maximum of each filter, dropout of 0.5, output.

    Args:
        input_shape: words of a sentence.
        classes: of the output.
        several: whether an example may have several of them.
        vocabulary: different words.
        width: of the embedding.
        filters: of each convolution.

    Source: Y. Kim, "Convolutional neural networks for sentence classification", 2014, https://arxiv.org/abs/1408.5882.
    """
    inputs = keras.Input(input_shape)
    words = layers.Embedding(vocabulary, width)(inputs)
    maps = [layers.Conv1D(filters, size, padding="same", activation="relu")(words) for size in (3, 4, 5)]
    x = layers.Concatenate()([layers.GlobalMaxPooling1D()(one) for one in maps])
    return keras.Model(inputs, _head(classes, several)(layers.Dropout(0.5)(x)))
