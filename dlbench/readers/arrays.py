"""Values of test examples: a NumPy array, or a number a line."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dlbench.readers.tables import text
from dlbench.values.errors import InputError


def values_of(path: Path) -> np.ndarray:
    """Return the values that a file holds, one a test example.

    Args:
        path: a ``.npy`` array of one axis, or text with a number, ``true`` or ``false`` a line, with or without a name in its first line.

    Returns:
        float64 [n], n of two or more.

    Raises:
        InputError: it cannot be read, has another shape, or holds what is no finite number.
    """
    values = _array(path) if path.suffix == ".npy" else _lines(path)
    if values.ndim != 1 or values.size < 2:
        raise InputError(f"{path}: an array of shape {values.shape}; accepted: one value a test example, of two or more")
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise InputError(f"{path}: value {bad[0] + 1:,} is {values[bad[0]]}; accepted: finite numbers")
    return values


def _array(path: Path) -> np.ndarray:
    try:
        found = np.load(path, allow_pickle=False)
        return found.astype(float) if found.dtype.kind in "biuf" else np.zeros((0, 0))
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{path}: {getattr(error, 'strerror', None) or error}; accepted: an array of numbers that "
                         "numpy.save wrote") from None


def _lines(path: Path) -> np.ndarray:
    lines = text(path).split()
    if lines and _number(lines[0]) is None:
        lines = lines[1:]
    values = [_number(line) for line in lines]
    if None in values:
        place = values.index(None)
        raise InputError(f"{path}: value {place + 1:,} is '{lines[place][:40]}'; accepted: a number, true or false a line")
    return np.array(values, float)


def _number(word: str) -> float | None:
    try:
        return {"true": 1.0, "false": 0.0}[word.lower()] if word.lower() in ("true", "false") else float(word)
    except ValueError:
        return None
