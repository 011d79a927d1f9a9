"""Stores of trackers: MLflow (files or SQLite), TensorBoard event files, Optuna studies."""

from __future__ import annotations

import json
import pkgutil
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from dlbench.trackers.runs import Curves, RunTable
from dlbench.values.errors import InputError
from dlbench.values.text import plural

DELETED = re.compile(r"^lifecycle_stage: deleted\s*$", re.MULTILINE)
"""What the ``meta.yaml`` of a run says that MLflow shows no more."""


def mlflow(path: Path) -> RunTable:
    """Read an MLflow store: parameters, the last value and the history of each metric, run name, and the tags that users set."""
    if path.is_file():
        return _mlflow_database(path)
    rows: list[dict[str, Any]] = []
    curves: Curves = {}
    for meta in sorted([*path.glob("*/*/meta.yaml"), *path.glob("*/meta.yaml")]):
        run = meta.parent
        if not (run / "metrics").is_dir() or DELETED.search(_content(meta)):
            continue
        row: dict[str, Any] = {"run_name": _content(run / "tags" / "mlflow.runName") or run.name}
        row |= {str(file.relative_to(run / "params")): _content(file) for file in _files(run / "params")}
        for file in _files(run / "metrics"):
            name = str(file.relative_to(run / "metrics"))
            history = [float(line.split()[1]) for line in _content(file).splitlines() if len(line.split()) >= 2]
            if history:
                row[name], curves.setdefault(name, {})[len(rows)] = history[-1], history
        rows.append(row)
    return RunTable(pd.DataFrame(rows).astype(object), curves=curves)


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file()) if folder.is_dir() else []


