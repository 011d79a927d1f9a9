"""Datasets from NumPy's ``.npz`` files, read chunk by chunk; a pickled array is never loaded."""

from __future__ import annotations

import difflib
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np

from dlbench.datasets.declaration import Chunk, Examples
from dlbench.datasets.own import demand_sequences, labels, with_channels
from dlbench.datasets.places import Places
from dlbench.datasets.several import input_of, joined
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from dlbench.values.text import listed

Form = Callable[[np.ndarray], np.ndarray]
"""What gives the values of an array the axes of examples."""

CHUNK_BYTES = 2**25
ENDINGS = ("", "_train", "_test")
"""Of the names of a part's arrays: those of all examples, and of the two parts."""

BROKEN = (OSError, EOFError, ValueError, KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error)
"""What zipfile and numpy raise over a damaged member, or one that is encrypted or compressed in an unknown way."""

def load(data: Data, places: Places) -> Examples:
    """The arrays of ``npz:PATH``: x and y; or x_train and y_train, with or without x_test and y_test; or several inputs in the place of x.

    Raises:
        InputError: the file is not to be read, or holds other arrays.
    """
    path = places.find(data.source)
    try:
        with zipfile.ZipFile(path) as file:
            names = {name.removesuffix(".npy") for name in file.namelist()}
    except BROKEN as error:
        raise InputError(f"dataset '{data.source}': {path} is not an .npz file: {error}") from None
    examples, beside = [str(array) for _, array in data.inputs or (("", "x"),)], ["y", *([data.group] if data.group else [])]
    parts = [ending for ending in ENDINGS if names.issuperset(name + ending for name in (*examples, *beside))]
    read = {name + ending for ending in parts for name in (*examples, *beside)}
    if not parts or (read != names and not data.inputs):
        raise InputError(f"dataset '{data.source}': {path.name} holds {', '.join(sorted(names)) or 'nothing'}; accepted: "
                         f"{_wanted(data, examples)}{_near(data, names)}")
    notes = [f"arrays that are not read: {listed(sorted(names - read))}"] if names - read else []
    read_parts = [_joined(path, data, ending) if data.inputs else _alone(path, data, "x", ending) for ending in parts[:2]]
    train, test = read_parts[0], read_parts[1] if len(read_parts) > 1 else None
    return replace(train, test=None if test is None else _demand_alike(path, train, test).train, notes=notes,
                   size_bytes=sum(part.size_bytes for part in read_parts))


def _wanted(data: Data, examples: Sequence[str]) -> str:
    grouped = f", each with {data.group} or {data.group}_train and {data.group}_test" if data.group else ""
    names = [*examples, "y"]
    return f"{listed(names)}, or {', '.join(f'{name}_train' for name in names)}, {listed([f'{name}_test' for name in names])}{grouped}"


def _near(data: Data, names: set[str]) -> str:
    """Offer the array whose name is like one that an input asks for."""
    for name, array in data.inputs or ():
        if not names & {f"{array}{ending}" for ending in ENDINGS}:
            near = difflib.get_close_matches(str(array), names, n=1, cutoff=0.4)
            return f"; inputs: {name} = '{array}' is not there" + (f"; did you mean '{near[0]}'?" if near else "")
    return ""


def _alone(path: Path, data: Data, x_name: str, ending: str) -> Examples:
    """One part, of which one array holds the examples."""
    return _part(path, data, x_name, ending, partial(_formed, path.name, data.kind))


def _part(path: Path, data: Data, x_name: str, ending: str, form: Form) -> Examples:
    part = [x_name + ending, "y" + ending, *([data.group + ending] if data.group else [])]
    return Examples(_chunks(path, form, *part), size_bytes=_demand_equal_lengths(path, *part), task=data.task)


def _joined(path: Path, data: Data, ending: str) -> Examples:
    """One part of several inputs."""
    return joined({name: _part(path, data, str(array), ending, partial(input_of, name, data.kind)) for name, array in data.inputs or ()})


def _demand_alike(path: Path, train: Examples, test: Examples) -> Examples:
    for one, two in zip(train.inputs, test.inputs):
        if one.shape != two.shape:
            raise InputError(f"{path.name}: input '{one.name}': an example has the shape {list(one.shape)} in the training part and "
                             f"{list(two.shape)} in the test part; accepted: one shape")
    return test


def _demand_equal_lengths(path: Path, x_name: str, *others: str) -> int:
    """Compare what the headers of a part's arrays say, before any of them is read; return the bytes of its examples."""
    shape, dtype = _declared(path, x_name)
    for name, wanted in zip(others, ("label", "group")):
        if (rows := _declared(path, name)[0][0]) != shape[0]:
            raise InputError(f"{path.name}: {x_name} has {shape[0]} rows and {name} {rows}; accepted: one {wanted} a row")
    return int(np.prod(shape, dtype=object)) * dtype.itemsize


def _formed(name: str, kind: str | None, x: np.ndarray) -> np.ndarray:
    demand_sequences(name, values := with_channels(x, kind), kind)
    return values


def _chunks(path: Path, form: Form, x_name: str, y_name: str, group_name: str | None = None) -> Iterator[Chunk]:
    y = labels(next(_rows(path, y_name, None)))
    groups = next(_rows(path, group_name, None)).tolist() if group_name else None
    first = 0
    for x in _rows(path, x_name, CHUNK_BYTES):
        yield Chunk(form(x), y[first : first + len(x)], lambda row, first=first: f"row {first + row} of {x_name} in {path.name}",
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
