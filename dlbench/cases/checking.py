"""Compares a case's output with that of its reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dlbench.values.case import Prepared


def difference(prepared: Prepared) -> str:
    """Call a case once and say how its output differs from its reference; empty where it does not.

    Example:
        >>> difference(Prepared(lambda: [1.0, 2.0], lambda: [1.0, 2.5]))
        'differs by up to 0.5 at (1,): 2 instead of 2.5'
        >>> difference(Prepared(lambda: [1.0, 2.0], lambda: [1.0, 2.0]))
        ''
    """
    output = prepared.call()
    if prepared.reference is None:
        return ""
    wanted = prepared.reference()
    if prepared.view is not None:
        output, wanted = prepared.view(output), prepared.view(wanted)
    return compare(output, wanted, prepared.tolerance)


def compare(output: Any, wanted: Any, tolerance: tuple[float, float]) -> str:
    """Say how an output differs from another one, within a relative and an absolute tolerance; empty where it does not."""
    if isinstance(wanted, Mapping):
        if not isinstance(output, Mapping) or set(output) != set(wanted):
            return f"gives {_keys(output)} instead of {_keys(wanted)}"
        return next(filter(None, (_of_result(key, output[key], wanted[key], tolerance) for key in wanted)), "")
    if isinstance(wanted, tuple):
        if not isinstance(output, tuple) or len(output) != len(wanted):
            return f"gives {_count(output)} instead of {len(wanted)} results"
        return next(filter(None, (_of_result(i, *pair, tolerance) for i, pair in enumerate(zip(output, wanted)))), "")
    return _arrays(np.asarray(output), np.asarray(wanted), tolerance)


def _of_result(key: object, output: Any, wanted: Any, tolerance: tuple[float, float]) -> str:
    difference_of_result = compare(output, wanted, tolerance)
    return difference_of_result and f"result {key!r} {difference_of_result}"


def _arrays(output: np.ndarray, wanted: np.ndarray, tolerance: tuple[float, float]) -> str:
    if output.shape != wanted.shape:
        return f"has shape {output.shape} instead of {wanted.shape}"
    if output.dtype.kind not in "biufc":
        unequal = np.argwhere(np.atleast_1d(output != wanted))
        return f"differs in {len(unequal)} of {output.size} places" if len(unequal) else ""
    relative, absolute = tolerance
    if np.allclose(output, wanted, relative, absolute, equal_nan=True):
        return ""
    gap = np.abs(output.astype(np.float64) - wanted.astype(np.float64)) - relative * np.abs(wanted.astype(np.float64))
    gap = np.where(np.isnan(output.astype(np.float64)) & np.isnan(wanted.astype(np.float64)), 0, gap)
    index = np.unravel_index(np.argmax(np.nan_to_num(gap, nan=np.inf)), gap.shape)
    worst = abs(float(output[index]) - float(wanted[index]))
    return f"differs by up to {worst:.4g} at {tuple(map(int, index))}: {output[index]:.6g} instead of {wanted[index]:.6g}"


def _keys(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, Mapping) else type(value).__name__


def _count(value: Any) -> str:
    return str(len(value)) if isinstance(value, tuple) else type(value).__name__
