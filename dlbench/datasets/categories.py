"""Columns of words in a table: each word becomes a column of 0 and 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dlbench.datasets.columns import Survey
from dlbench.values.errors import InputError
from dlbench.values.text import listed, plural

ONE_HOT = "one_hot"
MOST_WORDS = 100
"""Different words that a column of categories may have."""
Categories = Mapping[str, tuple[str, ...]]
"""Column -> its words, in alphabetical order."""


def of_words(surveys: Sequence[Survey]) -> list[str]:
    """Return the columns that hold a word in any file, in the order of the first one."""
    return [name for name in surveys[0].names if any(name in survey.words for survey in surveys)]


def categories(names: Sequence[str], frames: Iterable[pd.DataFrame], where: str) -> Categories:
    """Return the words of columns.

    Args:
        names: of the columns.
        frames: their cells as text, in the order of the names; a missing one is NaN.
        where: the file, for messages.

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
        if len(words) > MOST_WORDS:
            raise InputError(f"{where}: categories: column '{name}' has {len(words):,} different words; accepted: up to {MOST_WORDS}, or "
                             "`features = [...]` without it")
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


def features(known: Categories) -> list[str]:
    """Return the names of the columns of :func:`one_hot`.

    >>> features({"colour": ("blue", "red")})
    ['colour=blue', 'colour=red']
    """
    return [f"{name}={word}" for name, words in known.items() for word in words]


def notes(known: Categories) -> Iterator[str]:
    """Say which columns became how many."""
    if known:
        told = [f"'{name}' ({plural(len(words), 'word')})" for name, words in known.items()]
        yield f"each word is a column of 0 and 1, in {listed(told, most=8)}"


def _words(cells: pd.Series) -> pd.Series:
    return cells.str.strip()
