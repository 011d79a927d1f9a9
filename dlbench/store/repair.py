"""Repair: copy what can be read of a damaged store into a new one, and keep the damaged one."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from dlbench.store.database import FILE, Store
from dlbench.store.files import free_name, parts
from dlbench.store.lock import hold
from dlbench.store.schema import COLUMNS, SCHEMA, contents, put, seal, upgrade, version
from dlbench.values.errors import InputError

PAGE = 4096
STEPS = (*range(1, 1000), *(1000 * 2**power for power in range(24)))
"""How far ahead of a row that cannot be read the next one is looked for: a page holds far less than a thousand."""


@dataclass(frozen=True)
class Repair:
    """What a repair did.

    Attributes:
        kept: where the damaged file is now.
        saved: table -> rows that are as they were written.
        lost: table -> rows that were seen, but are damaged or incomplete; what lay on unreadable pages is not among them.
    """

    kept: Path
    saved: dict[str, int]
    lost: dict[str, int]


def repair(folder: Path) -> Repair | None:
    """Replace a damaged store by what can be saved of it: rows that are as they were written, and records with all their arrays.

    Args:
        folder: of results.

    Returns:
        What was done; None where the store is sound, and nothing was.

    Raises:
        InputError: there are no results, another process holds them, or nothing at all can be read.
    """
    path = Path(folder) / FILE
    with hold(folder):
        if _sound(folder):
            return None
        with tempfile.TemporaryDirectory(prefix=".repair", dir=folder) as scratch:
            copy, made = Path(scratch) / "damaged.sqlite", Path(scratch) / FILE
            _copy(path, copy)
            with closing(_made(made)) as new, closing(_opened(copy, made)) as old:
                saved, lost = _save(old, new)
            if not any(saved.values()):
                raise InputError(f"{path}: nothing in it can be read; --fresh sets it aside and begins anew")
            kept = free_name(path, "damaged")
            _copy(path, kept)
            for journal in parts(path)[1:]:
                journal.unlink(missing_ok=True)  # it belongs to the old file, of which a whole copy is kept
            os.replace(made, path)
    return Repair(kept, saved, lost)


def _sound(folder: Path) -> bool:
    if not (Path(folder) / FILE).is_file():
        Store(folder)  # says that there are no results
    try:
        with Store(folder) as store:
            return not store.check().damage
    except InputError:
        return False


def _copy(path: Path, target: Path) -> None:
    """Copy a store's file with its journals."""
    for part, copy in zip(parts(path), parts(target)):
        if part.exists():
            shutil.copyfile(part, copy)


def _made(path: Path) -> sqlite3.Connection:
    """A new store without a row."""
    connection = sqlite3.connect(path)
    upgrade(connection, 0)
    connection.commit()
    return connection


def _opened(copy: Path, blank: Path) -> sqlite3.Connection:
    """A damaged store, as far as SQLite can read it; where it cannot read the first page, that of an empty one is put in its
    place, for the tables of every store begin on the same pages.
    """
    for mend in (False, True):
        if mend:
            _mend_first_page(copy, blank)
        connection = sqlite3.connect(copy, isolation_level=None)
        connection.execute("PRAGMA writable_schema=ON")  # it also reads a file that was cut short
        if _has_tables(connection):
            _demand_seals(connection)
            return connection
        connection.close()
    raise InputError(f"{FILE}: nothing in it can be read; --fresh sets it aside and begins anew")


def _has_tables(connection: sqlite3.Connection) -> bool:
    try:
        return COLUMNS.keys() <= {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError:
        return False


def _demand_seals(connection: sqlite3.Connection) -> None:
    """Make sure that there are seals to tell good rows from damaged ones by. The tables show it, for the version may be damaged itself."""
    schema = None
    with suppress(sqlite3.DatabaseError, ValueError, TypeError):
        if (schema := version(connection)) > SCHEMA:
            raise InputError(f"{FILE}: written by a newer dlbench (schema {schema}; this one knows {SCHEMA}), which can repair it")
    try:
        for table in COLUMNS:
            connection.execute(f"SELECT seal FROM {table} LIMIT 0")
    except sqlite3.OperationalError:
        raise InputError(f"{FILE}: cannot be repaired: its rows have no seals (schema {schema}) that would tell good from damaged"
                         ) from None


def _mend_first_page(copy: Path, blank: Path) -> None:
    with blank.open("rb") as source:
        page = bytearray(source.read(PAGE))
    page[28:32] = (copy.stat().st_size // PAGE).to_bytes(4)
    with copy.open("r+b") as target:
        target.write(page)


def _save(old: sqlite3.Connection, new: sqlite3.Connection) -> tuple[dict[str, int], dict[str, int]]:
    saved, lost = dict.fromkeys(COLUMNS, 0), dict.fromkeys(COLUMNS, 0)
    for table in COLUMNS:
        for *row, kept in _readable_rows(old, table):
            good = _whole(row, kept)
            if good:
                put(new, table, [tuple(row)], "IGNORE")
            (saved if good else lost)[table] += 1
    for run_id, attempt, kept in new.execute("SELECT run_id, attempt, contents FROM records").fetchall():
        if contents(new, run_id, attempt) != kept:
            new.execute("DELETE FROM records WHERE run_id = ? AND attempt = ?", (run_id, attempt))
            saved["records"], lost["records"] = saved["records"] - 1, lost["records"] + 1
    alone = "attempt > 0 AND (run_id, attempt) NOT IN (SELECT run_id, attempt FROM records)"
    orphans = new.execute(f"DELETE FROM arrays WHERE {alone}").rowcount
    saved["arrays"], lost["arrays"] = saved["arrays"] - orphans, lost["arrays"] + orphans
    new.commit()
    return saved, lost


def _whole(row: list, kept: object) -> bool:
    try:
        return seal(row) == kept
    except (TypeError, ValueError):
        return False


def _readable_rows(connection: sqlite3.Connection, table: str) -> Iterator[tuple]:
    """The rows of a table that can be read, in the order in which they were written."""
    query = f"SELECT rowid, {', '.join(COLUMNS[table])}, seal FROM {table} WHERE rowid >= ? ORDER BY rowid LIMIT 1"
    last = 0
    while (read := _next(connection, query, last)) is not None:
        last, *row = read
        yield tuple(row)


def _next(connection: sqlite3.Connection, query: str, last: int) -> tuple | None:
    """The next row after a number that can be read; None where there is none."""
    for step in STEPS:
        try:
            return connection.execute(query, (last + step,)).fetchone()
        except sqlite3.DatabaseError:
            continue
    return None
