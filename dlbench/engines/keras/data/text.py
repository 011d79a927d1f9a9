"""Turns sentences into numbers: they are cleaned and cut at spaces, and each word becomes its place in the vocabulary."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from dlbench.datasets import Arrays
from dlbench.datasets.splits import split
from dlbench.engines.keras.data.ondisk import OnDisk
from dlbench.engines.keras.data.resident import Resident
from dlbench.kernels.text import CLEANERS
from dlbench.values.recipe import Data

MOST_UNKNOWN = 0.5
"""Share of the words of the test examples that may be unknown before it is remarked on."""
PICTURE = re.compile(r"\S+\.(bmp|gif|jpe?g|png|tiff?|webp)", re.IGNORECASE)
"""A text that is the name of an image file."""
UNKNOWN = 1
"""The number of every word that the training split does not have."""


def word_notes(arrays: Arrays, data: Resident) -> Iterator[str]:
    """Yield what becomes of the words of a dataset of texts: how many of the test part are unknown, and how many sentences are cut.

    Args:
        arrays: texts; of anything else, nothing is noted.
        data: the same as word numbers.
    """
    if arrays.kind != "text":
        return
    if all(PICTURE.fullmatch(text.decode().strip()) for text in arrays.x[:100].tolist()):
        yield "the texts are names of image files, and are read as words; `folder:PATH` reads images, a folder a class"
    train, test = (part.read(slice(None)) if isinstance(part, OnDisk) else part.numpy() for part in (data.train[0], data.test[0]))
    unknown = float((test == UNKNOWN).sum() / max((test > 0).sum(), 1))
    if unknown > MOST_UNKNOWN:
        yield (f"{100 * unknown:.0f} % of the words of the test examples are in no training example: words are found by the spaces "
               "between them, so texts in Chinese, Japanese or Thai must be cut into words first")
    if full := int((train[:, -1] > 0).sum()):
        yield (f"{full:,} of {len(train):,} training texts have {train.shape[1]} words or more, of which {train.shape[1]} are read: "
               "`words` of `vocabulary` says how many")


def hash_of_texts(arrays: Arrays, data: Data) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of the test texts and their labels, whatever words the training split has.

    Args:
        arrays: texts, UTF-8.
        data: how they are split.
    """
    test = split(arrays, data).test
    return hashlib.sha256(np.ascontiguousarray(arrays.x[test]).tobytes() + arrays.y[test].tobytes()).hexdigest()[:16]


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
