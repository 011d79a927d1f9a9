"""Metrics that a study declares itself: a number that its script tells, or a metric that its model was compiled with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import Field

from dlbench.study.schema import Name
from dlbench.study.validation import Table, check
from dlbench.values.errors import InputError, unknown
from dlbench.values.inspection import Inspection
from dlbench.values.metric import Metric
from dlbench.values.own_compile import BY_TASK


class MetricKeys(Table):
    """``metric = { name = "accuracy", higher_is_better = true }``: a number that the script tells, or a metric of the model."""

    name: Name = Field(description="text: the name that the script tells it by, or that the model's metric has")
    higher_is_better: bool = Field(description="true or false")
    unit: str = Field("", description="text: fraction (shown in percentage points), nats, s, or any other")
    low: float | None = Field(None, description="the smallest possible score, a number")
    high: float | None = Field(None, description="the largest possible score, a number")


def declared(where: str, stated: MetricKeys) -> Metric:
    """Return the metric that a table declares.

    Raises:
        InputError: no score is possible.

    Example:
        >>> declared("x.toml", MetricKeys(name="f1", higher_is_better=True, unit="fraction")).high
        1.0
    """
    known = (0.0, 1.0) if stated.unit == "fraction" else (-math.inf, math.inf)
    low, high = (end if end is not None else default for end, default in zip((stated.low, stated.high), known))
    if not low < high:
        raise InputError(f"{where}: metric: low = {low:g} and high = {high:g}; accepted: low below high")
    return Metric(stated.name, stated.unit, stated.higher_is_better, low, high, "test")


def without_own_metric(where: str, table: Mapping[str, Any]) -> tuple[dict[str, Any], Metric | None]:
    """Take the metric that the model was compiled with out of a study's table, where it declares one.

    Returns:
        The table without it, and the metric on the test part; None where the study names one of dlbench's.

    Raises:
        InputError: the model's compile is not asked for, or the study needs the metric before the end of a run.
    """
    stated = table.get("metric")
    if not isinstance(stated, dict):
        return dict(table), None
    keys: MetricKeys = check(MetricKeys, stated, f"{where}: metric")
    if table.get("loss", BY_TASK) == BY_TASK:
        raise InputError(f"{where}: metric = {{ name = \"{keys.name}\", … }}: it declares a metric that the model was compiled with; "
                         "accepted beside loss = \"model\", or the name of a metric")
    for key in ("metrics", "target", "nuisance"):
        if key in table:
            raise InputError(f"{where}: {key} beside a metric that the model was compiled with; accepted: either of them")
    name = keys.name if keys.name.startswith("test_") else f"test_{keys.name}"
    return {key: value for key, value in table.items() if key != "metric"}, replace(declared(where, keys), name=name)


def demand_own_metric(where: str, measure: Metric, inspection: Inspection | None) -> None:
    """Refuse a metric that the model was not compiled with.

    Raises:
        InputError: naming those that it was compiled with.
    """
    if inspection is None or measure.name in inspection.build.scores:
        return
    known = [name.removeprefix("test_") for name in inspection.build.scores]
    raise InputError(f"{where}: metric: {unknown('metric of the model', measure.name.removeprefix('test_'), known)}")