def _content(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip() if file.is_file() else ""


def _mlflow_database(path: Path) -> RunTable:
    tables = _query(path, {
        "runs": "SELECT run_uuid, name FROM runs WHERE lifecycle_stage = 'active'", "params": "SELECT run_uuid, key, value FROM params",
        "metrics": "SELECT run_uuid, key, value FROM metrics ORDER BY step, timestamp"}, "an MLflow store")
    rows = {run: {"run_name": name or run} for run, name in tables["runs"]}
    places, curves = {run: place for place, run in enumerate(rows)}, Curves()
    for run, key, value in tables["params"]:
        rows.get(run, {})[key] = value
    for run, key, value in tables["metrics"]:
        if run in rows:
            rows[run][key] = value
            curves.setdefault(key, {}).setdefault(places[run], []).append(float(value))
    return RunTable(pd.DataFrame(list(rows.values())).astype(object), curves=curves)


def optuna(path: Path) -> RunTable:
    """Read an Optuna storage: parameters and values of the trials that completed; where it holds several studies, all of them.

    An SQLite file of MLflow is read as one.
    """
    if {"latest_metrics", "params"} <= _names(path):
        return _mlflow_database(path)
    tables = _query(path, {
        "trials": "SELECT trial_id, number, study_name, state FROM trials JOIN studies USING (study_id)",
        "params": "SELECT trial_id, param_name, param_value, distribution_json FROM trial_params",
        "values": "SELECT trial_id, objective, value FROM trial_values",
        "attributes": "SELECT trial_id, key, value_json FROM trial_user_attributes",
        "histories": "SELECT trial_id, intermediate_value FROM trial_intermediate_values ORDER BY step"}, "an Optuna storage")
    rows = {trial: {"study": study, "trial": number} for trial, number, study, state in tables["trials"] if state == "COMPLETE"}
    lost = len(tables["trials"]) - len(rows)
    for trial, name, value, distribution in tables["params"]:
        rows.get(trial, {})[name] = _parameter(value, json.loads(distribution))
    for trial, objective, value in tables["values"]:
        rows.get(trial, {})["value" if not objective else f"value_{objective}"] = value
    for trial, key, value in tables["attributes"]:
        rows.get(trial, {})[key] = json.loads(value)
    places, curves = {trial: place for place, trial in enumerate(rows)}, Curves()
    for trial, value in tables["histories"]:
        if trial in places and value is not None:
            curves.setdefault("intermediate value", {}).setdefault(places[trial], []).append(float(value))
    notes = (f"{plural(lost, 'trial')} that did not complete left out",) if lost else ()
    return RunTable(pd.DataFrame(list(rows.values())).astype(object), notes, curves)


def _parameter(value: float, distribution: dict[str, Any]) -> Any:
    """A parameter as it was suggested: Optuna stores the place of a categorical one among its choices."""
    attributes = distribution.get("attributes", {})
    if "choices" in attributes:
        return attributes["choices"][int(value)]
    return int(value) if distribution.get("name", "").startswith("Int") else value


def _names(path: Path) -> set[str]:
    return {name for (name,) in _query(path, {"": "SELECT name FROM sqlite_master WHERE type = 'table'"}, "a database")[""]}


def _query(path: Path, queries: dict[str, str], what: str) -> dict[str, list[tuple[Any, ...]]]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as database:
            return {name: database.execute(query).fetchall() for name, query in queries.items()}
    except sqlite3.Error as error:
        raise InputError(f"{path.name}: {error}; accepted: {what} (SQLite) that no other program has locked, of a version with these "
                         "tables") from None


WITHOUT_TENSORFLOW = "tensorboard.compat.notf"
"""A module that TensorBoard looks for: where it is, event files are read without TensorFlow, whose import takes seconds and prints."""


def tensorboard(path: Path) -> RunTable:
    """Read folders of event files: of each, its hyperparameters, and the last value and history of every scalar."""
    rows: list[dict[str, Any]] = []
    curves: Curves = {}
    notes: list[str] = []
    for folder in sorted({file.parent for file in path.rglob("events.out.tfevents.*")}):
        row: dict[str, Any] = {"run": str(folder.relative_to(path)) if folder != path else path.name}
        for name, history in _scalars(folder, row, notes):
            if history:
                row[name], curves.setdefault(name, {})[len(rows)] = history[-1], history
        rows.append(row)
    return RunTable(pd.DataFrame(rows).astype(object), tuple(notes), curves)


def _demand_whole(file: Path) -> None:
    """Refuse an event file that ends within a record: TensorBoard leaves what is missing out, and says nothing.

    A record is its length (8 bytes), a checksum (4), its content, and a checksum (4).
    """
    size, place, records = file.stat().st_size, 0, 0
    with file.open("rb") as stream:
        while place < size:
            stream.seek(place)
            head = stream.read(8)
            place += 16 + int.from_bytes(head, "little")
            if len(head) < 8 or place > size:
                raise InputError(f"{file}: it is cut off within record {records + 1}, so its last values are missing; accepted: whole "
                                 "event files, or a folder without this run")
            records += 1


def _scalars(folder: Path, row: dict[str, Any], notes: list[str]) -> Iterator[tuple[str, list[float]]]:
    """Yield each scalar of a folder with its values; its hyperparameters are entered into the row."""
    sys.modules.setdefault(WITHOUT_TENSORFLOW, ModuleType(WITHOUT_TENSORFLOW))
    accumulator = pkgutil.resolve_name("tensorboard.backend.event_processing.event_accumulator:EventAccumulator")
    hparams = pkgutil.resolve_name("tensorboard.plugins.hparams.metadata")
    make_array = pkgutil.resolve_name("tensorboard.util.tensor_util:make_ndarray")
    for file in sorted(folder.glob("events.out.tfevents.*")):
        _demand_whole(file)
    events = accumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0})
    try:
        events.Reload()
    except Exception as error:  # protobuf and the file system raise what they like
        raise InputError(f"{folder}: its event files cannot be read: {type(error).__name__}: {error}") from None
    tags = events.Tags()
    if not tags["scalars"] and not tags["tensors"]:
        notes.append(f"{row['run']} holds no scalars")
    if start := events.summary_metadata.get(hparams.SESSION_START_INFO_TAG):
        known = hparams.parse_session_start_info_plugin_data(start.plugin_data.content).hparams
        row |= {f"hparam:{name}": getattr(value, value.WhichOneof("kind") or "string_value") for name, value in known.items()}
    for tag in tags["scalars"]:
        yield tag, [event.value for event in events.Scalars(tag)]
    for tag in tags["tensors"]:
        arrays = [make_array(event.tensor_proto) for event in events.Tensors(tag)]
        if all(array.size == 1 and array.dtype.kind == "f" for array in arrays):
            yield tag, [float(array) for array in arrays]
