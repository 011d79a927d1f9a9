"""Regression: the target of an example is a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlbench.tasks.declaration import Task, demand_examples
from dlbench.values.errors import InputError
from dlbench.values.metric import OF_NUMBERS


def demand(where: str, y: NDArray[Any], n: int, classes: int | None) -> int | None:
    """Refuse targets that are not one number an example; return the position of the first that is not finite.

    Example:
        >>> demand("dataset 'mine'", np.array([0.5, np.inf]), 2, None)
        1
    """
    if y.shape != (n,) or y.dtype.kind not in "iufb":
        raise InputError(f"{where}: wanted one number to predict an example, got {y.dtype} {list(y.shape)} for {n} examples")
    bad = ~np.isfinite(y.astype(np.float64))
    return int(np.argmax(bad)) if bad.any() else None


def shape(classes: int) -> tuple[int, ...]:
    """Return the shape of a number."""
    return ()


def units(where: str, parts: Sequence[NDArray[Any]], names: Sequence[str] | None, gaps: bool) -> int:
    """Return 1: one number is predicted; each part must have examples."""
    demand_examples(where, parts)
    return 1


def absent(y: NDArray[Any], classes: int) -> int:
    """Return 0: there are no classes."""
    return 0


def strata(y: NDArray[Any]) -> NDArray[np.int64]:
    """Return zeros: examples are drawn at random, whatever their target."""
    return np.zeros(len(y), np.int64)


def scaling(y: NDArray[Any]) -> tuple[float, float]:
    """Return mean and standard deviation, so that scaled targets have 0 and 1.

    Example:
        >>> scaling(np.array([1.0, 3.0]))
        (2.0, 1.0)

    Source: Y. LeCun et al., "Efficient BackProp", 1998, https://doi.org/10.1007/3-540-49430-8_2.
    """
    return float(np.mean(y)), float(np.std(y)) or 1.0


REGRESSION = Task(
    name="regression", summary="each example has a number, which is predicted", target="target", value="number",
    values="numbers", accepted="finite numbers", stratum="part", contents="with a number to predict each (regression)", classes=False,
    shape=shape, dtype="float64", demand=demand, units=units, absent=absent, strata=strata, scaling=scaling, scored=OF_NUMBERS,
    metrics=OF_NUMBERS, metric="test_rmse", counted="mae", loss_unit="sd²", lacks=frozenset({"classes", "labels", "several"}),
    keras="dlbench.engines.keras.tasks.regression")
