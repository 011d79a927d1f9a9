"""Several labels an example in a table: columns of 0 and 1, or one column of tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dlbench.datasets.classes import MOST_NUMBERS, alike_notes, ordered
from dlbench.values.errors import InputError, unknown
from dlbench.values.recipe import Data
from dlbench.values.text import listed, plural

JOINT = "\x1f"
"""Stands between the cells of several columns of labels."""
TRUTH = {"1": 1, "1.0": 1, "true": 1, "yes": 1, "y": 1, "0": 0, "0.0": 0, "false": 0, "no": 0, "n": 0}
"""Cell of a column of labels, in small letters -> whether an example has the label."""


def several(data: Data) -> bool:
    """Return whether a table has several labels an example.

    Example:
        >>> several(Data(label=("rain", "wind"))), several(Data(label="tags", label_separator=";")), several(Data(label="class"))
        (True, True, False)
    """
    return isinstance(data.label, tuple) or data.label_separator is not None


def split(cell: str, separator: str) -> set[str]:
    """Return the tags of a cell.

    Example:
        >>> sorted(split("rain; wind;", ";")), split("", ";")
        (['rain', 'wind'], set())
    """
    return {tag for tag in map(str.strip, cell.split(separator)) if tag}


def names(path: Path, columns: Sequence[str], data: Data, cells: Counter[str]) -> tuple[str, ...]:
    """Return the names of the labels: the columns, or the tags of the training file.

    Args:
        path: of that file, for messages.
        columns: of the labels.
        data: says whether they hold tags.
        cells: the cells of a row's labels -> the number of its rows.

    Raises:
        InputError: there are fewer than two tags, or so many that they hardly are tags.
    """
    if not data.label_separator:
        return tuple(columns)
    found, rows = ordered({tag for cell in cells for tag in split(cell, data.label_separator)}), cells.total()
    if len(found) < 2 or (len(found) > MOST_NUMBERS and 2 * len(found) > rows):
        raise InputError(f"{path}: column '{columns[0]}', split at {data.label_separator!r}, has {plural(len(found), 'different tag')} in "
                         f"{rows:,} rows; accepted: at least two tags, each of several rows")
    return found


def rows(columns: Sequence[str], data: Data, cells: Sequence[str], known: Sequence[str], where: Callable[[int], str]) -> NDArray[np.uint8]:
    """Return a row of 0 and 1 for each different content of the cells of a row's labels.

    Args:
        columns: of the labels.
        data: says whether they hold tags.
        cells: the contents.
        known: names of the labels.
        where: position of a content -> the first row that has it, for messages.

    Returns:
        uint8 [cells, labels].

    Raises:
        InputError: naming the row and column of a cell that is neither 0 nor 1, or of a tag that is unknown.
    """
    made = np.zeros((len(cells), len(known)), np.uint8)
    for code, cell in enumerate(cells):
        if data.label_separator:
            if new := split(cell, data.label_separator).difference(known):
                raise InputError(f"{where(code)}: column '{columns[0]}': {unknown('tag', min(new), known)}; no example to train "
                                 "on has it")
            made[code] = np.isin(known, list(split(cell, data.label_separator)))
            continue
        for place, text in enumerate(cell.split(JOINT)):
            if text.lower() not in TRUTH:
                raise InputError(f"{where(code)}: column '{columns[place]}' holds {text[:60]!r}, and says whether an example has the "
                                 "label; accepted: 1 and 0, true and false, yes and no")
            made[code, place] = TRUTH[text.lower()]
    return made


def notes(cells: Mapping[str, int], known: Sequence[str], data: Data) -> Iterator[str]:
    """Yield what is odd about labels: rows without any, and tags that hardly differ or never come together.

    Example:
        >>> list(notes({"rain;wind": 5, "": 2}, ("rain", "wind"), Data(label_separator=";")))
        ["labels: 'rain' and 'wind'", '2 examples have no label']
    """
    quoted, mark = [f"'{name}'" for name in known], data.label_separator
    yield f"labels: {listed(quoted, most=12)}"
    if none := sum(count for cell, count in cells.items() if not (split(cell, mark) if mark else _any(cell))):
        yield f"{plural(none, 'example')} {'has' if none == 1 else 'have'} no label"
    if mark:
        if all(len(split(cell, mark)) < 2 for cell in cells):
            yield f"no example has two tags: label_separator = {mark!r} may not be what stands between them"
        yield from alike_notes(known)


def _any(cell: str) -> bool:
    return any(TRUTH.get(text.lower()) for text in cell.split(JOINT))
