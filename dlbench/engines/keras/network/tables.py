"""The front end of models of tables with words: a learned vector for each word, beside the columns of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import layers

from dlbench.models.embeddings import embedding_width


def embedded(x: Any, cardinalities: Sequence[int], width: int | None = None) -> Any:
    """Replace the codes of words by their vectors.

    Args:
        x: a Keras tensor [b, columns], whose last columns are codes: 0 is an unknown word.
        cardinalities: of those columns, how many words each has.
        width: of each vector; None for the rule of :func:`dlbench.models.embeddings.embedding_width`.

    Returns:
        A Keras tensor [b, numbers]: the columns of numbers, then the vectors.

    Example:
        >>> import keras
        >>> embedded(keras.Input((4,)), cardinalities=(3, 10)).shape
        (None, 11)

    Source: C. Guo, F. Berkhahn, "Entity embeddings of categorical variables", 2016, https://arxiv.org/abs/1604.06737.
    """
    first = x.shape[-1] - len(cardinalities)
    vectors = [layers.Embedding(words + 1, embedding_width(words, width))(x[:, first + place])
               for place, words in enumerate(cardinalities)]
    parts = [x[:, :first], *vectors] if first else vectors
    return layers.Concatenate()(parts) if parts[1:] else parts[0]
