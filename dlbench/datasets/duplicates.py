"""Test examples that have a near-duplicate among the training examples, which makes a test score too good.

- Two images are near-duplicates where their grey thumbnails of at most 16x16 pixels, each with its mean taken off and scaled to unit
  length, correlate at 0.995 or more: the same picture at another size, quality of compression, brightness or contrast. A picture that
  was cropped, shifted, mirrored or rotated is another picture.
- Two texts are where they have the same words in the same order, whatever the case and the punctuation.
- Two rows of numbers are where all numbers are equal.

Every test example is compared with every training example; where those are more than 2·10⁹ pairs, an evenly spaced sample of the test
examples is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dlbench.datasets.declaration import Arrays
from dlbench.values.files import remembered

SIDE_PX = 16
ALIKE = 0.995
MOST_PAIRS = 2e9
ROWS = 4096


def kept(arrays: Arrays, train: np.ndarray, test: np.ndarray, file: Path) -> tuple[int, int]:
    """Count the duplicates as :func:`near_duplicates` does, once: the file keeps the count."""
    found, compared = remembered(file, lambda: near_duplicates(arrays, train, test))
    return found, compared


def near_duplicates(arrays: Arrays, train: np.ndarray, test: np.ndarray) -> tuple[int, int]:
    """Count the test examples that have a near-duplicate in training, and the test examples that were compared.

    ``train`` and ``test`` are positions in the dataset.

    Example:
        >>> texts = np.array([b"A good film.", b"bad", b"a good film", b"fine"])
        >>> near_duplicates(Arrays(texts, np.array([1, 0, 1, 1]), 4, 2, 1.0), np.array([0, 1]), np.array([2, 3]))
        (1, 2)
    """
    test = test[:: int(np.ceil(len(train) * len(test) / MOST_PAIRS)) or 1]
    if arrays.kind == "image":
        return _alike(arrays.x, train, test), len(test)
    key = _words if arrays.kind == "text" else _numbers
    known = {key(arrays.x[row]) for row in train}
    return sum(key(arrays.x[row]) in known for row in test), len(test)


def _words(text: Any) -> str:
    return " ".join(re.findall(r"\w+", text.decode("utf-8").lower()))


def _numbers(row: np.ndarray) -> bytes:
    return (row + 0.0).tobytes()  # so that 0 and -0 are equal


def _alike(x: np.ndarray, train: np.ndarray, test: np.ndarray) -> int:
    wanted = np.concatenate(list(_thumbnails(x, test))) if len(test) else np.empty((0, 1), np.float32)
    best = np.full(len(test), -1.0, np.float32)
    for some in _thumbnails(x, train):
        for first in range(0, len(wanted), ROWS):
            part = slice(first, first + ROWS)
            best[part] = np.maximum(best[part], (wanted[part] @ some.T).max(axis=1))
    return int((best >= ALIKE).sum())


def _thumbnails(x: np.ndarray, rows: np.ndarray) -> Iterator[np.ndarray]:
    """Stretches of thumbnails, float32 [k, pixels], each of unit length; all zero where the image is one colour."""
    kind = np.float64 if x.dtype.kind == "f" else np.float32  # sums of large floats
    for first in range(0, len(rows), ROWS):
        grey = x[rows[first : first + ROWS]].mean(axis=3, dtype=kind)
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
        widths = np.diff([*edges, length]).astype(grey.dtype)
        shape = [1, 1, 1]
        shape[axis] = -1
        grey = np.add.reduceat(grey, edges, axis=axis) / widths.reshape(shape)
    return grey
