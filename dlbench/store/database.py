"""The store: one SQLite file a results folder, one transaction a finished run; nothing is overwritten in place."""

from __future__ import annotations

import json
import math
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from dlbench.store.border import unreadable
from dlbench.store.files import connect, copy_to, remove_empty_log, set_aside
from dlbench.store.lock import hold
from dlbench.store.schema import COLUMNS, SCHEMA, broken, put, rows, seal, upgrade, version
from dlbench.store.verify import Check, check
from dlbench.values.errors import InputError, Stopped
from dlbench.values.record import FINAL, Record

FILE = "results.sqlite"
LABELS = "test_labels"
"""The array of a run that is kept once for all runs that were scored on the same examples; see :meth:`Store.labels`."""
JSON_FIELDS = ("recipe", "scores", "curves", "cost", "controls")
Answer = TypeVar("Answer")
REPAIR = "`dlbench status {} --repair` saves what can be read"


def holds_results(folder: Path) -> bool:
    """Whether there is a store in a folder, and something in it."""
    file = folder / FILE
    return file.is_file() and file.stat().st_size > 0


def stored(folder: Path, read: Callable[[Store], Answer], otherwise: Answer) -> Answer:
    """Return what a function reads from a results folder's store, or ``otherwise`` if there are no results yet."""
    if not holds_results(folder):
        return otherwise
    with Store(folder) as store:
        return read(store)


