"""The finished runs of all studies of a machine: one SQLite file in the cache, in which a study finds by its id what another made."""

from __future__ import annotations

import io
import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from dlbench.datasets.npz import BROKEN
from dlbench.store.database import JSON_FIELDS, LABELS, Store
from dlbench.store.files import connect, parts, remove_empty_log
from dlbench.store.schema import COLUMNS, rows, seal
from dlbench.store.shapes import ArrayRow, EnvironmentRow, RecordRow
from dlbench.values.errors import InputError
from dlbench.values.record import Controls, Cost, Record
from dlbench.values.text import plural

FILE = "runs.sqlite"
VERSION = 1
"""Of the table; a file of another version is left alone."""
FIELDS = ("run_id", "made", "study", "folder", "environment", "record", "arrays")
"""What the seal of a run is on: its id; what has to be equal for it to be taken; the study and the folder it was made for; versions and
machine; its record and its arrays."""
TABLE = (f"CREATE TABLE IF NOT EXISTS runs ({', '.join(f'{name} NOT NULL' for name in FIELDS)}, seal NOT NULL, used REAL NOT NULL, "
         "size INTEGER NOT NULL, PRIMARY KEY (run_id, made))")
TAKEN = "taken_from"
"""The array of an attempt that was made for another study: which study, and its folder, as JSON in UTF-8."""
BUSY_MS = 5000
"""How long another process may keep the file to itself."""
AT_ONCE = 500
"""Ids in one query."""
FAULTS = (sqlite3.Error, OSError, InputError)


@dataclass(frozen=True)
class Kept:
    """A finished run of some study: its record and arrays, the environment that it was made in, and the study that it was made for."""

    record: Record
    arrays: dict[str, np.ndarray]
    environment: dict[str, Any]
    study: str
    folder: str


