"""Networks of published experiments that no shipped model is: as the source has them, smaller."""

from __future__ import annotations

import keras
from keras import layers


def deep_tanh(input_shape: tuple[int, ...], classes: int, hidden: int = 256) -> keras.Model:
    """Five hidden layers of tanh units with the initialisation that was usual before: W ~ U[-1/√n, 1/√n], n inputs, biases 0.

    Args:
        input_shape: height, width and channels.
        classes: of the output.
        hidden: units of each hidden layer; the source has 1,000.

    Source: X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010, equation 1,
    https://proceedings.mlr.press/v9/glorot10a.html.
    """
    usual = keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")  # a uniform law on [-a, a] has the variance a²/3
    units = [layers.Dense(hidden, activation="tanh", kernel_initializer=usual) for _ in range(5)]
    return keras.Sequential([keras.Input(input_shape), layers.Flatten(), *units, layers.Dense(classes, activation="softmax")])


def sentence_cnn(input_shape: tuple[int], classes: int, vocabulary: int = 10_000, width: int = 64, filters: int = 64) -> keras.Model:
    """Kim's network without its dropout: embedding, convolutions over 3, 4 and 5 words, maximum of each filter, output.

    Args:
        input_shape: words of a sentence.
        classes: of the output; two of them share one unit.
        vocabulary: different words.
        width: of the embedding, which is learned from random numbers.
        filters: of each convolution; the source has 100.

    Source: Y. Kim, "Convolutional neural networks for sentence classification", 2014, https://arxiv.org/abs/1408.5882.
    """
    inputs = keras.Input(input_shape)
    words = layers.Embedding(vocabulary, width)(inputs)
    maps = [layers.Conv1D(filters, size, padding="same", activation="relu")(words) for size in (3, 4, 5)]
    x = layers.Concatenate()([layers.GlobalMaxPooling1D()(one) for one in maps])
    output = layers.Dense(1, activation="sigmoid") if classes == 2 else layers.Dense(classes, activation="softmax")
    return keras.Model(inputs, output(x))
