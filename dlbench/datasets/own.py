"""Datasets from a function of the user's own."""

from __future__ import annotations

import pkgutil

import numpy as np

from dlbench.datasets.declaration import Arrays
from dlbench.values.errors import InputError


def load(name: str, data_dir: str | None = None) -> Arrays:
    """Call ``package.module:function()`` and take its arrays.

    Args:
        name: reference of a function without arguments that returns ``(x, y)`` or ``((x, y), (x_test, y_test))``, with x
            [n, height, width, channels] (or without channels), uint8 or floating, and y [n] whole numbers from 0.
        data_dir: not used; the function finds its own data.

    Raises:
        InputError: the function cannot be found, fails, or returns something else.
    """
    try:
        parts = pkgutil.resolve_name(name)()
    except Exception as error:  # whatever the user's code raises is the user's to mend
        raise InputError(f"dataset '{name}': {type(error).__name__}: {error}") from error
    parts = parts if isinstance(parts[0], tuple) else (parts,)
    x = np.concatenate([np.asarray(part[0]) for part in parts])
    y = np.concatenate([np.asarray(part[1]) for part in parts])
    return _checked(name, x, y, len(parts[0][0]))


def _checked(name: str, x: np.ndarray, y: np.ndarray, train: int) -> Arrays:
    x = x[..., None] if x.ndim == 3 else x
    if x.ndim != 4 or y.shape != x.shape[:1]:
        raise InputError(f"dataset '{name}': wanted x [n, height, width, channels] and y [n], got {x.shape} and {y.shape}")
    if not np.issubdtype(y.dtype, np.integer) or y.min(initial=0) < 0:
        raise InputError(f"dataset '{name}': labels must be whole numbers from 0, got {y.dtype} from {y.min(initial=0)}")
    if x.dtype != np.uint8:
        x = x.astype(np.float32)
        if not np.isfinite(x).all():
            raise InputError(f"dataset '{name}': example {int(np.argwhere(~np.isfinite(x))[0][0])} is not finite")
    low, high = (0.0, 255.0) if x.dtype == np.uint8 else (float(x.min(initial=0)), float(x.max(initial=0)))
    return Arrays(x, y.astype(np.int64), train, int(y.max(initial=0)) + 1, high - low or 1.0, low)
