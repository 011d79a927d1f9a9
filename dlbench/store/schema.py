"""The tables of a store, their version, the seal on every row, and how an older store becomes one of the newest version."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

SCHEMA = 2
TABLES = {
    "studies": "hash TEXT PRIMARY KEY, facts TEXT NOT NULL, arms TEXT NOT NULL, opened INTEGER NOT NULL",
    "cells": "study TEXT NOT NULL, arm TEXT NOT NULL, seed INTEGER NOT NULL, run_id TEXT NOT NULL",
    "records": "run_id TEXT NOT NULL, attempt INTEGER NOT NULL, seed INTEGER NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL, "
               "recipe TEXT NOT NULL, scores TEXT NOT NULL, curves TEXT NOT NULL, cost TEXT NOT NULL, controls TEXT NOT NULL, "
               "environment TEXT NOT NULL, started TEXT NOT NULL, contents TEXT NOT NULL DEFAULT ''",
    "arrays": "run_id TEXT NOT NULL, attempt INTEGER NOT NULL, name TEXT NOT NULL, dtype TEXT NOT NULL, shape TEXT NOT NULL, "
              "data BLOB NOT NULL",
    "environments": "hash TEXT PRIMARY KEY, facts TEXT NOT NULL",
    "timings": "recipe TEXT NOT NULL, reference TEXT NOT NULL, environment TEXT NOT NULL, round INTEGER NOT NULL, step_ms REAL NOT NULL, "
               "inference_ms REAL NOT NULL, reference_step_ms REAL NOT NULL, reference_inference_ms REAL NOT NULL",
    "looks": "number INTEGER PRIMARY KEY, look TEXT NOT NULL",
}
"""Table -> its columns; ``contents`` is the seal on a record's arrays."""
KEYS = {"cells": "study, arm, seed", "records": "run_id, attempt", "arrays": "run_id, attempt, name",
        "timings": "recipe, reference, environment, round"}
"""Table -> its primary key, where that is more than one column."""
COLUMNS = {table: tuple(column.split()[0] for column in columns.removeprefix("number INTEGER PRIMARY KEY, ").split(", "))
           for table, columns in TABLES.items()}
"""Table -> the columns that its seal is on, in order: all but a running number."""
SEAL = "seal TEXT NOT NULL DEFAULT ''"
ENCODE = json.JSONEncoder().encode


def seal(values: Iterable[Any]) -> str:
    """Return the seal of a row, which shows that it is as it was written: 16 hexadecimal digits of the SHA-256 of its values.

    Example:
        >>> seal(["a", 1, 0.5, b"x"]) == seal(["a", 1, 0.5, b"x"]), seal(["a", 1]) == seal(["a1"])
        (True, False)
    """
    state = hashlib.sha256()
    for value in values:
        part = value if isinstance(value, bytes) else ENCODE(_stored(value)).encode()
        state.update(len(part).to_bytes(8) + part)
    return state.hexdigest()[:16]


def _stored(value: Any) -> Any:
    """A number as it is read back, whatever the type of its column."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def put(connection: sqlite3.Connection, table: str, rows: Iterable[tuple], clash: str = "ABORT") -> None:
    """Write rows of a table, each under its seal.

    Args:
        connection: to the store.
        table: a key of :data:`COLUMNS`.
        rows: values in the order of its columns.
        clash: what SQLite does where the key is there: ``ABORT``, ``IGNORE`` (the first stays) or ``REPLACE``.
    """
    columns = COLUMNS[table]
    marks = ", ".join("?" * (len(columns) + 1))
    connection.executemany(f"INSERT OR {clash} INTO {table} ({', '.join(columns)}, seal) VALUES ({marks})",
                           ((*row, seal(row)) for row in rows))


def rows(connection: sqlite3.Connection, table: str, where: str = "", *given: Any) -> Iterator[tuple[list[Any], str]]:
    """The rows of a table, each with its seal.

    Args:
        connection: to the store.
        table: a key of :data:`COLUMNS`.
        where: the rest of the query.
        *given: the values of its question marks.
    """
    for *row, kept in connection.execute(f"SELECT {', '.join(COLUMNS[table])}, seal FROM {table} {where}", given):
        yield row, kept


def broken(connection: sqlite3.Connection, table: str) -> Iterator[list[Any]]:
    """The rows of a table whose seal does not fit them."""
    return (row for row, kept in rows(connection, table) if seal(row) != kept)


def contents(connection: sqlite3.Connection, run_id: str, attempt: int) -> str:
    """The seal on the arrays of a record, over the seals of each."""
    query = "SELECT seal FROM arrays WHERE run_id = ? AND attempt = ? ORDER BY name"
    return seal(kept for (kept,) in connection.execute(query, (run_id, attempt)))


def version(connection: sqlite3.Connection) -> int:
    """The version of a store's tables; 0 where there are none yet.

    Raises:
        ValueError: it is another program's database.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    row = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone() if "meta" in tables else None
    if tables and row is None:
        raise ValueError("it is a database, but not one of dlbench's")
    return int(row[0]) if row else 0


def upgrade(connection: sqlite3.Connection, found: int) -> None:
    """Make a store of the newest version of an older or an empty one, within the caller's transaction."""
    for step in range(found, SCHEMA) if found else (0,):
        UPGRADES[step](connection)
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('schema', ?)", (str(SCHEMA),))


def _create(connection: sqlite3.Connection) -> None:
    """0 to the newest."""
    connection.execute("CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
    for table, columns in TABLES.items():
        key = f", PRIMARY KEY ({KEYS[table]})" if table in KEYS else ""
        connection.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns}, {SEAL}{key})")


def _seal_all(connection: sqlite3.Connection) -> None:
    """1 to 2: rows were not sealed; they are taken as they are. Stores made before there were looks have no such table."""
    connection.execute("CREATE TABLE IF NOT EXISTS looks (number INTEGER PRIMARY KEY, look TEXT NOT NULL)")
    connection.execute("ALTER TABLE records ADD COLUMN contents TEXT NOT NULL DEFAULT ''")
    for table in COLUMNS:
        connection.execute(f"ALTER TABLE {table} ADD COLUMN {SEAL}")
        if table != "records":
            reseal(connection, table)
    for run_id, attempt in connection.execute("SELECT run_id, attempt FROM records").fetchall():
        connection.execute("UPDATE records SET contents = ? WHERE run_id = ? AND attempt = ?",
                           (contents(connection, run_id, attempt), run_id, attempt))
    reseal(connection, "records")


def reseal(connection: sqlite3.Connection, table: str) -> None:
    """Take the rows of a table as they are."""
    connection.create_function("sealed", -1, lambda *values: seal(values))
    connection.execute(f"UPDATE {table} SET seal = sealed({', '.join(COLUMNS[table])})")


UPGRADES = {0: _create, 1: _seal_all}
"""Version -> what makes the next one of it; of nothing, the newest."""
