"""Columns beside the examples: what decides which part of a split each is in (its group, its place in an order, or the part by name), and
its weight in training.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlbench.values.errors import InputError
from dlbench.values.recipe import Data

USUAL_PARTS = ("fold", "folds", "kfold", "cv_fold", "split", "partition", "subset")
"""Names that a column often has, in small letters, which says in which part of a split a row is."""
TRAIN, VALIDATION, TEST = range(3)
PARTS = {
    **dict.fromkeys(("train", "training"), TRAIN), **dict.fromkeys(("validation", "valid", "val", "dev"), VALIDATION),
    **dict.fromkeys(("test", "testing"), TEST)}
"""Name of a part, in small letters -> its number."""


def place(text: str) -> float:
    """Return where a number, or a date as ISO 8601 writes it, stands in an order: itself, or the seconds since 1970.

    Raises:
        ValueError: it is neither.

    Example:
        >>> place("7.5"), place("1970-01-02"), place("2024-05-01T12:00:00Z") > place("2024-05-01")
        (7.5, 86400.0, True)
    """
    try:
        number = float(text)
    except ValueError:
        date = datetime.fromisoformat(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _number_of_part(text: str) -> int:
    return PARTS[text.lower()]


def _groups(values: Sequence[str]) -> NDArray[np.int64]:
    return np.unique(list(map(str, values)), return_inverse=True)[1].astype(np.int64)


def _order(values: Sequence[str]) -> NDArray[np.int64]:
    """Number the places in their order; equal ones have one number."""
    return np.unique([place(str(value)) for value in values], return_inverse=True)[1].astype(np.int64)


def _part(values: Sequence[str]) -> NDArray[np.int64]:
    return np.array([_number_of_part(str(value)) for value in values], np.int64)


def _weight(text: str) -> float:
    number = float(text)
    if not 0 <= number < math.inf:
        raise ValueError(text)
    return number


def _weights(values: Sequence[str]) -> NDArray[np.float64]:
    return np.array([_weight(value) for value in values])


CODED: dict[str, tuple[type, Callable[[Sequence[str]], NDArray[Any]]]] = {
    "groups": (np.int64, _groups), "order": (np.int64, _order), "part": (np.int64, _part), "weights": (np.float64, _weights)}
"""Field of :class:`dlbench.datasets.declaration.Chunk` and ``Arrays`` -> the type of its values, and what turns text into them."""
KEYS = {"group": "groups", "order_by": "order", "part": "part", "weight": "weights"}
"""Key of a study -> that field."""
SPLITTING = ("group", "order_by", "part")
"""The keys that decide how examples are split."""
CHECKED: dict[str, tuple[Callable[[str], object], str]] = {
    "group": (str, ""), "order_by": (place, "a number, or a date such as 2024-05-01"), "part": (_number_of_part, ", ".join(PARTS)),
    "weight": (_weight, "a number from 0")}
"""Key of a study -> what raises for a value that cannot be used, and what is accepted."""


def usable(where: str, key: str, column: str, text: str) -> str:
    """Return a cell that decides how a row is split, or what it weighs.

    Raises:
        InputError: it is empty, or not what the key wants; the message begins with ``where``.
    """
    check, accepted = CHECKED[key]
    if not text:
        raise InputError(f"{where} has no {key.removesuffix('_by')} in column '{column}'")
    try:
        check(text)
    except (ValueError, KeyError):
        raise InputError(f"{where}: {key}: column '{column}' holds {text[:60]!r}; accepted: {accepted}") from None
    return text


def beside_notes(data: Data, beside: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Say how rows are split by a column, and how a column weighs them.

    Args:
        data: names the column.
        beside: field of a chunk -> its values, of all rows.
    """
    if order := beside.get("order"):
        first, last = min(order, key=place), max(order, key=place)
        yield f"the last rows by '{data.order_by}', which goes from {first} to {last}, are tested, and those before them validate"
    if part := beside.get("part"):
        counts = Counter(_number_of_part(text) for text in part)
        told = ", ".join(f"{counts[number]:,} {name}" for name, number in (("train", TRAIN), ("validation", VALIDATION), ("test", TEST)))
        yield f"'{data.part}' names the part of each row: {told}"
    if weights := beside.get("weights"):
        low, high = (f"{edge(map(_weight, weights)):g}" for edge in (min, max))
        yield f"'{data.weight}' weighs the loss of each row in training, from {low} to {high}; scores are not weighted"


def named(data: Data) -> Iterator[tuple[str, str]]:
    """Yield the keys that a study states, and the columns that they name.

    >>> dict(named(Data(group="patient", part="split")))
    {'group': 'patient', 'part': 'split'}
    """
    for key in KEYS:
        if column := getattr(data, key):
            yield key, column
