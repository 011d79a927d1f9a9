"""The runs of a study, read one by one: of each record only what is asked for is ever in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd

from dlbench.store.columns import Columns, Curves
from dlbench.store.database import Store
from dlbench.values.controls import digests, effect_of, faults
from dlbench.values.origin import incomparable
from dlbench.values.record import Record

RUN_COLUMNS = ["arm", "seed", "run_id", "status", "reason", "environment", "started", "control", "control_faults"]
LATEST = """FROM cells LEFT JOIN records USING (run_id) WHERE cells.study = ? AND (attempt IS NULL OR attempt = (
            SELECT MAX(latest.attempt) FROM records AS latest WHERE latest.run_id = cells.run_id))"""
"""Every cell of a study beside the latest attempt at its run; NULL where there is none."""
EFFECTS = {
    "acted": ("controlled", []),
    "inert": ("inert", ["The condition that the technique waits for never came, so it never acted"]),
    "fault": ("fault", ["it changed nothing: the weights equal the reference's"]),
}


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
    by_name, references, facts = {arm["arm"]: arm for arm in arms}, _references(store, study, arms), store.environments()
    runs, curves = Columns(), Curves()
    names = ("status", "reason", "environment", "started", "scores", "cost", "controls", "curves")
    for arm, seed, run_id, *found in cells(store, study, *names):
        if found[0] is None:
            continue
        status, reason, environment, started, scores, cost, controls, curve = found
        record = Record(run_id, {}, seed, status, controls=json.loads(controls), environment=environment)
        control, told = _control(record, references.get((by_name[arm]["reference"], seed)), by_name[arm], facts)
        runs.append({"arm": arm, "seed": seed, "run_id": run_id, "status": status, "reason": reason, "environment": environment,
                     "started": started, "control": control, "control_faults": "; ".join(told), **json.loads(scores),
                     **json.loads(cost), **digests(record.controls)})
        curves.append(arm, seed, curve)
    return _ordered(runs.frame() if runs.length else pd.DataFrame(columns=RUN_COLUMNS), arms), curves.frame()


def _references(store: Store, study: str, arms: list[dict[str, Any]]) -> dict[tuple[str, int], Record]:
    """What is needed of the runs that others are compared with, by arm and seed."""
    names = dict.fromkeys(arm["reference"] for arm in arms if arm["reference"] is not None)
    columns = ("status", "controls", "environment")
    return {(arm, seed): Record(run_id, {}, seed, status, controls=json.loads(controls), environment=environment)
            for name in names for arm, seed, run_id, status, controls, environment in cells(store, study, *columns, arm=name)
            if status is not None}


def _ordered(runs: pd.DataFrame, arms: list[dict[str, Any]]) -> pd.DataFrame:
    """The runs in the order of the study's arms."""
    order = {arm["arm"]: position for position, arm in enumerate(arms)}
    return runs.sort_values(["arm", "seed"], key=lambda column: column.map(order) if column.name == "arm" else column,
                            ignore_index=True)


def _control(record: Record, reference: Record | None, arm: dict[str, Any], facts: dict[str, dict[str, Any]]) -> tuple[str, list[str]]:
    """What the versions and hashes say of a run: controlled, uncontrolled, incomparable, fault, inert, baseline, or unknown where
    one is missing.
    """
    if arm["reference"] is None:
        draws = record.controls.get("global_draws", [])
        return ("uncontrolled", [f"draws from a global generator: {draw}" for draw in draws]) if draws else ("baseline", [])
    if reference is None or {record.status, reference.status} != {"done"}:
        return "unknown", []
    if not arm["changes"]:
        return "inert", ["Tuning chose its reference's setting, so the two are one and the same recipe"]
    if apart := incomparable(*(facts.get(one.environment, {}) for one in (record, reference)), arm["changes"],
                             tuple(one.controls["data"] for one in (record, reference))):
        return "incomparable", apart
    found = faults(record, reference, arm["changes"])
    return ("uncontrolled", found) if found else EFFECTS[effect_of(record, reference)]
