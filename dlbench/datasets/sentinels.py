"""Numbers that stand for a missing value: -999, 9999, and the like, far from all others of their column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dlbench.datasets.declaration import Arrays
from dlbench.values.text import listed

NINES = [float("9" * whole + point) for whole in range(2, 11) for point in ("", ".9", ".99", ".999")]
FILLS = [32767.0, 32768.0, 2147483647.0, 2147483648.0, 9.96921e36, 9.969209968386869e36, 1e20, 1e30, 1e34, 1e35, 1e37]
CANDIDATES = np.unique(np.array([-9.0, *(sign * value for value in (*NINES, *FILLS) for sign in (1, -1))], np.float32))
"""Numbers that files have in the place of a missing one: of nines, the ends of types of whole numbers, and the fill values of netCDF."""
NEAREST = 5.0
"""How far one must lie from the range of all other values, and farther than that range is wide."""
MOST_SHOWN = 8


def sentinel_notes(arrays: Arrays, names: Sequence[str] = ()) -> Iterator[str]:
    """Yield which values may stand for missing ones: in columns of rows, in channels of images with numbers, and in targets.

    Args:
        arrays: the dataset.
        names: of its columns, where they are known and all are taken.

    Example:
        >>> x = np.float32([[0.5, 1], [-999, 2], [0.25, 3], [-999, 4]])
        >>> print(*sentinel_notes(Arrays(x, np.array([0, 1, 0, 1]), 4, 2, 1.0)))
        column 1: -999 (2 of 4 values, the others 0.25 to 0.5) may stand for a missing value, and is read as a number; ...
    """
    for one in arrays.alone() if arrays.inputs else [arrays]:
        if found := list(_found(one, names)):
            yield (f"{listed(found, MOST_SHOWN)} may stand for a missing value, and is read as a number; replace it, leave such rows out, "
                   "or leave the column out")
    if arrays.y.dtype.kind == "f" and (words := far_off(arrays.y)):
        yield f"targets: {words} may stand for a missing value, and is predicted as a number; leave such rows out"


def _found(arrays: Arrays, names: Sequence[str]) -> Iterator[str]:
    if arrays.kind != "text" and arrays.x.dtype.kind == "f":
        columns, names = arrays.x.reshape(-1, arrays.x.shape[-1]), arrays.names_of_columns or names
        yield from (f"{_name(arrays, names, column)}: {words}" for column, words in _of_columns(columns))


def _name(arrays: Arrays, names: Sequence[str], column: int) -> str:
    if arrays.kind in ("image", "sequence"):
        return f"channel {column + 1}"
    return f"'{names[column]}'" if column < len(names) else f"column {column + 1}"


def _of_columns(x: NDArray) -> Iterator[tuple[int, str]]:
    """Yield the columns whose smallest or largest value is a candidate that lies far from the others, and words on it."""
    ends = np.isin(x.min(axis=0), CANDIDATES) | np.isin(x.max(axis=0), CANDIDATES)
    for column in np.flatnonzero(ends):
        if words := far_off(np.asarray(x[:, column])):
            yield int(column), words


def far_off(values: NDArray) -> str:
    """Word the sentinels among values [n]; empty where there are none.

    Example:
        >>> far_off(np.array([1900.0, 2020, 9999])), far_off(np.array([97.0, 98, 99]))
        ('9999 (1 of 3 values, the others 1900 to 2020)', '')
    """
    values = values.astype(np.float32)
    suspect = np.isin(values, CANDIDATES)
    others = values[~suspect]
    if not suspect.any() or not others.size:
        return ""
    low, high = float(others.min()), float(others.max())
    far = max(high - low, NEAREST)
    counts = zip(*np.unique(values[suspect], return_counts=True))
    found = [f"{_number(value)} ({count:,}" for value, count in counts if max(low - value, value - high) > far]
    return f"{' and '.join(found)} of {len(values):,} values, the others {_number(low)} to {_number(high)})" if found else ""


def _number(value: float) -> str:
    return f"{value:.10g}" if abs(value) < 1e10 and float(value).is_integer() else f"{value:.6g}"
