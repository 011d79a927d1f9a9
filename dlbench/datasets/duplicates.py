"""Test examples that have a near-duplicate among the training examples, which makes a test score too good.

- Two images are near-duplicates where their grey thumbnails of at most 16x16 pixels, each with its mean taken off and scaled to unit
  length, correlate at 0.995 or more: the same picture at another size, quality of compression, brightness or contrast. A picture that
  was cropped, shifted, mirrored or rotated is another picture.
- Two texts are where they have the same words in the same order, whatever the case and the punctuation.
- Two rows of numbers, or two examples of several inputs, are where all numbers are equal.

Every test example is compared with every training example; where those are more than 2·10⁹ pairs, an evenly spaced sample of the test
examples is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from dlbench.datasets.declaration import Arrays
from dlbench.values.files import remembered
from dlbench.values.packed import SEVERAL

SIDE_PX = 16
ALIKE = 0.995
MOST_PAIRS = 2e9
ROWS = 4096
COARSE = 32
"""Directions in which thumbnails are compared first."""
MOST_PRODUCTS = 0.01
"""Share of pairs up to which they are multiplied one by one."""
ROUNDING = 1e-4
"""Of sums of products and roots in single precision, several times over."""


def kept(arrays: Arrays, train: np.ndarray, test: np.ndarray, file: Path) -> tuple[int, int, int]:
    """Count the duplicates as :func:`near_duplicates` does, once: the file keeps the counts."""
    found, compared, groups = remembered(file, lambda: near_duplicates(arrays, train, test))
    return found, compared, groups


def near_duplicates(arrays: Arrays, train: np.ndarray, test: np.ndarray) -> tuple[int, int, int]:
    """Count the test examples that have a near-duplicate in training, those that were compared, and the groups that the former are of.

    Near-duplicates of near-duplicates are of one group. ``train`` and ``test`` are positions in the dataset.

    Example:
        >>> texts = np.array([b"A good film.", b"bad", b"a good film", b"fine"])
        >>> near_duplicates(Arrays(texts, np.array([1, 0, 1, 1]), 4, 2, 1.0), np.array([0, 1]), np.array([2, 3]))
        (1, 2, 1)
    """
    test = test[:: int(np.ceil(len(train) * len(test) / MOST_PAIRS)) or 1]
    if arrays.kind == "image":
        found, groups = _alike(arrays.x, train, test)
        return found, len(test), groups
    key = {"text": _words, SEVERAL: _digest}.get(arrays.kind, _numbers)
    known = {key(arrays.x[row]) for row in train}
    alike = [found for row in test if (found := key(arrays.x[row])) in known]
    return len(alike), len(test), len(set(alike))


def _words(text: Any) -> str:
    return " ".join(re.findall(r"\w+", text.decode("utf-8").lower()))


def _numbers(row: np.ndarray) -> bytes:
    return (row + 0.0).tobytes()  # so that 0 and -0 are equal


def _digest(row: np.ndarray) -> bytes:
    return hashlib.sha256(_numbers(row)).digest()


def _alike(x: np.ndarray, train: np.ndarray, test: np.ndarray) -> tuple[int, int]:
    """Count the test images that are like a training image, and the connected components that they are of."""
    if not len(test):
        return 0, 0
    wanted = np.concatenate(list(_thumbnails(x, test)))
    directions = _directions(wanted)
    coarse, component, before = _coarse(wanted, directions), np.arange(len(test) + len(train)), len(test)
    for some in _thumbnails(x, train):
        bounds = _coarse(some, directions)
        for first in range(0, len(wanted), ROWS):
            rows = slice(first, first + ROWS)
            one, two = _correlated(wanted[rows], some, coarse[rows] @ bounds.T)
            component = _joined(component, first + one, before + two)
        before += len(some)
    linked = np.isin(component[: len(test)], component[len(test) :])
    return int(linked.sum()), len(np.unique(component[: len(test)][linked]))


def _directions(thumbnails: np.ndarray) -> np.ndarray:
    """Return the few directions [pixels, k] in which some thumbnails differ most."""
    some = thumbnails[:ROWS]
    return np.linalg.eigh(some.T @ some)[1][:, -COARSE:]


def _coarse(thumbnails: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Return each thumbnail's part in some directions, and the length of the rest: by the inequality of Cauchy and Schwarz, the product of
    two of these [n, k + 1] is at least that of the thumbnails."""
    parts = thumbnails @ directions
    rest = np.square(thumbnails).sum(axis=1, keepdims=True) - np.square(parts).sum(axis=1, keepdims=True)
    return np.hstack([parts, np.sqrt(np.maximum(rest, 0))])


def _correlated(one: np.ndarray, two: np.ndarray, bounds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of thumbnails that correlate; ``bounds`` [n, m] are not below their correlations but by rounding."""
    first, second = _places(bounds >= ALIKE - ROUNDING)
    if len(first) > bounds.size * MOST_PRODUCTS:
        return _places(one @ two.T >= ALIKE)
    alike = np.einsum("ij,ij->i", one[first], two[second]) >= ALIKE
    return first[alike], second[alike]


def _places(true: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of what is true, as ``np.nonzero`` does in several times the time."""
    rows, columns = np.divmod(np.flatnonzero(true), true.shape[1])
    return rows, columns


def _joined(component: np.ndarray, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Return the components [n] of a graph after edges from the nodes ``one`` to the nodes ``two`` were added."""
    one, two = component[one], component[two]
    if not (new := one != two).any():
        return component
    edges = coo_array((np.ones(new.sum(), bool), (one[new], two[new])), shape=(len(component), len(component)))
    return connected_components(edges, directed=False)[1][component]


def _thumbnails(x: np.ndarray, rows: np.ndarray) -> Iterator[np.ndarray]:
    """Stretches of thumbnails, float32 [k, pixels], each of unit length; all zero where the image is one colour."""
    kind = np.float64 if x.dtype.kind == "f" else np.float32  # sums of large floats
    for first in range(0, len(rows), ROWS):
        some = x[rows[first : first + ROWS]]
        grey = some.mean(axis=3, dtype=kind) if some.shape[3] > 1 else some[..., 0].astype(kind)
        small = thumbnail(grey).reshape(len(grey), -1)
        small -= small.mean(axis=1, keepdims=True)
        length = np.linalg.norm(small, axis=1, keepdims=True)
        yield np.divide(small, length, out=np.zeros_like(small), where=length > 1e-6).astype(np.float32)


def thumbnail(grey: np.ndarray) -> np.ndarray:
    """Images averaged over a grid of at most 16x16 fields.

    Args:
        grey: [n, height, width].

    Returns:
        [n, min(height, 16), min(width, 16)].

    Example:
        >>> thumbnail(np.arange(64.0).reshape(1, 2, 32))[0, 0, :3].tolist()
        [0.5, 2.5, 4.5]
    """
    for axis in (1, 2):
        length = grey.shape[axis]
        edges = np.arange(min(length, SIDE_PX)) * length // min(length, SIDE_PX)
        field = (np.searchsorted(edges, np.arange(length), "right") - 1)[:, None] == np.arange(len(edges))
        grey = np.moveaxis(np.moveaxis(grey, axis, -1) @ field.astype(grey.dtype) / field.sum(axis=0).astype(grey.dtype), -1, axis)
    return grey
