"""Missing numbers of a table, replaced by what is usual in the training part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dlbench.datasets.declaration import Arrays
from dlbench.values.errors import InputError
from dlbench.values.packed import Packed
from dlbench.values.recipe import Data


def filled(arrays: Arrays, train: NDArray[np.int64], data: Data) -> Arrays:
    """Return a table whose missing numbers are the medians of their columns over the training examples; the same where none is missing.

    Args:
        arrays: the dataset, ``x`` [n, columns] with NaN where a number is missing.
        train: positions of the training examples.
        data: says whether there may be any.

    Raises:
        InputError: a column has no number in the training part.

    Example:
        >>> table = Arrays(np.array([[1.0], [3.0], [np.nan], [100.0]]), np.array([0, 1, 0, 1]), 4, 2, 1.0)
        >>> filled(table, np.array([0, 1, 2]), Data(missing="median")).x.ravel().tolist()
        [1.0, 3.0, 2.0, 100.0]
    """
    if not data.missing or not (gone := np.isnan(arrays.x)).any():
        return arrays
    if empty := np.flatnonzero(gone[train].all(axis=0)).tolist():
        name = _name(arrays, empty[0])
        raise InputError(f"dataset '{data.source}': missing = '{data.missing}': column {name} has no number in the training part; "
                         "accepted: `features = [...]` without it")
    x, some = np.array(arrays.x), np.flatnonzero(gone.any(axis=0))
    x[:, some] = np.where(gone[:, some], np.nanmedian(arrays.x[train][:, some], axis=0), x[:, some])
    return replace(arrays, x=x)


def _name(arrays: Arrays, column: int) -> str:
    """Name a column of a table, or of one that is one of several inputs."""
    for one, place in Packed.of(arrays.inputs).places():
        if place.start <= column < place.stop:
            column -= place.start
            return f"'{one.columns[column]}'" if one.columns else f"{column + 1} of input '{one.name}'"
    return f"'{arrays.names_of_columns[column]}'" if arrays.names_of_columns else f"{column + 1}"
