"""Datasets from NumPy's ``.npz`` files, read chunk by chunk; a pickled array is never loaded."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np

from dlbench.datasets.declaration import Chunk, Examples
from dlbench.datasets.own import demand_sequences, labels, with_channels
from dlbench.datasets.places import Places
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data

CHUNK_BYTES = 2**25
PARTS = (("x_train", "y_train"), ("x_test", "y_test"))
WANTED = "x and y, or x_train, y_train, x_test and y_test"

BROKEN = (OSError, EOFError, ValueError, KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error)
"""What zipfile and numpy raise over a damaged member, or one that is encrypted or compressed in an unknown way."""

def load(data: Data, places: Places) -> Examples:
    """The arrays of ``npz:PATH``: x and y; or x_train and y_train, with or without x_test and y_test.

    Raises:
        InputError: the file is not to be read, or holds other arrays.
    """
    path = places.find(data.source)
    try:
        with zipfile.ZipFile(path) as file:
            names = {name.removesuffix(".npy") for name in file.namelist()}
    except BROKEN as error:
        raise InputError(f"dataset '{data.source}': {path} is not an .npz file: {error}") from None
    columns = [(*pair, *([data.group + pair[0][1:]] if data.group else [])) for pair in (("x", "y"), *PARTS)]
    parts = [names_of_part for names_of_part in columns if names.issuperset(names_of_part)]
    if not parts or len({name for part in parts for name in part}) != len(names):
        grouped = f", each with {data.group} or {data.group}_train and {data.group}_test" if data.group else ""
        raise InputError(f"dataset '{data.source}': {path.name} holds {', '.join(sorted(names)) or 'nothing'}; accepted: {WANTED}{grouped}")
    size_bytes = sum(_demand_equal_lengths(path, *part) for part in parts)
    chunks = (_chunks(path, data.kind, *part) for part in parts)
    return Examples(next(chunks), next(chunks, None), size_bytes=size_bytes, task=data.task)


def _demand_equal_lengths(path: Path, x_name: str, *others: str) -> int:
    """Compare what the headers of a part's arrays say, before any of them is read; return the bytes of its examples."""
    shape, dtype = _declared(path, x_name)
    for name, wanted in zip(others, ("label", "group")):
        if (rows := _declared(path, name)[0][0]) != shape[0]:
            raise InputError(f"{path.name}: {x_name} has {shape[0]} rows and {name} {rows}; accepted: one {wanted} a row")
    return int(np.prod(shape, dtype=object)) * dtype.itemsize


def _chunks(path: Path, kind: str | None, x_name: str, y_name: str, group_name: str | None = None) -> Iterator[Chunk]:
    y = labels(next(_rows(path, y_name, None)))
    groups = next(_rows(path, group_name, None)).tolist() if group_name else None
    first = 0
    for x in _rows(path, x_name, CHUNK_BYTES):
        demand_sequences(path.name, values := with_channels(x, kind), kind)
        yield Chunk(values, y[first : first + len(x)], lambda row, first=first: f"row {first + row} of {x_name} in {path.name}",
                    None if groups is None else groups[first : first + len(x)])
        first += len(x)


def _rows(path: Path, name: str, most_bytes: int | None) -> Iterator[np.ndarray]:
    """The rows of one array, at most so many bytes at a time; all at once for None."""
    with _opened(path, name) as stored:
        shape, dtype = _header(path, name, stored)
        row_bytes = int(np.prod(shape[1:])) * dtype.itemsize
        size = max(most_bytes // max(row_bytes, 1), 1) if most_bytes else max(shape[0], 1)
        for first in range(0, max(shape[0], 1), size):
            count = min(size, shape[0] - first)
            yield np.frombuffer(_exactly(stored, count * row_bytes), dtype).reshape(count, *shape[1:])


def _declared(path: Path, name: str) -> tuple[tuple[int, ...], np.dtype]:
    with _opened(path, name) as stored:
        return _header(path, name, stored)


@contextmanager
def _opened(path: Path, name: str) -> Iterator[IO[bytes]]:
    """One array of the file, before its header; damage that is met while it is read is an InputError."""
    try:
        with zipfile.ZipFile(path) as file, file.open(f"{name}.npy") as stored:
            yield stored
    except BROKEN as error:
        raise InputError(f"{path.name}: array {name} cannot be read: {error}") from None


def _header(path: Path, name: str, stored: IO[bytes]) -> tuple[tuple[int, ...], np.dtype]:
    version = np.lib.format.read_magic(stored)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = read(stored)
    if dtype.hasobject:
        raise InputError(f"{path.name}: array {name} holds Python objects (a pickle), which are never loaded; accepted: numbers")
    if not shape or (fortran and len(shape) > 1):
        raise InputError(f"{path.name}: array {name} is {'one value' if not shape else 'in Fortran order'}; accepted: rows of "
                         "numbers in C order (np.ascontiguousarray)")
    return shape, dtype


def _exactly(stored: IO[bytes], count: int) -> bytes:
    values = stored.read(count)
    if len(values) != count:
        raise EOFError("it ends before its last row")
    return values
