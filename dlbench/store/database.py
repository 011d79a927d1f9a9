"""The store: one SQLite file a results folder, one transaction a finished run; nothing is overwritten in place."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from dlbench.values.errors import InputError
from dlbench.values.record import FINAL, Record

FILE = "results.sqlite"
SCHEMA = 1
TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS studies (
    hash TEXT PRIMARY KEY, facts TEXT NOT NULL, arms TEXT NOT NULL, opened INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS cells (
    study TEXT NOT NULL, arm TEXT NOT NULL, seed INTEGER NOT NULL, run_id TEXT NOT NULL, PRIMARY KEY (study, arm, seed));
CREATE TABLE IF NOT EXISTS records (
    run_id TEXT NOT NULL, attempt INTEGER NOT NULL, seed INTEGER NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
    recipe TEXT NOT NULL, scores TEXT NOT NULL, curves TEXT NOT NULL, cost TEXT NOT NULL, controls TEXT NOT NULL,
    environment TEXT NOT NULL, started TEXT NOT NULL, PRIMARY KEY (run_id, attempt));
CREATE TABLE IF NOT EXISTS arrays (
    run_id TEXT NOT NULL, attempt INTEGER NOT NULL, name TEXT NOT NULL, dtype TEXT NOT NULL, shape TEXT NOT NULL,
    data BLOB NOT NULL, PRIMARY KEY (run_id, attempt, name));
CREATE TABLE IF NOT EXISTS environments (hash TEXT PRIMARY KEY, facts TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS timings (
    recipe TEXT NOT NULL, reference TEXT NOT NULL, environment TEXT NOT NULL, round INTEGER NOT NULL, step_ms REAL NOT NULL,
    inference_ms REAL NOT NULL, reference_step_ms REAL NOT NULL, reference_inference_ms REAL NOT NULL,
    PRIMARY KEY (recipe, reference, environment, round));
CREATE TABLE IF NOT EXISTS looks (number INTEGER PRIMARY KEY, look TEXT NOT NULL);
"""
LABELS = "test_labels"
"""The array of a run that is kept once for all runs that were scored on the same examples; see :meth:`Store.labels`."""
JSON_FIELDS = ("recipe", "scores", "curves", "cost", "controls")