class SharedRuns:
    """The finished runs of a machine. Where its file cannot be used, that is said once, and there are none.

    Args:
        folder: of the file; made where it is not there.
        limit_bytes: how much is kept; the runs that were used longest ago go first.
        note: receives a line where the file, or a run in it, cannot be used.
    """

    def __init__(self, folder: Path, limit_bytes: int, note: Callable[[str], None]) -> None:
        self.path, self.limit_bytes, self.note, self.usable = Path(folder) / FILE, limit_bytes, note, True

    def there(self, wanted: Mapping[str, str], any_made: bool = False) -> set[str]:
        """Return which runs could be taken.

        Args:
            wanted: run id -> what has to be equal.
            any_made: take runs for which it is not equal, too.
        """
        found: set[str] = set()
        with self._open(write=False) as connection:
            for run_id, made in _chosen(connection, "run_id, made", list(wanted)):
                if any_made or made == wanted[run_id]:
                    found.add(run_id)
        return found

    def take(self, wanted: Mapping[str, str], fits: Callable[[Record], bool], any_made: bool = False) -> Iterator[Kept]:
        """Yield the runs that are there, each as it was written; what is damaged is removed, and said once.

        Args:
            wanted, any_made: as of :meth:`there`; of several, the one that has been used last is taken.
            fits: whether a record is that of the run whose id it has.
        """
        damaged: list[tuple[str, str]] = []
        for run_id, made in wanted.items():
            for *values, kept in self._rows(run_id, made, any_made):
                if (run := _read(values, kept)) is not None and run.record.run_id == run_id and fits(run.record):
                    yield run
                else:
                    damaged.append((run_id, values[1]))
        if damaged:
            self.note(f"{self.path}: {plural(len(damaged), 'run')} not as written: removed, and made anew")
            with self._open() as connection:
                connection.executemany("DELETE FROM runs WHERE run_id = ? AND made = ?", damaged)

    def _rows(self, run_id: str, made: str, any_made: bool) -> list[tuple[Any, ...]]:
        """The row of a run, with its seal; none where it is not there."""
        found: list[tuple[Any, ...]] = []
        query = (f"SELECT {', '.join(FIELDS)}, seal FROM runs WHERE run_id = ? AND (? OR made = ?) "
                 "ORDER BY made = ? DESC, used DESC LIMIT 1")
        with self._open(write=False) as connection:
            found += connection.execute(query, (run_id, any_made, made, made)).fetchall()
        return found

    def give(self, kept: Iterable[tuple[Kept, str]], replace: bool = False) -> None:
        """Keep finished runs, each with what has to be equal for it to be taken; what is there stays, unless it is replaced."""
        clash, marks = "REPLACE" if replace else "IGNORE", ", ".join("?" * (len(FIELDS) + 3))
        values = [(run.record.run_id, made, run.study, run.folder, json.dumps(run.environment), json.dumps(run.record.to_dict()),
                   _packed(run.arrays)) for run, made in kept]
        sizes = [sum(map(len, row)) for row in values]
        with self._open() as connection:
            _forget_oldest(connection, self.limit_bytes - sum(sizes))  # first, so that the file never grows beyond its limit
            connection.executemany(f"INSERT OR {clash} INTO runs VALUES ({marks})",
                                   ((*row, seal(row), time.time(), size) for row, size in zip(values, sizes)))
            _forget_oldest(connection, self.limit_bytes)

    def used(self, run_ids: Iterable[str]) -> None:
        """Note that runs have been used now."""
        with self._open() as connection:
            connection.executemany("UPDATE runs SET used = ? WHERE run_id = ?", ((time.time(), run_id) for run_id in run_ids))

    @contextmanager
    def _open(self, write: bool = True) -> Iterator[sqlite3.Connection]:
        """Open the file for one operation: whoever removes it meanwhile takes nothing else away. A fault ends its use."""
        nowhere = sqlite3.connect(":memory:", isolation_level=None)
        with closing(nowhere):
            nowhere.execute(TABLE)
            if not self.usable or not (write or self.path.is_file()):
                yield nowhere
                return
            try:
                connection = _connected(self.path, write)
            except FAULTS as error:
                self._give_up(error)
                yield nowhere
                return
            with _closing(connection, self.path):
                try:
                    yield connection
                    if connection.in_transaction:
                        connection.execute("COMMIT")
                except FAULTS as error:
                    self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        self.usable = False
        reason = str(error).removeprefix(f"{self.path}: ")
        self.note(f"{self.path}: {reason}; the study goes on without the runs of other studies, and keeps none for them; "
                  "`dlbench cache --remove runs` empties the file")


def summary(folder: Path) -> tuple[int, int, float] | None:
    """Return how many runs are kept, the size of their file in bytes, and when one was used last (seconds since 1970); None where there
    are none, and -1 runs where the file cannot be read."""
    path = folder / FILE
    if not path.is_file():
        return None
    size, changed = sum(part.stat().st_size for part in parts(path) if part.is_file()), path.stat().st_mtime
    try:
        with _closing(_connected(path, write=False), path) as connection:
            count, used = connection.execute("SELECT COUNT(*), MAX(used) FROM runs").fetchone()
    except FAULTS:
        return -1, size, changed
    return count, size, used or changed


def empty(folder: Path) -> None:
    """Remove the file of runs; nothing else that lies there."""
    for part in parts(folder / FILE):
        part.unlink(missing_ok=True)


def record_of(store: Store, run_id: str) -> Record | None:
    """Return the latest record of a run as a results folder keeps it; None where there is none, or it is not as it was written."""
    for values, kept in rows(store.connection, "records", "WHERE run_id = ? ORDER BY attempt DESC LIMIT 1", run_id):
        row = dict(zip(COLUMNS["records"], values))
        return _record({name: json.loads(value) if name in JSON_FIELDS else value for name, value in row.items()
                        if name not in ("attempt", "contents")}) if seal(values) == kept else None
    return None


def arrays_of(store: Store, run_id: str) -> dict[str, np.ndarray]:
    """Return the arrays of a run with the labels that it shares with others, without where it was taken from."""
    labels = store.labels(run_id)
    own = {name: value for name, value in store.arrays(run_id).items() if name != TAKEN}
    return own if labels is None else own | {LABELS: labels}


