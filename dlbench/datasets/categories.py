"""Columns of words in a table: each word becomes a column of 0 and 1, or the code of a vector that a model learns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dlbench.datasets.columns import Survey
from dlbench.datasets.declaration import Arrays
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from dlbench.values.text import listed, plural

ONE_HOT, EMBEDDING = "one_hot", "embedding"
UNKNOWN = 0
"""The code of a word that no training row has, and of a row without a word."""
MOST_WORDS = {ONE_HOT: 100, EMBEDDING: 10_000}
"""Way of the categories -> different words that a column may have."""
Categories = Mapping[str, tuple[str, ...]]
"""Column -> its words, in alphabetical order."""


def of_words(surveys: Sequence[Survey]) -> list[str]:
    """Return the columns that hold a word in any file, in the order of the first one."""
    return [name for name in surveys[0].names if any(name in survey.words for survey in surveys)]


def categories(names: Sequence[str], frames: Iterable[pd.DataFrame], where: str, way: str = ONE_HOT) -> Categories:
    """Return the words of columns.

    Args:
        names: of the columns.
        frames: their cells as text, in the order of the names; a missing one is NaN.
        where: the file, for messages.
        way: ``one_hot`` or ``embedding``.

    Raises:
        InputError: a column has too many.

    Example:
        >>> categories(["colour"], [pd.DataFrame({0: ["red", "blue ", None, "red"]})], "t.csv")
        {'colour': ('blue', 'red')}
    """
    found: dict[str, set[str]] = {name: set() for name in names}
    for frame in frames:
        for place, name in enumerate(names):
            found[name].update(_words(frame.iloc[:, place]).dropna())
    for name, words in found.items():
        if len(words) > MOST_WORDS[way]:
            more = f", up to {MOST_WORDS[EMBEDDING]:,} with `categories = \"{EMBEDDING}\"`" if way == ONE_HOT else ""
            raise InputError(f"{where}: categories: column '{name}' has {len(words):,} different words; accepted: up to "
                             f"{MOST_WORDS[way]:,}{more}, or `features = [...]` without it")
    return {name: tuple(sorted(words)) for name, words in found.items()}


def one_hot(frame: pd.DataFrame, known: Categories) -> NDArray[np.float64]:
    """Return columns of 0 and 1, one for each word of each column; a row without a word has 0 in all of them.

    Args:
        frame: cells as text, in the order of ``known``.
        known: of :func:`categories`.

    Returns:
        [rows, words].

    Example:
        >>> one_hot(pd.DataFrame({0: ["red", None, "blue"]}), {"colour": ("blue", "red")}).tolist()
        [[0.0, 1.0], [0.0, 0.0], [1.0, 0.0]]
    """
    parts = [np.stack([(_words(frame.iloc[:, place]) == word).to_numpy() for word in words], axis=1)
             for place, words in enumerate(known.values())]
    return np.concatenate(parts, axis=1).astype(np.float64)


def codes(frame: pd.DataFrame, known: Categories) -> NDArray[np.float64]:
    """Return a column of codes for each column: 1 for its first word and so on, and 0 in a row without a word.

    Args:
        frame: cells as text, in the order of ``known``.
        known: of :func:`categories`.

    Returns:
        [rows, columns].

    Example:
        >>> codes(pd.DataFrame({0: ["red", None, "blue"]}), {"colour": ("blue", "red")}).tolist()
        [[2.0], [0.0], [1.0]]
    """
    parts = [pd.Categorical(_words(frame.iloc[:, place]), words).codes + 1.0 for place, words in enumerate(known.values())]
    return np.stack(parts, axis=1)


ENCODERS = {ONE_HOT: one_hot, EMBEDDING: codes}
"""Way of the categories -> what turns columns of words into numbers."""


def features(known: Categories, way: str | None = ONE_HOT) -> list[str]:
    """Return the names of the columns of :func:`one_hot`, or of :func:`codes`.

    >>> features({"colour": ("blue", "red")}), features({"colour": ("blue", "red")}, "embedding")
    (['colour=blue', 'colour=red'], ['colour'])
    """
    return [*known] if way == EMBEDDING else [f"{name}={word}" for name, words in known.items() for word in words]


def cardinalities(known: Categories, way: str | None) -> tuple[int, ...]:
    """Return how many words each column of codes has; nothing where there are none."""
    return tuple(map(len, known.values())) if way == EMBEDDING else ()


def notes(known: Categories, way: str | None) -> Iterator[str]:
    """Say what became of the columns of words."""
    told = listed([f"'{name}' ({plural(len(words), 'word')})" for name, words in known.items()], most=8)
    if known:
        yield f"each word is a code, in {told}" if way == EMBEDDING else f"each word is a column of 0 and 1, in {told}"
    elif way == EMBEDDING:
        yield f"no column holds words, so `categories = \"{EMBEDDING}\"` embeds nothing"


def demand_known(arrays: Arrays, data: Data) -> None:
    """Refuse a table whose columns of words are others than those that a model was planned for, as of the table that it is pretrained on.

    Raises:
        InputError: saying how many words both have.
    """
    if data.cardinalities is not None and data.cardinalities != arrays.cardinalities:
        there, planned = ([*counts] or "none" for counts in (arrays.cardinalities, data.cardinalities))
        raise InputError(f"dataset '{data.source}': its columns of words have {there} different words, and the model embeds {planned}; "
                         "accepted: a table of the same words")


def without_unknown(arrays: Arrays, train: NDArray[np.int64]) -> tuple[Arrays, tuple[str, ...]]:
    """Give words that no training example has the code of unknown ones.

    Args:
        arrays: a table, whose last columns are the codes.
        train: positions of the training examples.

    Returns:
        The table, the same where every word is known, and sentences on the words that are not.

    Example:
        >>> table = Arrays(np.array([[1.0], [2.0], [3.0]]), np.array([0, 1, 0]), 3, 2, 1.0, columns=("city",), cardinalities=(3,))
        >>> found, told = without_unknown(table, np.array([0, 1]))
        >>> found.x.ravel().tolist(), *told
        ([1.0, 2.0, 0.0], "words that no training row has get the code 0 of unknown ones, in 'city' (1 word, 1 row)")
    """
    x, told = arrays.x, list[str]()
    for place in range(x.shape[-1] - len(arrays.cardinalities), x.shape[-1]):
        unknown = ~np.isin(arrays.x[:, place], [UNKNOWN, *np.unique(arrays.x[train, place])])
        if unknown.any():
            words = plural(len(np.unique(arrays.x[unknown, place])), "word")
            told.append(f"'{arrays.names_of_columns[place]}' ({words}, {plural(int(unknown.sum()), 'row')})")
            x = np.array(x) if x is arrays.x else x
            x[unknown, place] = UNKNOWN
    note = f"words that no training row has get the code {UNKNOWN} of unknown ones, in {listed(told, most=8)}"
    return (replace(arrays, x=x), (note,)) if told else (arrays, ())


def _words(cells: pd.Series) -> pd.Series:
    return cells.str.strip()
