"""Exports of Weights & Biases: the table that its documentation's script writes, its JSON, and the CSV of a chart."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pandas as pd

from dlbench.readers.tables import csv, json_value
from dlbench.trackers.runs import RunTable
from dlbench.values.errors import InputError

PARTS = ("config", "summary")
EXTREMES = ("__MIN", "__MAX")
"""Ends of the columns that a chart's export has beside each curve."""


def wandb(path: Path) -> RunTable:
    """Read an export: runs with their ``config`` and ``summary``, as objects or their text, or a chart's curves, one column a run.

    Sources: https://docs.wandb.ai/models/track/public-api-guide (runs, history), and the button "Export as CSV" of a chart.
    """
    found = RunTable(pd.DataFrame(_objects(path), dtype=object)) if path.suffix == ".json" else csv(path)
    if set(PARTS) <= set(found.table):
        rows = [_run(path, number, row) for number, row in enumerate(found.table.to_dict("records"), start=1)]
        return RunTable(pd.DataFrame(rows).astype(object), found.notes)
    return _chart(path, found)


def _objects(path: Path) -> list[Any]:
    whole = json_value(path)
    if not isinstance(whole, list) or not all(isinstance(one, dict) for one in whole):
        raise InputError(f"{path.name}: accepted: a list of runs, each with name, config and summary")
    return whole


def _run(path: Path, number: int, row: dict[str, Any]) -> dict[str, Any]:
    config, summary = (_object(path, number, part, row[part]) for part in PARTS)
    settings = {name: _value(value) for name, value in config.items() if not name.startswith("_")}
    scores = {name: _value(value) for name, value in summary.items() if not name.startswith("_")}
    others = {name: value for name, value in row.items() if name not in PARTS and name}
    return others | settings | {f"summary.{name}" if name in settings else name: value for name, value in scores.items()}


def _object(path: Path, number: int, part: str, value: Any) -> dict[str, Any]:
    """An object, or what its text as Python or JSON writes it holds."""
    for read in (json.loads, ast.literal_eval) if isinstance(value, str) else ():
        try:
            value = read(value)
            break
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    if not isinstance(value, dict):
        raise InputError(f"{path.name}, row {number}: {part} = '{str(value)[:60]}'; accepted: an object, as the export writes it")
    return value


def _value(value: Any) -> Any:
    """A value of a configuration, without the object that the service wraps it in; nested ones as text."""
    if isinstance(value, dict) and "value" in value and set(value) <= {"value", "desc"}:
        value = value["value"]
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value


def _chart(path: Path, found: RunTable) -> RunTable:
    """One row a run and step, of the CSV of a chart: its first column numbers the steps, the others are called ``RUN - METRIC``."""
    step, *columns = found.table.columns
    curves = [name for name in columns if " - " in name and not name.endswith(EXTREMES)]
    if not curves:
        raise InputError(f"{path.name}: neither the columns name, config and summary nor curves called 'RUN - METRIC' stand in it; "
                         "accepted: an export of Weights & Biases, or --reads csv")
    metrics = {name: name.rsplit(" - ", 1)[1] for name in curves}
    rows = [{"Name": name.rsplit(" - ", 1)[0], "step": at, metrics[name]: value} for name in curves
            for at, value in zip(found.table[step], found.table[name]) if str(value).strip()]
    return RunTable(pd.DataFrame(rows).astype(object), (*found.notes, f"a chart's curves by '{step}': a run is a column"))
