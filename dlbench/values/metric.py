"""Metrics: each one declares its unit, direction and range, so that nothing is ever guessed from a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dlbench.values.catalogue import Catalogue


@dataclass(frozen=True)
class Metric:
    """What a score means.

    Attributes:
        name: as in a study file and in a record's scores.
        unit: ``"fraction"`` is shown in percentage points, ``"nats"`` and ``"s"`` as they are.
        higher_is_better: the direction of improvement.
        low, high: the range of possible values.
        split: the part of the data it is measured on.
        compute: reference of ``compute(labels, probabilities) -> float``, with the labels of the split, int64 [n], and what was
            predicted, float64 [n, classes]; empty where it comes from training and scoring themselves.
    """

    name: str
    unit: str
    higher_is_better: bool
    low: float
    high: float
    split: str
    compute: str = ""


METRICS = Catalogue("metric", Metric, (
    Metric("test_accuracy", "fraction", True, 0.0, 1.0, "test"),
    Metric("test_loss", "nats", False, 0.0, float("inf"), "test"),
    Metric("validation_accuracy", "fraction", True, 0.0, 1.0, "validation"),
    Metric("validation_loss", "nats", False, 0.0, float("inf"), "validation"),
    Metric("train_accuracy", "fraction", True, 0.0, 1.0, "train"),
    Metric("train_loss", "nats", False, 0.0, float("inf"), "train"),
    Metric("accuracy_gap", "fraction", False, -1.0, 1.0, "train and test"),
    *(Metric(f"{split}_{name}", "fraction", True, 0.0, 1.0, split, f"dlbench.engines.keras.measure.scores:{name}")
      for split in ("test", "validation") for name in ("macro_f1", "auc", "top5")),
))


def metric(name: str) -> Metric:
    """Look a metric up by name.

    Raises:
        InputError: there is none of that name.

    Example:
        >>> metric("test_accuracy").higher_is_better
        True
    """
    return METRICS.find(name)


def stored_metric(facts: Mapping[str, Any]) -> Metric:
    """The metric of a stored study: a plug-in's as it was declared when the study was run, whatever has its name now.

    Args:
        facts: of the study, as the store keeps them: ``metric`` (its name), and ``declared_metric`` (its fields) where a plug-in has it.

    Raises:
        InputError: there is none of that name.

    Example:
        >>> stored_metric({"metric": "test_loss"}).higher_is_better
        False
    """
    declared = facts.get("declared_metric")
    return Metric(**declared) if declared and declared["name"] == facts["metric"] else metric(facts["metric"])


def declared_metric(name: str) -> dict[str, Any]:
    """What the store keeps so that :func:`stored_metric` knows a plug-in's metric again; nothing for one of dlbench's own.

    Example:
        >>> declared_metric("test_auc")
        {}
    """
    return {"declared_metric": asdict(metric(name))} if own(name) else {}


def own(name: str) -> tuple[str, ...]:
    """The metric, where it comes from a plug-in, so that a run must be asked for it.

    Example:
        >>> own("test_auc")
        ()
    """
    return (name,) if metric(name) not in METRICS.shipped else ()


def twin(name: str) -> Metric:
    """The metric on the validation split that stands in for another one: what settings are chosen by.

    That is the same measure on the validation split; where there is none, losses stand for losses and accuracy for the rest.

    Example:
        >>> twin("test_loss").name, twin("test_auc").name, twin("accuracy_gap").name
        ('validation_loss', 'validation_auc', 'validation_accuracy')
    """
    same = "validation_" + name.partition("_")[2]
    if same in {known.name for known in METRICS}:
        return metric(same)
    return metric("validation_loss" if metric(name).unit == "nats" else "validation_accuracy")
