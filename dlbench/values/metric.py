"""Metrics: each one declares its unit, direction and range, so that nothing is ever guessed from a name."""

from __future__ import annotations

from dataclasses import dataclass

from dlbench.values.errors import InputError, unknown


@dataclass(frozen=True)
class Metric:
    """What a score means.

    Attributes:
        name: as in a study file and in a record's scores.
        unit: ``"fraction"`` is shown in percentage points, ``"nats"`` and ``"s"`` as they are.
        higher_is_better: the direction of improvement.
        low, high: the range of possible values.
        split: the part of the data it is measured on.
    """

    name: str
    unit: str
    higher_is_better: bool
    low: float
    high: float
    split: str


METRICS = (
    Metric("test_accuracy", "fraction", True, 0.0, 1.0, "test"),
    Metric("test_loss", "nats", False, 0.0, float("inf"), "test"),
    Metric("validation_accuracy", "fraction", True, 0.0, 1.0, "validation"),
    Metric("validation_loss", "nats", False, 0.0, float("inf"), "validation"),
    Metric("train_accuracy", "fraction", True, 0.0, 1.0, "train"),
    Metric("train_loss", "nats", False, 0.0, float("inf"), "train"),
    Metric("accuracy_gap", "fraction", False, -1.0, 1.0, "train and test"),
)


def metric(name: str) -> Metric:
    """Look a metric up by name.

    Raises:
        InputError: there is none of that name.

    Example:
        >>> metric("test_accuracy").higher_is_better
        True
    """
    for known in METRICS:
        if known.name == name:
            return known
    raise InputError(unknown("metric", name, [known.name for known in METRICS]))


def twin(name: str) -> Metric:
    """The metric on the validation split that stands in for another one: what settings are chosen by.

    Losses are chosen by the validation loss, everything else by the validation accuracy.

    Example:
        >>> twin("test_loss").name, twin("test_accuracy").name
        ('validation_loss', 'validation_accuracy')
    """
    return metric("validation_loss" if metric(name).unit == "nats" else "validation_accuracy")
