"""Classification: the target of an example is one of several classes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlbench.tasks.declaration import Task, told_sizes
from dlbench.values.errors import InputError
from dlbench.values.metric import METRICS, SCORERS
from dlbench.values.text import listed

ONE_HOT = "labels of one column a class become numbers by argmax over the columns: y.argmax(axis=-1)"
SEVERAL = "`task = \"multi_label\"` is for rows of 0 and 1, of which an example can have several"


def demand(where: str, y: NDArray[Any], n: int, classes: int | None) -> int | None:
    """Refuse labels that are no whole numbers, one an example; return the position of the first that is no class.

    Example:
        >>> demand("dataset 'mine'", np.array([0, 1, -1]), 3, None)
        2
    """
    if y.shape != (n,) or y.dtype.kind not in "iub":
        columns = y.ndim == 2 if len(y) == n else y.ndim == 1
        hint = f"; {SEVERAL if _several(y) else ONE_HOT}" if columns else (
            "; whole numbers become labels by y.astype(int), words by numpy.unique(y, return_inverse=True)[1]; "
            "`task = \"regression\"` predicts numbers" if y.ndim == 1 else "")
        raise InputError(f"{where}: wanted one whole-number label an example, got {y.dtype} {list(y.shape)} for {n} examples{hint}")
    bad = (y < 0) | (y >= classes) if classes else y < 0
    return int(np.argmax(bad)) if bad.any() else None


def _several(y: NDArray[Any]) -> bool:
    """Return whether targets are rows of 0 and 1, not all of which have a single 1."""
    return y.ndim == 2 and y.dtype.kind in "iufb" and bool(np.isin(y, (0, 1)).all() and (y.sum(axis=1) != 1).any())


def shape(classes: int) -> tuple[int, ...]:
    """Return the shape of a number."""
    return ()


def units(where: str, parts: Sequence[NDArray[Any]], names: Sequence[str] | None, gaps: bool) -> int:
    """Count the classes; each must have examples, unless there may be gaps, and both parts the same classes."""
    found: list[set[int]] = [set(np.unique(part).tolist()) for part in parts]
    known = len(names or ()) or max(chain(*found), default=-1) + 1
    if not all(found) or known < 2:
        raise InputError(f"{where}: wanted examples of at least two classes in each part, got {told_sizes(map(len, parts))}")
    if gaps:
        return known
    if len(found) == 2 and found[0] != found[1]:
        lost, train = min(found[0] ^ found[1]), found[0]
        here, there = ("train", "test") if lost in train else ("test", "train")
        others = sorted(found[there == "test"] - found[here == "test"])
        hint = f"; only {there} has {listed([_class_name(names, label) for label in others])}" if others else ""
        raise InputError(f"{where}: class {_class_name(names, lost)} has examples in {here} and none in {there}{hint}")
    if len(found[0]) < known:
        empty = next(label for label in count() if label not in found[0])
        if names:
            raise InputError(f"{where}: class '{names[empty]}' has no example")
        lowest = "" if empty else "; numpy.unique(y, return_inverse=True)[1] numbers labels from 0"
        raise InputError(f"{where}: class {empty} is empty: labels are 0 to K-1 for K classes, here "
                         f"0 to {known - 1:,}, and each needs examples{lowest}")
    return known


def _class_name(names: Sequence[str] | None, label: int) -> str:
    return f"'{names[label]}'" if names else str(label)


def absent(y: NDArray[Any], classes: int) -> int:
    """Count the classes that have no example."""
    return classes - len(np.unique(y))


def strata(y: NDArray[Any]) -> NDArray[np.int64]:
    """Return the labels: each part keeps the share of each class."""
    return y.astype(np.int64, copy=False)


def scaling(y: NDArray[Any]) -> tuple[float, float]:
    """Return 0 and 1: labels stay as they are."""
    return 0.0, 1.0


CLASSIFICATION = Task(
    name="classification", summary="each example has one of several classes", target="label", value="class",
    values="classes", accepted="whole numbers from 0", stratum="class", contents="", classes=True, shape=shape, dtype="int64",
    demand=demand, units=units, absent=absent, strata=strata, scaling=scaling,
    scored=METRICS.shipped, metrics=(*METRICS.shipped, *SCORERS), metric="test_accuracy", counted="accuracy", loss_unit="nats",
    lacks=frozenset({"several"}), keras="dlbench.engines.keras.tasks.classification")
