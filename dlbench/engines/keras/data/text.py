"""Turns sentences into numbers: they are cleaned and cut at spaces, and each word becomes its place in the vocabulary."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import tensorflow as tf

from dlbench.datasets import Arrays
from dlbench.datasets.splits import split
from dlbench.kernels.text import CLEANERS
from dlbench.values.recipe import Data


def tokens(arrays: Arrays, data: Data) -> Arrays:
    """Turn a dataset of texts into rows of word numbers: 0 is no word, 1 a word that the training split does not have.

    Args:
        arrays: texts, UTF-8.
        data: how they are cleaned, how many words are known, and how many of a sentence are used.

    Returns:
        The same examples, x int32 [n, length].
    """
    texts = np.array([CLEANERS[data.clean](text.decode()) for text in arrays.x.tolist()], object)
    layer = keras.layers.TextVectorization(
        max_tokens=data.vocabulary, standardize=None, split="whitespace", output_sequence_length=data.words)
    layer.adapt(tf.data.Dataset.from_tensor_slices(texts[split(arrays, data).train].tolist()).batch(1024))
    x = np.concatenate([layer(tf.constant(texts[first : first + 4096].tolist())).numpy() for first in range(0, len(texts), 4096)])
    return dataclasses.replace(arrays, x=x.astype(np.int32), full_range=float(data.vocabulary), low=0.0)
