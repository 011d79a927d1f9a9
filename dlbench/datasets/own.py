"""Datasets from a function of the user's own: arrays, or a ``tf.data.Dataset``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from dlbench.datasets.declaration import Chunk, Examples
from dlbench.datasets.places import Places
from dlbench.datasets.several import input_of, joined
from dlbench.references import call, resolve
from dlbench.tasks import TASKS
from dlbench.tasks.classification import CLASSIFICATION
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data

ROWS = 4096
"""Examples of an array in a chunk."""
INFINITE = -1
"""What ``tf.data.Dataset.cardinality`` gives for a dataset without end."""
SEQUENCE = "sequence"
BATCH = 256
"""Examples of an unbatched ``tf.data.Dataset`` in a chunk."""
WANTED = "(x, y), ((x_train, y_train), (x_test, y_test)), a tf.data.Dataset of (x, y), or a pair (train, test) of those"


def load(data: Data, places: Places) -> Examples:
    """Call ``package.module:function()`` and take what it returns.

    Args:
        data: ``source`` is the reference of a function without arguments. It returns ``(x, y)`` or ``((x, y), (x_test, y_test))``,
            with x images [n, height, width, channels] (or without channels), sequences [n, steps, channels] (or without channels,
            where ``kind`` says so), rows of numbers [n, columns] or texts [n], and y [n] whole numbers from 0, or the numbers to
            predict, or rows of 0 and 1 [n, labels]; or a ``tf.data.Dataset`` of such (x, y), batched or not; or one
            for train and one for test. Of arrays, x may be a dict of several, by the names of a model's inputs.
        places: not used; the function finds its own data.

    Raises:
        InputError: the function cannot be found, fails, or returns something else.
    """
    name = data.source
    return examples(name, call(f"dataset '{name}'", call(f"dataset '{name}'", resolve, name)), data.task, data.kind)


def examples(name: str, made: Any, task: str = CLASSIFICATION.name, kind: str | None = None) -> Examples:
    """Take what a function of :func:`load` returns; ``name`` stands in messages, ``task`` says whose targets they are, ``kind`` whether
    examples are declared to be sequences.

    Raises:
        InputError: it is something else.

    Example:
        >>> [chunk.x.shape for chunk in examples("mine", (np.zeros((5, 8, 8)), np.zeros(5, int))).train]
        [(5, 8, 8, 1)]
    """
    known, split = TASKS[task], _parts(name, made)
    if any(not _streams(part) and isinstance(part[0], Mapping) for part in split):
        return _several(name, split, task, kind)
    parts = (_chunks(name, part, given, kind, len(known.shape(1))) for part, given in zip(("train", "test"), split))
    return Examples(next(parts), next(parts, None), task=task)


def _several(name: str, split: tuple, task: str, kind: str | None) -> Examples:
    """Take parts whose examples have several inputs."""
    first, *others = [{} if _streams(part) or not isinstance(part[0], Mapping) else part[0] for part in split]
    if len(first) < 2 or not all(isinstance(key, str) for key in first) or any(set(other) != set(first) for other in others):
        told = " and ".join(str(sorted(map(str, part)) or "no dict") for part in (first, *others))
        raise InputError(f"dataset '{name}': x is a dict of the inputs {told}; accepted: two or more arrays by the names of the model's "
                         "inputs, the same in both parts")
    parts = [joined({key: Examples(_of_input(name, part, key, given, kind), task=task) for key in sorted(first)})
             for part, given in zip(("train", "test"), split)]
    if len({part.inputs and tuple((one.name, one.shape) for one in part.inputs) for part in parts}) > 1:
        shapes = " and ".join(str({one.name: list(one.shape) for one in part.inputs}) for part in parts)
        raise InputError(f"dataset '{name}': the shapes of an example are {shapes} in the two parts; accepted: one shape for each input")
    return replace(parts[0], test=parts[1].train if len(parts) > 1 else None)


def _of_input(name: str, part: str, key: str, given: Any, kind: str | None) -> Iterator[Chunk]:
    x, y = input_of(key, kind, _array(name, part, given[0][key])), labels(_array(name, part, given[1]))
    if y.shape[:1] != x.shape[:1]:
        raise InputError(f"dataset '{name}': input '{key}' has {len(x):,} rows and y {len(y):,} in the {part} part; accepted: one target "
                         "a row")
    yield from (Chunk(x[span], y[span], lambda row, first=span.start: f"example {first + row} of the {part} part")
                for span in (slice(first, first + ROWS) for first in range(0, len(x), ROWS)))


def _parts(name: str, made: Any) -> tuple:
    if _streams(made):
        return (made,)
    if isinstance(made, tuple | list) and len(made) == 2:
        return tuple(made) if all(_streams(part) or (isinstance(part, tuple | list) and len(part) == 2) for part in made) else (made,)
    raise InputError(f"dataset '{name}': {type(made).__name__} was given; accepted: {WANTED}")


def _streams(value: Any) -> bool:
    return hasattr(value, "as_numpy_iterator") and hasattr(value, "element_spec")


def _chunks(name: str, part: str, given: Any, kind: str | None, axes: int) -> Iterator[Chunk]:
    if _streams(given):
        return _streamed(name, part, given, kind, axes)
    x, y = with_channels(_texts(_array(name, part, given[0])), kind), labels(_array(name, part, given[1]))
    demand_sequences(name, x, kind)
    if x.ndim not in (1, 2, 4, *([3] if kind else [])) or (x.ndim == 1 and x.dtype.kind != "S") or y.shape[:1] != x.shape[:1]:
        raise InputError(f"dataset '{name}': wanted x [n, height, width, channels], [n, columns] or texts [n], and y [n]; got x "
                         f"{list(x.shape)} {x.dtype} and y {list(y.shape)} in the {part} part")
    spans = (slice(first, first + ROWS) for first in range(0, len(x), ROWS))
    return (Chunk(x[span], y[span], lambda row, first=span.start: f"example {first + row} of the {part} part") for span in spans)


def _streamed(name: str, part: str, given: Any, kind: str | None, axes: int) -> Iterator[Chunk]:
    """Yield what a stream gives, whose targets have so many axes where it is not batched."""
    spec = given.element_spec
    if not isinstance(spec, tuple) or len(spec) != 2:
        raise InputError(f"dataset '{name}': the {part} tf.data.Dataset gives {spec}; accepted: pairs (x, y)")
    if isinstance(spec[0], Mapping):
        raise InputError(f"dataset '{name}': the {part} tf.data.Dataset gives a dict of the inputs {', '.join(map(str, spec[0]))}; "
                         "accepted: a dict of arrays")
    if int(given.cardinality()) == INFINITE:
        raise InputError(f"dataset '{name}': the {part} tf.data.Dataset has no end; accepted: one without .repeat(), or with .take(COUNT)")
    single = len(spec[1].shape) == axes
    rows, first = given.as_numpy_iterator(), 0
    while batch := list(islice(rows, BATCH if single else 1)):
        if single and len(shapes := {np.shape(x) for x, _ in batch}) > 1:
            raise InputError(f"dataset '{name}': the {part} tf.data.Dataset gives x of several shapes, such as "
                             f"{' and '.join(str(list(shape)) for shape in sorted(shapes)[:2])} among its examples {first} to "
                             f"{first + len(batch) - 1}; accepted: one shape (tf.image.resize makes images one size)")
        x, y = (np.array(values) for values in zip(*batch)) if single else batch[0]
        x, y = with_channels(x, kind), labels(y)
        demand_sequences(name, x, kind)
        if x.ndim not in (2, 4, *([3] if kind else [])):
            raise InputError(f"dataset '{name}': the {part} tf.data.Dataset gives x {list(x.shape[1:])} {x.dtype}; accepted: images "
                             "[height, width, channels] or rows of numbers [columns]; give texts as an array")
        yield Chunk(x, y, lambda row, first=first: f"example {first + row} of the {part} part")
        first += len(x)


def demand_sequences(name: str, x: np.ndarray, kind: str | None) -> None:
    """Refuse what is declared to be sequences and is something else.

    Raises:
        InputError: naming the shape.
    """
    if kind == SEQUENCE and (x.ndim != 3 or x.dtype.kind not in "iufb"):
        raise InputError(f"dataset '{name}': kind = '{SEQUENCE}': wanted numbers [n, steps] or [n, steps, channels], got {x.dtype} "
                         f"{list(x.shape)}")


def _array(name: str, part: str, given: Any) -> np.ndarray:
    try:
        return np.asarray(given)
    except ValueError as error:
        raise InputError(f"dataset '{name}': the {part} part is no array of one shape: {error}") from None


def labels(y: np.ndarray) -> np.ndarray:
    """Turn a column of labels [n, 1] into labels [n]; anything else stays as it is."""
    return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y


def with_channels(x: np.ndarray, kind: str | None = None) -> np.ndarray:
    """Give grey images [n, height, width], or sequences of one channel [n, steps], a channel axis; anything else stays as it is.

    Args:
        x: examples.
        kind: ``sequence`` where they are declared to be sequences.

    Example:
        >>> with_channels(np.zeros((5, 8, 8))).shape, with_channels(np.zeros((5, 3))).shape
        ((5, 8, 8, 1), (5, 3))
        >>> with_channels(np.zeros((5, 40)), SEQUENCE).shape, with_channels(np.zeros((5, 40, 2)), SEQUENCE).shape
        ((5, 40, 1), (5, 40, 2))
    """
    return x[..., None] if x.ndim == (2 if kind == SEQUENCE else 3) else x


def _texts(x: np.ndarray) -> np.ndarray:
    if x.ndim == 1 and (x.dtype.kind == "U" or (x.dtype.kind == "O" and all(isinstance(text, str) for text in x))):
        return np.char.encode(x.astype(str), "utf-8")
    return x