class Store:
    """An open results folder.

    Args:
        folder: created where it is not there and ``write`` is set.
        write: whether runs are recorded; only one process may at a time.
        fresh: whether to set what is there aside (renamed, not lost) and start anew.

    Raises:
        InputError: there are no results, the file is not a store, or another process is writing to it.
    """

    def __init__(self, folder: Path, write: bool = False, fresh: bool = False) -> None:
        self.folder, self.path = Path(folder), Path(folder) / FILE
        if not write and not self.path.is_file():
            raise InputError(f"{folder}: no results here (wanted {FILE}); `dlbench run STUDY --out {folder}` makes them")
        try:
            self._lock = _lock(self.folder) if write else None
            if fresh:
                _set_aside(self.path)
            mode = "rwc" if write else "ro"
            self.connection = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)
            self._open(write)
        except (sqlite3.Error, OSError, TypeError, ValueError) as error:
            raise InputError(f"{self.path}: cannot be used as a store: {error}") from None

    def _open(self, write: bool) -> None:
        if write:
            self.connection.execute("PRAGMA journal_mode=WAL")
            self.connection.execute("PRAGMA synchronous=NORMAL")
            self.connection.executescript(TABLES)
            self.connection.execute("INSERT OR IGNORE INTO meta VALUES ('schema', ?)", (str(SCHEMA),))
        (schema,) = self.connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
        if int(schema) > SCHEMA:
            raise InputError(f"{self.path}: written by a newer dlbench (schema {schema}; this one knows {SCHEMA})")

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()
        if self._lock is not None:
            os.close(self._lock)

    @contextmanager
    def _transaction(self):
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def open_study(self, digest: str, facts: dict[str, Any], arms: list[dict[str, Any]], cells: Iterable[tuple],
                   part: bool = False) -> None:
        """Make a study the current one of this folder: its facts, arms, and (arm, seed, run id) of every cell.

        A part of a study (its trials, its tuned comparison) is kept under a digest of its own and is never the current one.
        """
        with self._transaction() as connection:
            (opened,) = connection.execute("SELECT COALESCE(MAX(opened), 0) + 1 FROM studies").fetchone()
            opened = 0 if part else opened
            connection.execute("INSERT OR REPLACE INTO studies VALUES (?, ?, ?, ?)",
                               (digest, json.dumps(facts), json.dumps(arms), opened))
            connection.executemany("INSERT OR REPLACE INTO cells VALUES (?, ?, ?, ?)", ((digest, *cell) for cell in cells))

    def add_environment(self, digest: str, facts: dict[str, Any]) -> None:
        """Keep the facts of an environment."""
        self.connection.execute("INSERT OR IGNORE INTO environments VALUES (?, ?)", (digest, json.dumps(facts)))

    def add(self, record: Record, arrays: dict[str, np.ndarray]) -> None:
        """Keep a record and its arrays, as one transaction; an earlier attempt at the same run stays as it is.

        An array named :data:`LABELS` belongs to the evaluation set, by the hash in the record's controls, and is kept once.
        """
        own = {name: value for name, value in arrays.items() if name != LABELS}
        row = {name: json.dumps(value) if name in JSON_FIELDS else value for name, value in asdict(record).items()}
        with self._transaction() as connection:
            (attempt,) = connection.execute(
                "SELECT COALESCE(MAX(attempt), 0) + 1 FROM records WHERE run_id = ?", (record.run_id,)).fetchone()
            row["attempt"] = attempt
            names = ", ".join(row)
            connection.execute(f"INSERT INTO records ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
            connection.executemany(
                "INSERT INTO arrays VALUES (?, ?, ?, ?, ?, ?)",
                [(record.run_id, attempt, name, *_packed(value)) for name, value in own.items()])
            if LABELS in arrays:
                key = _evaluation(record.controls["evaluation"])
                connection.execute("INSERT OR IGNORE INTO arrays VALUES (?, 0, ?, ?, ?, ?)", (key, LABELS, *_packed(arrays[LABELS])))

    def add_timings(self, rows: Iterable[tuple]) -> None:
        """Keep timing rounds: recipe, reference, environment, round, and four times in milliseconds."""
        with self._transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO timings VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def timed(self, environment: str) -> set[tuple[str, str]]:
        """(recipe, reference) pairs that were timed in an environment."""
        query = "SELECT DISTINCT recipe, reference FROM timings WHERE environment = ?"
        return set(self.connection.execute(query, (environment,)))

    def statuses(self) -> dict[str, str]:
        """Run id -> status of its latest attempt."""
        query = "SELECT run_id, status, MAX(attempt) FROM records GROUP BY run_id"
        return {run_id: status for run_id, status, _ in self.connection.execute(query)}

    def finished(self) -> set[str]:
        """Ids of runs that need not be run again."""
        return {run_id for run_id, status in self.statuses().items() if status in FINAL}

    def scores(self, name: str) -> dict[str, float]:
        """Run id -> the score of that name of its latest attempt, for runs that are done and have it."""
        return {run_id: score for run_id, score in self.outcomes(name).items() if score is not None}

    def outcomes(self, score: str) -> dict[str, float | None]:
        """Run id -> a score of every run that need not be run again; None where it has none, because it diverged."""
        query = "SELECT run_id, status, scores, MAX(attempt) FROM records GROUP BY run_id"
        rows = [row for row in self.connection.execute(query) if row[1] in FINAL]
        return {run_id: json.loads(found).get(score) if status == "done" else None for run_id, status, found, _ in rows}

    def mean_wall_s(self) -> float | None:
        """Mean seconds of a finished run; None where there is none."""
        query = "SELECT AVG(json_extract(cost, '$.wall_s')) FROM records WHERE status = 'done'"
        return self.connection.execute(query).fetchone()[0]

    def weights(self, run_id: str) -> dict[str, np.ndarray]:
        """The weights that a pretraining run left."""
        return {name.removeprefix("weights/"): value for name, value in self.arrays(run_id).items() if name.startswith("weights/")}

    def arrays(self, run_id: str) -> dict[str, np.ndarray]:
        """Arrays of the latest attempt at a run."""
        query = """SELECT name, dtype, shape, data FROM arrays WHERE run_id = ?
                   AND attempt = (SELECT MAX(attempt) FROM records WHERE run_id = ?)"""
        return {name: np.frombuffer(data, dtype).reshape(json.loads(shape))
                for name, dtype, shape, data in self.connection.execute(query, (run_id, run_id))}


    def labels(self, run_id: str) -> np.ndarray | None:
        """The true classes of the examples that a run was tested on; None where they were not kept."""
        query = """SELECT dtype, shape, data FROM arrays WHERE attempt = 0 AND name = ? AND run_id = (
                   SELECT 'evaluation/' || json_extract(controls, '$.evaluation') FROM records WHERE run_id = ?
                   ORDER BY attempt DESC LIMIT 1)"""
        row = self.connection.execute(query, (LABELS, run_id)).fetchone()
        return None if row is None else np.frombuffer(row[2], row[0]).reshape(json.loads(row[1]))

    def test_bits(self, run_id: str) -> tuple[bytes, int] | None:
        """Right or wrong for each test example, packed, and their number; None where a run left none."""
        query = """SELECT bits.data, predictions.shape FROM arrays AS bits JOIN arrays AS predictions USING (run_id, attempt)
                   WHERE run_id = ? AND bits.name = 'test_bits' AND predictions.name = 'test_predictions'
                   AND attempt = (SELECT MAX(attempt) FROM records WHERE run_id = ?)"""
        row = self.connection.execute(query, (run_id, run_id)).fetchone()
        return None if row is None else (row[0], json.loads(row[1])[0])


def _packed(value: np.ndarray) -> tuple[str, str, bytes]:
    return str(value.dtype), json.dumps(value.shape), value.tobytes()


def _evaluation(digest: str) -> str:
    """What stands for the run in the key of an array that belongs to an evaluation set."""
    return f"evaluation/{digest}"


def _set_aside(path: Path) -> None:
    """Rename a store, so that a fresh one can take its place and nothing is lost."""
    if path.exists():
        taken = sum(1 for _ in path.parent.glob(f"{path.stem}.old*{path.suffix}"))
        for suffix in ("", "-wal", "-shm"):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.rename(path.with_name(f"{path.stem}.old{taken + 1}{path.suffix}{suffix}"))


def _lock(folder: Path) -> int:
    """Hold the folder for writing; the lock goes with the process, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(lock, 100).decode(errors="replace").strip() or "another process"
        os.close(lock)
        raise InputError(f"{folder}: {holder} is writing to this folder; wait for it, or choose another --out") from None
    os.ftruncate(lock, 0)
    os.write(lock, f"dlbench run, process {os.getpid()}".encode())
    return lock
