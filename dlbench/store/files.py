"""A store's file: how it is opened, copied and set aside."""

from __future__ import annotations

import itertools
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from dlbench.store.place import file_system, is_network
from dlbench.values.errors import InputError


def connect(path: Path, write: bool) -> sqlite3.Connection:
    """Open a store's file: for writing with a write-ahead log where the file system can hold one; else for reading alone."""
    place = f"{path.absolute().as_uri()}?mode={'rwc' if write else 'ro'}"
    if not write and not os.access(path.parent, os.W_OK):
        if _journal(path):
            raise InputError(f"{path.parent}: cannot be read in a folder that cannot be written, for a run is under way or was killed; "
                             "copy the folder to where it can be written, and read the copy")
        place += "&immutable=1"  # nobody can write there, so SQLite need not look for one who does
    connection = sqlite3.connect(place, uri=True, isolation_level=None)
    try:
        if write:
            connection.execute(f"PRAGMA journal_mode={'DELETE' if is_network(file_system(path.parent)) else 'WAL'}")
            connection.execute("PRAGMA synchronous=NORMAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _journal(path: Path) -> bool:
    """Whether there is a write-ahead log with something in it."""
    log = parts(path)[1]
    return log.exists() and log.stat().st_size > 0


def copy_to(connection: sqlite3.Connection, path: Path) -> None:
    """Copy a store's file, whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part)) as copy:
        connection.backup(copy)
    part.rename(path)


def set_aside(path: Path, word: str) -> Path | None:
    """Rename a store, so that another can take its place and nothing is lost.

    Args:
        path: of the store.
        word: for what became of it: results.WORD1.sqlite, results.WORD2.sqlite and so on.

    Returns:
        Where it is now; None where there was nothing.
    """
    if not path.exists():
        return None
    _settle(path)
    target = free_name(path, word)
    for part, twin in reversed(list(zip(parts(path), parts(target)))):  # the store itself last: it is there or aside, whenever killed
        if part.exists():
            part.rename(twin)
    return target


def free_name(path: Path, word: str) -> Path:
    """The first of results.WORD1.sqlite, results.WORD2.sqlite and so on that is not taken."""
    names = (path.with_name(f"{path.stem}.{word}{number}{path.suffix}") for number in itertools.count(1))
    return next(name for name in names if not name.exists())


def parts(path: Path) -> tuple[Path, Path, Path]:
    """A store's file, its write-ahead log and that log's index."""
    return path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def _settle(path: Path) -> None:
    """Bring what a killed writer left in the write-ahead log into the file, where that can be done."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:
        pass  # a damaged file is set aside as it is, with its log
