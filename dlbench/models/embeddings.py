"""How wide the learned vectors of a table's words are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dlbench.values.text import listed, plural

MOST_WIDE = 600
"""The widest vector that the rule gives."""


def embedding_width(words: int, stated: int | None = None) -> int:
    """Return how many numbers stand for a word of a column: ``min(600, round(1.6 n^0.56))`` with n the words and the code of unknown ones.

    Args:
        words: different ones of the column.
        stated: the width that a recipe states; None for the rule.

    Example:
        >>> [embedding_width(words) for words in (2, 10, 100, 10_000)], embedding_width(10, stated=4)
        ([3, 6, 21, 278], 4)

    Source: the rule of ``fastai.tabular``, J. Howard, S. Gugger, "fastai: a layered API for deep learning", 2020,
    https://arxiv.org/abs/2002.04688.
    """
    return stated or min(MOST_WIDE, round(1.6 * (words + 1) ** 0.56))


def embedding_notes(names: Sequence[str], cardinalities: Sequence[int], stated: int | None) -> Iterator[str]:
    """Say how wide the vectors of each column of words are.

    Args:
        names: of the columns.
        cardinalities: how many words each has.
        stated: see :func:`embedding_width`.

    Example:
        >>> list(embedding_notes(["colour"], [3], None))
        ["words are embedded, beside one code for unknown ones: 'colour' (3 words) in 3 numbers"]
    """
    told = [f"'{name}' ({plural(words, 'word')}) in {plural(embedding_width(words, stated), 'number')}"
            for name, words in zip(names, cardinalities)]
    if told:
        yield f"words are embedded, beside one code for unknown ones: {listed(told, most=8)}"
