"""Classification: the target of an example is one of several classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlbench.tasks.declaration import Task
from dlbench.values.errors import InputError
from dlbench.values.metric import METRICS, SCORERS


def demand(where: str, y: NDArray[Any], n: int, classes: int | None) -> int | None:
    """Refuse labels that are no whole numbers, one an example; return the position of the first that is no class.

    Example:
        >>> demand("dataset 'mine'", np.array([0, 1, -1]), 3, None)
        2
    """
    if y.shape != (n,) or y.dtype.kind not in "iub":
        columns = y.ndim == 2 if len(y) == n else y.ndim == 1
        hint = "; labels of one column a class become numbers by argmax over the columns: y.argmax(axis=-1)" if columns else (
            "; whole numbers become labels by y.astype(int), words by numpy.unique(y, return_inverse=True)[1]; "
            "`task = \"regression\"` predicts numbers" if y.ndim == 1 else "")
        raise InputError(f"{where}: wanted one whole-number label an example, got {y.dtype} {list(y.shape)} for {n} examples{hint}")
    bad = (y < 0) | (y >= classes) if classes else y < 0
    return int(np.argmax(bad)) if bad.any() else None


def strata(y: NDArray[Any]) -> NDArray[np.int64]:
    """Return the labels: each part keeps the share of each class."""
    return y.astype(np.int64, copy=False)


def scaling(y: NDArray[Any]) -> tuple[float, float]:
    """Return 0 and 1: labels stay as they are."""
    return 0.0, 1.0


CLASSIFICATION = Task(
    name="classification", summary="each example has one of several classes", target="label", value="class",
    accepted="whole numbers from 0", contents="", classes=True, dtype="int64", demand=demand, strata=strata, scaling=scaling,
    scored=METRICS.shipped, metrics=(*METRICS.shipped, *SCORERS), metric="test_accuracy", counted="accuracy", loss_unit="nats",
    lacks=frozenset(), keras="dlbench.engines.keras.tasks.classification")
