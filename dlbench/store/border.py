"""Every row of a store is held against what it must look like. A seal shows that a row is as it was written; this, that it can be read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from dlbench.store.schema import COLUMNS
from dlbench.store.shapes import ArrayRow, CellRow, EnvironmentRow, LookRow, RecordRow, Row, StudyRow, TimingRow
from dlbench.values.text import visible

ROWS: dict[str, type[Row]] = {"studies": StudyRow, "cells": CellRow, "records": RecordRow, "arrays": ArrayRow,
                              "environments": EnvironmentRow, "timings": TimingRow, "looks": LookRow}
"""Table -> what its rows must be."""


def unreadable(connection: sqlite3.Connection) -> Iterator[str]:
    """Name what no dlbench has written like this: rows that mean nothing, and cells without their arm.

    Args:
        connection: to a store of the newest version.
    """
    sound = True
    for table in ROWS:
        for problem in _of_table(connection, table):
            sound = False
            yield problem
    if sound:
        yield from _homeless(connection)


def _of_table(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    names = ["size" if name == "data" else name for name in COLUMNS[table]]
    columns = ", ".join("LENGTH(data)" if name == "size" else name for name in names)
    for row in connection.execute(f"SELECT {columns} FROM {table}"):
        try:
            ROWS[table].model_validate(dict(zip(names, row)))
        except ValidationError as error:
            yield f"{table}: {_worded(error)}"
        except (TypeError, AttributeError, KeyError, RecursionError) as error:  # what recipes and types make of values of any kind
            yield f"{table}: {_name(row)}: {type(error).__name__}"


def _name(row: tuple[Any, ...]) -> str:
    return visible(str(row[0])[:40])


def _worded(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"] if str(part).isprintable())[:80]
    return f"{place}: {first['msg']}" if place else first["msg"]


def _homeless(connection: sqlite3.Connection) -> Iterator[str]:
    """Name cells of an arm that their study does not have, and datasets without their part of the study."""
    arms = {digest: {arm["arm"] for arm in json.loads(text)} for digest, text in connection.execute("SELECT hash, arms FROM studies")}
    for study, arm in connection.execute("SELECT DISTINCT study, arm FROM cells"):
        if study in arms and arm not in arms[study]:  # what a repair saves may lack the study
            yield f"cells: '{arm}' is no arm of its study"
    for digest, facts in connection.execute("SELECT hash, facts FROM studies WHERE opened > 0"):
        for position in range(1, len(json.loads(facts).get("datasets", ()))):
            if f"{digest}:{position}" not in arms:
                yield f"studies: its part on dataset {position + 1} is missing"