def origin_array(run: Kept) -> dict[str, np.ndarray]:
    """Return the array that tells, beside the others of an attempt, which study it was made for."""
    return {TAKEN: np.frombuffer(json.dumps({"study": run.study, "folder": run.folder}).encode(), np.uint8)}


def origins(store: Store) -> dict[str, dict[str, str]]:
    """Return the runs whose latest attempt was made for another study -> that ``study`` and its ``folder``."""
    latest = "WHERE name = ? AND attempt = (SELECT MAX(attempt) FROM records WHERE records.run_id = arrays.run_id)"
    made = {values[0]: _origin(values[-1]) for values, kept in rows(store.connection, "arrays", latest, TAKEN) if seal(values) == kept}
    return {run_id: origin for run_id, origin in made.items() if origin is not None}


def _origin(data: bytes) -> dict[str, str] | None:
    try:
        known = json.loads(data)
        return {name: str(known[name]) for name in ("study", "folder")}
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


@contextmanager
def _closing(connection: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """Close the file in the end, with nothing left beside it."""
    try:
        yield connection
    finally:
        connection.close()
        remove_empty_log(path)


def _connected(path: Path, write: bool) -> sqlite3.Connection:
    """Open the file, within a transaction where it is written to.

    Raises:
        sqlite3.Error, OSError, InputError: it cannot be used.
    """
    if write:
        path.parent.mkdir(parents=True, exist_ok=True)
    connection = connect(path, write)
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        if write:
            connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if connection.execute("SELECT 1 FROM sqlite_master").fetchone() and version != VERSION:
            raise InputError(f"written by another version of dlbench (its table is {version}, this one's {VERSION})")
        if write:
            connection.execute(TABLE)
            connection.execute(f"PRAGMA user_version = {VERSION}")
        return connection
    except BaseException:
        connection.close()
        raise


def _forget_oldest(connection: sqlite3.Connection, limit_bytes: int) -> None:
    connection.execute("DELETE FROM runs WHERE rowid IN (SELECT rowid FROM (SELECT rowid, SUM(size) OVER "
                       "(ORDER BY used DESC, rowid DESC) AS so_far FROM runs) WHERE so_far > ?)", (limit_bytes,))


def _chosen(connection: sqlite3.Connection, columns: str, run_ids: list[str]) -> Iterator[tuple]:
    for start in range(0, len(run_ids), AT_ONCE):
        some = run_ids[start:start + AT_ONCE]
        yield from connection.execute(f"SELECT {columns} FROM runs WHERE run_id IN ({', '.join('?' * len(some))})", some).fetchall()


def _read(values: list[Any], kept: str) -> Kept | None:
    """Make a run of a row; None where it is not as it was written, or means nothing."""
    try:
        if seal(values) != kept:
            return None
        _, _, study, folder, environment, record, arrays = values
        fields = json.loads(record)
        texts = {name: json.dumps(value) if name in JSON_FIELDS else value for name, value in fields.items()}
        RecordRow.model_validate(texts | {"attempt": 1, "contents": ""})
        EnvironmentRow.model_validate({"hash": fields["environment"], "facts": environment})
        with np.load(io.BytesIO(arrays), allow_pickle=False) as file:
            known = dict(file)
        for name, value in known.items():
            ArrayRow.model_validate({"run_id": "", "attempt": 1, "name": name, "dtype": str(value.dtype), "size": value.nbytes,
                                     "shape": json.dumps(value.shape)})
        return Kept(_record(fields), known, json.loads(environment), str(study), str(folder))
    except (ValidationError, TypeError, AttributeError, RecursionError, *BROKEN):
        return None


def _record(fields: dict[str, Any]) -> Record:
    made = {"cost": Cost.from_dict(fields["cost"]), "controls": Controls.from_dict(fields["controls"], fields["recipe"])}
    return Record(**(fields | made))


def _packed(arrays: Mapping[str, np.ndarray]) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)  # pyright: ignore[reportArgumentType]
    return file.getvalue()
