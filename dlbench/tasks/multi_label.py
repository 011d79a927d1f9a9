"""Multi-label classification: an example has any number of several labels, and its target is a row of 0 and 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlbench.tasks.declaration import Task, demand_examples
from dlbench.values.errors import InputError
from dlbench.values.metric import OF_LABELS, metric
from dlbench.values.text import listed

FEWEST_LABELS = 2
LOSSES = tuple(metric(f"{split}_loss") for split in ("test", "validation", "train"))


def demand(where: str, y: NDArray[Any], n: int, classes: int | None) -> int | None:
    """Refuse targets that are no row of numbers an example; return the position of the first that has others than 0 and 1.

    Example:
        >>> demand("dataset 'mine'", np.array([[0, 1], [1, 2]]), 2, None)
        1
    """
    if y.ndim != 2 or len(y) != n or y.dtype.kind not in "iufb" or y.shape[1] < FEWEST_LABELS or (classes and y.shape[1] != classes):
        wide = f"{classes}" if classes else f"at least {FEWEST_LABELS}"
        hint = "; one class an example is for `task = \"classification\"`" if y.ndim == 1 else ""
        raise InputError(f"{where}: wanted one row of {wide} labels, each 0 or 1, an example, got {y.dtype} {list(y.shape)} for {n} "
                         f"examples{hint}")
    bad = ~np.isin(y, (0, 1)).all(axis=1)
    return int(np.argmax(bad)) if bad.any() else None


def shape(classes: int) -> tuple[int, ...]:
    """Return the shape of a row with a number for each label."""
    return (classes,)


def units(where: str, parts: Sequence[NDArray[Any]], names: Sequence[str] | None, gaps: bool) -> int:
    """Count the labels; the training part needs an example with each of them, and one without it.

    Example:
        >>> units("dataset 'mine'", [np.array([[0, 1], [0, 0]])], ("rain", "wind"), False)
        Traceback (most recent call last):
        dlbench.values.errors.InputError: dataset 'mine': label 'rain' is 0 in all 2 examples: there is nothing to learn; ...
    """
    demand_examples(where, parts)
    train = parts[0]
    for value, same in (("0", ~train.any(axis=0)), ("1", train.all(axis=0))):
        if found := [f"'{names[place]}'" if names else str(place) for place in np.flatnonzero(same).tolist()]:
            several = "labels" if found[1:] else "label"
            of = " of train" if len(parts) > 1 else ""
            raise InputError(f"{where}: {several} {listed(found, most=8)} {'are' if found[1:] else 'is'} {value} in all {len(train):,} "
                             f"examples{of}: there is nothing to learn; accepted: labels that some have and some have not")
    return train.shape[1]


def absent(y: NDArray[Any], classes: int) -> int:
    """Count the labels that no example has."""
    return int((~np.asarray(y, bool).any(axis=0)).sum())


def strata(y: NDArray[Any]) -> NDArray[np.int64]:
    """Return the rarest label of each example, so that each part keeps its share of rare ones; the number of labels where it has none.

    Example:
        >>> strata(np.array([[1, 0], [1, 1], [0, 0], [1, 0]]))
        array([0, 1, 2, 0])

    Source: K. Sechidis, G. Tsoumakas, I. Vlahavas, "On the stratification of multi-label data", 2011,
    https://doi.org/10.1007/978-3-642-23808-6_10, whose stratification begins with the rarest label too.
    """
    has = np.asarray(y, bool)
    order = np.argsort(has.sum(axis=0), kind="stable")
    return np.where(has.any(axis=1), order[has[:, order].argmax(axis=1)], has.shape[1]).astype(np.int64)


def scaling(y: NDArray[Any]) -> tuple[float, float]:
    """Return 0 and 1: labels stay as they are."""
    return 0.0, 1.0


MULTI_LABEL = Task(
    name="multi_label", summary="each example has any of several labels", target="row of labels", value="row of labels", values="labels",
    accepted="0 and 1", stratum="rarest label", contents="with any of {classes} labels each (multi-label)", classes=False, shape=shape,
    dtype="uint8", demand=demand, units=units, absent=absent, strata=strata, scaling=scaling, scored=OF_LABELS,
    metrics=(*OF_LABELS, *LOSSES), metric="test_mean_average_precision", counted="label_accuracy", loss_unit="nats",
    lacks=frozenset({"classes"}), keras="dlbench.engines.keras.tasks.multi_label")