class Store:
    """An open results folder; use it as a context.

    Args:
        folder: created where it is not there and ``write`` is set.
        write: whether runs are recorded; only one process may at a time.
        fresh: whether to set what is there aside (renamed, not lost) and start anew.
        held: whether the caller holds the folder already (:func:`dlbench.store.lock.hold`).

    Attributes:
        schema: the version that the file was found in, 0 of an empty one. An older one is brought to the newest: by a writer in the
            file, with a copy of the old one beside it; by a reader in a copy of its own.

    Raises:
        InputError: there are no results, the file is not a store, or another process is writing to it. Inside the context too,
            where what was read turns out to be damaged.
        Stopped: inside the context, where a writer's disk is full or fails.
    """

    def __init__(self, folder: Path, write: bool = False, fresh: bool = False, held: bool = False) -> None:
        self.folder, self.path, self.write = Path(folder), Path(folder) / FILE, write
        if not write and not self.path.is_file():
            raise InputError(f"{folder}: no results here (wanted {FILE}); `dlbench run STUDY --out {folder}` makes them")
        with ExitStack() as stack:
            if write and not held:
                stack.enter_context(hold(self.folder))
            try:
                if fresh:
                    set_aside(self.path, "old")
                if not write:
                    stack.callback(remove_empty_log, self.path)
                self.connection = stack.enter_context(closing(connect(self.path, write)))
                self._open(stack)
            except (sqlite3.Error, OSError, TypeError, ValueError) as error:
                raise InputError(f"{self.path}: cannot be used as a store: {error}; {REPAIR.format(self.folder)}") from None
            self._stack = stack.pop_all()

    def _open(self, stack: ExitStack) -> None:
        self.schema = version(self.connection)
        if not self.schema and not self.write:
            raise InputError(f"{self.path}: empty: nothing has been stored in it; `dlbench run STUDY --out {self.folder}` makes results")
        if self.schema > SCHEMA:
            raise InputError(f"{self.path}: written by a newer dlbench (schema {self.schema}; this one knows {SCHEMA})")
        if self.schema < SCHEMA:
            self._modernise(stack)

    def _modernise(self, stack: ExitStack) -> None:
        """Bring an older store to the newest version: a writer's in place, beside a copy of the old; a reader's in a copy."""
        if not self.write:
            copy = stack.enter_context(closing(sqlite3.connect("", isolation_level=None)))  # a file that goes with its connection
            self.connection.backup(copy)
            self.connection = copy
        elif self.schema:
            copy_to(self.connection, self.path.with_name(f"{self.path.stem}.schema{self.schema}{self.path.suffix}"))
        with self.transaction() as connection:
            upgrade(connection, self.schema)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, _: object, error: BaseException | None, trace: object) -> None:
        with self._stack:
            if isinstance(error, Exception) and not isinstance(error, InputError | Stopped) and (damage := self.check().damage):
                raise self._damaged(damage[0]) from error

    def check(self) -> Check:
        """Whether every row is as it was written."""
        return check(self.connection, self.schema >= SCHEMA)

    def demand_sound(self) -> None:
        """Make sure that every row is as it was written, and means something; the arrays' data is checked when it is read.

        Raises:
            InputError: one is not.
        """
        for table in COLUMNS.keys() - {"arrays"}:
            if next(broken(self.connection, table), None) is not None:
                raise self._damaged(f"{table}: a row is not as it was written")
        if (problem := next(unreadable(self.connection), None)) is not None:
            raise self._damaged(problem)

    def _damaged(self, what: str) -> InputError:
        return InputError(f"{self.path}: damaged ({what}); {REPAIR.format(self.folder)}")

    def _damage_shown_by(self, error: sqlite3.OperationalError) -> str:
        """The damage to the file that a failed write shows; empty where the disk is to blame."""
        if error.sqlite_errorcode == sqlite3.SQLITE_READONLY and os.access(self.path, os.W_OK):
            return "its header forbids to write, and the file does not"
        return f"its tables are not those of schema {self.schema}: {error}" if error.sqlite_errorcode == sqlite3.SQLITE_ERROR else ""

    @contextmanager
    def transaction(self):
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            yield self.connection
            self.connection.execute("COMMIT")
        except BaseException as error:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError):
                if damage := self._damage_shown_by(error):
                    raise self._damaged(damage) from error
                raise Stopped(f"{self.path}: cannot be written: {error}; what was finished before is kept: make room, and the same "
                              "command resumes") from error
            raise

    def open_study(self, digest: str, facts: dict[str, Any], arms: list[dict[str, Any]], cells: Iterable[tuple],
                   part: bool = False) -> None:
        """Make a study the current one of this folder: its facts, arms, and (arm, seed, run id) of every cell.

        A part of a study (its trials, its tuned comparison) is kept under a digest of its own and is never the current one.
        """
        with self.transaction() as connection:
            (opened,) = connection.execute("SELECT COALESCE(MAX(opened), 0) + 1 FROM studies").fetchone()
            put(connection, "studies", [(digest, json.dumps(facts), json.dumps(arms), 0 if part else opened)], "REPLACE")
            put(connection, "cells", ((digest, *cell) for cell in cells), "REPLACE")

    def studies(self) -> dict[str, dict[str, Any]]:
        """Map the digest of every study that was opened here, without its parts, to its facts, in the order of their last opening."""
        return {digest: json.loads(facts)
                for digest, facts in self.connection.execute("SELECT hash, facts FROM studies WHERE opened > 0 ORDER BY opened")}

    def arms(self, digest: str) -> list[dict[str, Any]]:
        """The arms of a study, as they were opened."""
        return json.loads(self.connection.execute("SELECT arms FROM studies WHERE hash = ?", (digest,)).fetchone()[0])

    def add_environment(self, digest: str, facts: dict[str, Any]) -> None:
        """Keep an environment: versions, machine, threads."""
        with self.transaction() as connection:
            put(connection, "environments", [(digest, json.dumps(facts))], "IGNORE")

    def add(self, record: Record, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep a record and its arrays, as one transaction; an earlier attempt at the same run stays as it is.

        An array named :data:`LABELS` belongs to the evaluation set, by the hash in the record's controls, and is kept once; where the
        evaluation set is not proven, it belongs to the run.
        """
        evaluation = record.controls.evaluation
        shared = {LABELS} & arrays.keys() if isinstance(evaluation, str) else set()
        row = {name: json.dumps(value) if name in JSON_FIELDS else value for name, value in record.to_dict().items()}
        with self.transaction() as connection:
            (attempt,) = connection.execute(
                "SELECT COALESCE(MAX(attempt), 0) + 1 FROM records WHERE run_id = ?", (record.run_id,)).fetchone()
            own = [(record.run_id, attempt, name, *_packed(arrays[name])) for name in sorted(arrays.keys() - shared)]
            row |= {"attempt": attempt, "contents": seal(map(seal, own))}
            put(connection, "records", [tuple(row[name] for name in COLUMNS["records"])])
            put(connection, "arrays", own)
            put(connection, "arrays", [(f"evaluation/{evaluation}", 0, name, *_packed(arrays[name])) for name in shared], "IGNORE")

    def kept(self, key: str) -> dict[str, np.ndarray]:
        """The arrays that :meth:`keep` put under a key; none where there are none."""
        return dict(self._arrays("run_id = ? AND attempt = 0", key))

    def keep(self, key: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep arrays that belong to no run, under a key of their own, in the place of earlier ones."""
        with self.transaction() as connection:
            put(connection, "arrays", [(key, 0, name, *_packed(value)) for name, value in arrays.items()], "REPLACE")

    def add_timings(self, rounds: Iterable[tuple]) -> None:
        """Keep timing rounds: recipe, reference, environment, round, and four times in milliseconds; what is there stays."""
        with self.transaction() as connection:
            put(connection, "timings", rounds, "IGNORE")

    def timed(self, environment: str) -> set[tuple[str, str]]:
        """(recipe, reference) pairs that were timed in an environment."""
        query = "SELECT DISTINCT recipe, reference FROM timings WHERE environment = ?"
        return set(self.connection.execute(query, (environment,)))

    def latest(self, *columns: str, final: bool = False) -> Iterator[tuple]:
        """Columns of the latest attempt at each run, behind its id.

        Args:
            *columns: expressions over the columns of the records.
            final: only runs that need not be run again.
        """
        query = f"SELECT run_id, {', '.join(columns)}, status, MAX(attempt) FROM records GROUP BY run_id"
        return (tuple(row) for *row, status, _ in self.connection.execute(query) if status in FINAL or not final)

    def statuses(self) -> dict[str, str]:
        """Run id -> status of its latest attempt."""
        return dict(self.latest("status"))

    def environments(self) -> dict[str, dict[str, Any]]:
        """Digest of an environment -> its facts."""
        return {digest: json.loads(facts) for digest, facts in self.connection.execute("SELECT hash, facts FROM environments")}

    def origins(self) -> dict[str, str]:
        """Run id -> the digest of the environment that it was run in, for runs that need not be run again."""
        return dict(self.latest("environment", final=True))

    def data(self) -> dict[str, tuple[str, dict[str, str]]]:
        """Run id -> hash of the data that it was trained and tested on, and of the files behind datasets known by name alone
        (dataset -> hash), for runs that need not be run again."""
        rows = self.latest("json_extract(controls, '$.data')", "json_extract(controls, '$.files')", final=True)
        return {run_id: (data or "", json.loads(files or "{}")) for run_id, data, files in rows}

    def finished(self) -> set[str]:
        """Ids of runs that need not be run again."""
        return {run_id for run_id, _ in self.latest("status", final=True)}

    def scores(self, name: str) -> dict[str, float]:
        """Run id -> the finite score of that name, for runs that are done and have it."""
        return {run_id: float(score) for run_id, score in self.outcomes(name).items() if score is not None and math.isfinite(score)}

    def outcomes(self, score: str) -> dict[str, float | None]:
        """Run id -> a score of every run that need not be run again; None where it has none, because it diverged."""
        rows = self.latest("status", "scores", final=True)
        return {run_id: json.loads(scores).get(score) if status == "done" else None for run_id, status, scores in rows}

    def mean_wall_s(self) -> float | None:
        """Mean seconds of a finished run; None where there is none."""
        query = "SELECT AVG(json_extract(cost, '$.wall_s')) FROM records WHERE status = 'done'"
        return self.connection.execute(query).fetchone()[0]

    def weights(self, run_id: str) -> dict[str, np.ndarray]:
        """The weights that a pretraining run left."""
        return {name.removeprefix("weights/"): value for name, value in self.arrays(run_id).items() if name.startswith("weights/")}

    def arrays(self, run_id: str) -> dict[str, np.ndarray]:
        """Arrays of the latest attempt at a run."""
        where = "run_id = ? AND attempt = (SELECT MAX(attempt) FROM records WHERE run_id = ?)"
        return dict(self._arrays(where, run_id, run_id))

    def labels(self, run_id: str) -> np.ndarray | None:
        """The true classes of the examples that a run was tested on; None where they were not kept."""
        where = """name = ? AND (attempt = 0 AND run_id = (
                   SELECT 'evaluation/' || json_extract(controls, '$.evaluation') FROM records WHERE run_id = ?
                   ORDER BY attempt DESC LIMIT 1) OR run_id = ? AND attempt = (SELECT MAX(attempt) FROM records WHERE run_id = ?))"""
        return dict(self._arrays(where, LABELS, run_id, run_id, run_id)).get(LABELS)

    def shares(self, run_id: str) -> np.ndarray | None:
        """For each test example the share of a run's evaluations that had it right, float64 [n], 0 or 1 where there was one; None where a
        run left none.
        """
        where = """run_id = ? AND attempt = (SELECT MAX(attempt) FROM records WHERE run_id = ?)
                   AND name IN ('test_bits', 'test_rights', 'test_evaluations', 'test_predictions')"""
        answers = dict(self._arrays(where, run_id, run_id))
        if {"test_rights", "test_evaluations"} <= answers.keys():
            return answers["test_rights"] / float(answers["test_evaluations"][0])
        if {"test_bits", "test_predictions"} <= answers.keys():
            return np.unpackbits(answers["test_bits"], count=len(answers["test_predictions"])).astype(float)
        return None

    def _arrays(self, where: str, *given: str) -> Iterator[tuple[str, np.ndarray]]:
        """Names and arrays, each checked against its seal."""
        for row, kept in rows(self.connection, "arrays", f"WHERE {where}", *given):
            run_id, _, name, dtype, shape, data = row
            if seal(row) != kept:
                raise self._damaged(f"arrays: {name} of run {run_id} is not as it was written")
            yield name, np.frombuffer(data, dtype).reshape(json.loads(shape))


def _packed(value: np.ndarray) -> tuple[str, str, bytes]:
    return str(value.dtype), json.dumps(value.shape), value.tobytes()
