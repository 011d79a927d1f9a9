"""Datasets whose examples have several inputs: each input is read as if it were alone, and they are packed side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from types import MappingProxyType

import numpy as np

from dlbench.datasets.declaration import Chunk, Examples
from dlbench.values.errors import InputError
from dlbench.values.packed import EXACT, KINDS, ModelInput, packed
from dlbench.values.recipe import Data

ROWS, GREY = 2, 3
"""Axes of rows of numbers, and of images without channels."""
BYTES = (0.0, 255.0)
"""The range of 8-bit values."""


def alone(data: Data) -> dict[str, Data]:
    """Return, for each input that a study takes from a table, what reads it: images whose files a column names, or columns.

    Example:
        >>> both = alone(Data(source="csv:a.csv", inputs=(("scan", "file"), ("clinic", ("age", "sex")))))
        >>> both["scan"].image, both["clinic"].features
        ('file', ('age', 'sex'))
    """
    return {name: replace(data, image=stated) if isinstance(stated, str) else replace(data, features=stated, size=None, alpha=None)
            for name, stated in data.inputs or ()}


def joined(parts: Mapping[str, Examples], columns: Mapping[str, Sequence[str]] = MappingProxyType({})) -> Examples:
    """Pack the inputs of examples that were read one by one, each from the rows of one table.

    Args:
        parts: input -> its examples; targets, and what stands beside them, are those of the first.
        columns: input -> the names of its columns, where none are those of other ones.
    """
    first, *others = parts.values()
    peeked = {name: _peeked(part.train) for name, part in parts.items()}
    inputs = tuple(described(name, chunk.x, parts[name].columns or columns.get(name, ()))
                   for name, (chunk, _) in peeked.items() if chunk is not None)
    train = _zipped([chunks for _, chunks in peeked.values()])
    tests = [part.test for part in parts.values() if part.test is not None]
    notes = first.notes
    for other in others:
        notes.extend(note for note in other.notes if note not in notes)
    return replace(first, train=train, test=_zipped(tests) if tests else None, notes=notes, inputs=inputs, features=(), columns=(),
                   size_bytes=sum(4 * part.size_bytes for part in parts.values()),
                   missing=any(part.missing for part in parts.values()), changed=any(part.changed for part in parts.values()))


def described(name: str, x: np.ndarray, columns: Sequence[str] = ()) -> ModelInput:
    """Describe an input by some of its values, [n, ...]; rows of whole numbers are taken to be codes.

    Example:
        >>> described("codes", np.zeros((4, 2), int)).whole, described("clinic", np.zeros((4, 2))).whole
        (True, False)
    """
    whole = _whole(x)
    return ModelInput(name, tuple(x.shape[1:]), whole, tuple(columns), BYTES if x.dtype == np.uint8 and not whole else None)


def input_of(name: str, kind: str | None, x: np.ndarray) -> np.ndarray:
    """Give the values of one input the axes that its examples have: grey images get a channel, and single numbers are columns.

    Args:
        name: of the input.
        kind: ``sequence`` where arrays of three axes are sequences and not grey images.
        x: its values, [n, ...].

    Raises:
        InputError: they are no images, sequences or rows of numbers.

    Example:
        >>> input_of("scan", None, np.zeros((4, 8, 8))).shape, input_of("age", None, np.zeros(4)).shape
        ((4, 8, 8, 1), (4, 1))
    """
    x = x[:, None] if x.ndim == 1 else x[..., None] if x.ndim == GREY and kind is None else x
    if x.ndim - 1 not in KINDS or x.dtype.kind not in "iufb":
        raise InputError(f"input '{name}': {x.dtype} {list(x.shape)}; accepted: numbers: images [n, height, width, channels], sequences "
                         "[n, steps, channels] (`kind = \"sequence\"`), or rows [n, columns]")
    if _whole(x) and x.size and int(np.abs(x).max()) > EXACT:
        raise InputError(f"input '{name}': it holds whole numbers up to {int(np.abs(x).max()):,}; accepted: up to {EXACT:,}, which single "
                         "precision tells apart, or floats")
    return x


def _whole(x: np.ndarray) -> bool:
    return x.dtype.kind in "iu" and x.ndim == ROWS


def _peeked(chunks: object) -> tuple[Chunk | None, Iterator[Chunk]]:
    """Return the first chunk, and all of them."""
    every = iter(chunks)  # pyright: ignore
    first = next(every, None)
    return first, every if first is None else chain([first], every)


def _zipped(parts: Sequence[object]) -> Iterator[Chunk]:
    """Yield packed chunks of inputs that come in chunks of other sizes."""
    streams = [iter(part) for part in parts]  # pyright: ignore
    held: list[Chunk | None] = [None] * len(streams)
    while True:
        held = [chunk or next(stream, None) for chunk, stream in zip(held, streams)]
        known = [chunk for chunk in held if chunk is not None]
        if len(known) < len(held):
            return
        count = min(len(chunk.x) for chunk in known)
        yield replace(_some(known[0], slice(0, count)), x=packed([chunk.x[:count] for chunk in known]))
        held = [_some(chunk, slice(count, None)) if len(chunk.x) > count else None for chunk in known]


def _some(chunk: Chunk, span: slice) -> Chunk:
    """Return some of the examples of a chunk."""
    first = span.start or 0
    beside = {name: None if (cells := getattr(chunk, name)) is None else cells[span] for name in ("groups", "order", "part", "weights")}
    return Chunk(chunk.x[span], chunk.y[span], lambda row: chunk.where(first + row), **beside)
