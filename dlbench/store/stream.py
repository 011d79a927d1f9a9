"""The runs of a study, read one by one into tables that hold numbers as arrays: a hundred thousand runs fit into memory."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from dlbench.store.database import Store
from dlbench.values.controls import Control, control_of, digests, faults
from dlbench.values.origin import incomparable
from dlbench.values.record import Controls, Record, Status

QUANTITIES = ("epoch", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "learning_rate", "seconds")
CURVE_COLUMNS = ["arm", "seed", *QUANTITIES]
RUN_COLUMNS = ["arm", "seed", "run_id", "status", "reason", "environment", "started", "control", "control_faults"]
LATEST = """FROM cells LEFT JOIN records USING (run_id) WHERE cells.study = ? AND (attempt IS NULL OR attempt = (
            SELECT MAX(latest.attempt) FROM records AS latest WHERE latest.run_id = cells.run_id))"""
"""Every cell of a study beside the latest attempt at its run; NULL where there is none."""


class Columns:
    """One list a column; a row may bring new columns, and lack some.

    Example:
        >>> table = Columns()
        >>> table.append({"arm": "a"}), table.append({"arm": "b", "loss": 0.5})
        (None, None)
        >>> table.frame()["loss"].tolist()
        [nan, 0.5]
    """

    def __init__(self) -> None:
        self.lists: dict[str, list[Any]] = {}
        self.length = 0

    def append(self, row: Mapping[str, Any]) -> None:
        """Add a row."""
        for name, value in row.items():
            if len(column := self.lists.setdefault(name, [])) < self.length:
                column.extend([None] * (self.length - len(column)))
            column.append(value)
        self.length += 1

    def frame(self) -> pd.DataFrame:
        """The table; the lists are given up one by one, so that they and the table are never both whole."""
        columns = {}
        for name in list(self.lists):
            column = self.lists.pop(name)
            columns[name] = pd.Series(column + [None] * (self.length - len(column)))
        return pd.DataFrame(columns, copy=False)


class Curves:
    """Learning curves, eight bytes a value."""

    def __init__(self) -> None:
        self.values = {name: array("d") for name in QUANTITIES}
        self.cells: list[tuple[str, int]] = []
        self.lengths = array("q")

    def append(self, arm: str, seed: int, text: str) -> None:
        """Add the curves of a run, as the store keeps them: one list a quantity, one value an epoch."""
        curves = json.loads(text)
        epochs = len(curves.get("epoch", ()))
        if epochs:
            self.cells.append((arm, seed))
            self.lengths.append(epochs)
            for name, column in self.values.items():
                column.extend(curves.get(name) or [np.nan] * epochs)

    def frame(self) -> pd.DataFrame:
        """One row an arm, seed and epoch."""
        if not self.cells:
            return pd.DataFrame(columns=CURVE_COLUMNS)
        arms, seeds = zip(*self.cells)
        lengths = np.frombuffer(self.lengths, np.int64)
        head = {"arm": np.repeat(np.array(arms, object), lengths), "seed": np.repeat(np.array(seeds), lengths)}
        return pd.DataFrame(head | {name: np.frombuffer(column) for name, column in self.values.items()}, copy=False)


def cells(store: Store, study: str, *names: str, arm: str | None = None) -> Iterator[tuple]:
    """The cells of a study, arm by arm in alphabetical order, seeds ascending.

    Args:
        store: open.
        study: its digest.
        *names: columns of the records; None in each where a cell's run has no record.
        arm: only this one.

    Yields:
        ``arm, seed, run_id`` and the columns asked for.
    """
    where = LATEST if arm is None else f"{LATEST} AND arm = ?"
    columns = ", ".join(("arm", "cells.seed", "run_id", *(f"records.{name}" for name in names)))
    given = (study,) if arm is None else (study, arm)
    for row in store.connection.execute(f"SELECT {columns} {where} ORDER BY arm, cells.seed", given):  # noqa: UP028
        yield row  # "yield from" closes the cursor where it is left early, which fails on a store that is closed by then


def tables(store: Store, study: str, arms: list[dict[str, Any]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The runs and curves of :class:`dlbench.store.results.Results`, in one pass.

    Args:
        store: open.
        study: its digest.
        arms: as the store keeps them.
    """
    by_name = {arm["arm"]: arm for arm in arms}
    references, facts = _references(store, study, by_name), store.environments()
    runs, curves = Columns(), Curves()
    names = ("status", "reason", "environment", "started", "scores", "cost", "controls", "curves")
    for arm, seed, run_id, status, reason, environment, started, scores, cost, controls, curve in cells(store, study, *names):
        if status is None:
            continue
        record = _record(by_name[arm], seed, run_id, status, controls, environment)
        control, reasons = _control(record, references.get((by_name[arm]["reference"], seed)), by_name[arm], facts)
        runs.append({"arm": arm, "seed": seed, "run_id": run_id, "status": status, "reason": reason, "environment": environment,
                     "started": started, "control": control.value, "control_faults": "; ".join(reasons), **json.loads(scores),
                     **json.loads(cost), **digests(record.controls)})
        curves.append(arm, seed, curve)
    return _ordered(runs.frame() if runs.length else pd.DataFrame(columns=RUN_COLUMNS), arms), curves.frame()


def _references(store: Store, study: str, arms: dict[str, dict[str, Any]]) -> dict[tuple[str, int], Record]:
    """Read what is needed of the runs that others are compared with, by arm and seed."""
    names = dict.fromkeys(arm["reference"] for arm in arms.values() if arm["reference"] is not None)
    return {(name, seed): _record(arms[name], seed, run_id, *found) for name in names
            for _, seed, run_id, *found in cells(store, study, "status", "controls", "environment", arm=name) if found[0] is not None}


def _record(arm: dict[str, Any], seed: int, run_id: str, status: str, controls: str, environment: str) -> Record:  # noqa: PLR0913
    proven = Controls.from_dict(json.loads(controls), arm["recipe"])
    return Record(run_id, {}, seed, status, controls=proven, environment=environment)


def _ordered(runs: pd.DataFrame, arms: list[dict[str, Any]]) -> pd.DataFrame:
    """The runs in the order of the study's arms."""
    order = {arm["arm"]: position for position, arm in enumerate(arms)}
    return runs.sort_values(["arm", "seed"], key=lambda column: column.map(order) if column.name == "arm" else column,
                            ignore_index=True)


def _control(record: Record, reference: Record | None, arm: dict[str, Any],
             facts: dict[str, dict[str, Any]]) -> tuple[Control, list[str]]:
    """Say what versions and hashes prove of a run's control: its state, and the reasons."""
    if arm["reference"] is None:
        draws = faults(record, record, {})
        return (Control.UNCONTROLLED, draws) if draws else (Control.BASELINE, [])
    if reference is None or {record.status, reference.status} != {Status.DONE}:
        return Control.UNKNOWN, []
    if not arm["changes"]:
        return Control.INERT, ["Tuning chose its reference's setting, so the two are one and the same recipe"]
    ours, theirs = (facts.get(one.environment, {}) for one in (record, reference))
    if reasons := incomparable(ours, theirs, arm["changes"], (record.controls.data, reference.controls.data)):
        return Control.INCOMPARABLE, reasons
    return control_of(record, reference, arm["changes"])
