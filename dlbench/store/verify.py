"""Check that a store is as it was written: SQLite's own check, and the seal on every row."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from dlbench.store.border import unreadable
from dlbench.store.schema import COLUMNS, broken, contents

WRITABLE = bytes([2])
"""The newest version of the file format that SQLite writes, in write-ahead mode."""


@dataclass(frozen=True)
class Check:
    """What a check found.

    Attributes:
        rows: table -> how many rows it has; a table that cannot be read is left out.
        damage: one line each; none where every row is as it was written.
        sealed: whether the rows were written with hashes; an older dlbench wrote none.
    """

    rows: dict[str, int]
    damage: tuple[str, ...]
    sealed: bool = True


def check(connection: sqlite3.Connection, sealed: bool = True) -> Check:
    """Check the file's structure, every row's seal, that no record has lost an array, and that every row can be read."""
    rows, damage = {}, list(_structure(connection))
    for table in COLUMNS:
        try:
            rows[table] = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
            damage += [f"{table}: {_name(table, row)} is not as it was written" for row in broken(connection, table)]
        except (sqlite3.DatabaseError, ValueError, TypeError) as error:
            damage.append(f"{table}: cannot be read: {error}")
    damage += _incomplete(connection)
    return Check(rows, (*damage, *(() if damage else unreadable(connection))), sealed)


def _structure(connection: sqlite3.Connection) -> Iterator[str]:
    try:
        lines = [line for (line,) in connection.execute("PRAGMA integrity_check(5)")]
    except sqlite3.DatabaseError as error:
        lines = [str(error)]
    return (f"file: {line}" for line in (*lines, *_header(connection)) if line != "ok")


def _header(connection: sqlite3.Connection) -> Iterator[str]:
    """Check that SQLite would write the file: byte 18 is the version that a writer must know. Source: SQLite, "Database File Format",
    https://www.sqlite.org/fileformat.html."""
    path = connection.execute("PRAGMA database_list").fetchone()[2]  # empty for a copy in memory
    if path:
        with open(path, "rb") as file:
            if file.read(19)[18:] > WRITABLE:
                yield "its header forbids to write"


def _name(table: str, row: list) -> str:
    names = {"records": "run {0}, attempt {1}", "arrays": "{2} of run {0}, attempt {1}", "cells": "{1}, seed {2}"}
    return names.get(table, "a row").format(*row)


def _incomplete(connection: sqlite3.Connection) -> Iterator[str]:
    try:
        for run_id, attempt, kept in connection.execute("SELECT run_id, attempt, contents FROM records").fetchall():
            if contents(connection, run_id, attempt) != kept:
                yield f"records: run {run_id}, attempt {attempt} does not have the arrays it was written with"
    except (sqlite3.DatabaseError, ValueError, TypeError) as error:
        yield f"records: cannot be read: {error}"
