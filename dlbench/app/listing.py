"""What there is to choose from: techniques, datasets, models, studies and kernels, as rows of plain values."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

from dlbench.cases import CATALOGUE as CASES
from dlbench.datasets import CATALOGUE as DATASETS
from dlbench.models import CATALOGUE as MODELS
from dlbench.study import shipped
from dlbench.techniques import CATALOGUE as TECHNIQUES
from dlbench.techniques.declaration import Parameter

Row = dict[str, Any]


def _parameter(item: Parameter) -> Row:
    return {"name": item.name, "accepted": item.accepted(), "doc": item.doc, "required": item.required,
            "default": None if item.required else item.default, "unit": item.unit}


def _techniques() -> Iterator[Row]:
    for item in TECHNIQUES:
        yield {"name": item.name, "family": item.family, "summary": item.summary, "paper": str(item.paper),
               "touches": item.touches, "parameters": [_parameter(parameter) for parameter in item.parameters]}


def _datasets() -> Iterator[Row]:
    for item in DATASETS:
        yield {"name": item.name, "summary": item.summary, "citation": item.citation}


def _models() -> Iterator[Row]:
    for item in MODELS:
        yield {"name": item.name, "summary": item.summary}


def _studies() -> Iterator[Row]:
    for name, path in shipped().items():
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        summary = (table.get("question") or "no question stated").rstrip("?.") + "?"
        data = ", ".join(table.get("datasets", [table.get("dataset", "digits")]))
        yield {"name": name, "summary": f"{summary} ({table.get('model', 'small_cnn')} on {data})"}


def _kernels() -> Iterator[Row]:
    named: dict[str, list] = {}
    for case in CASES:
        named.setdefault(case.name.partition("[")[0], []).append(case)
    for name, cases in named.items():
        inputs = [case.name.partition("[")[2].rstrip("]") for case in cases]
        yield {"name": name, "family": cases[0].family, "summary": f"{cases[0].family}, on {', '.join(inputs)}",
               "cases": [case.name for case in cases]}


LISTS = {"techniques": _techniques, "datasets": _datasets, "models": _models, "studies": _studies, "kernels": _kernels}


def listing(kind: str | None = None) -> dict[str, list[dict[str, Any]]]:
    """Kind -> its entries: ``name``, ``summary`` and what else the kind has, such as ``parameters``.

    Args:
        kind: one of :data:`LISTS`; all of them where unset.

    Example:
        >>> [row["name"] for row in listing("models")["models"]][:2]
        ['small_cnn', 'guide_cnn']
    """
    return {name: list(rows()) for name, rows in LISTS.items() if kind in (None, name)}
