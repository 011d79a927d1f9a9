"""Results of several machines in one folder: every attempt at every run is kept, and results that contradict each other are named."""

from __future__ import annotations

import heapq
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlbench.store.database import FILE, Store
from dlbench.store.read import current_study
from dlbench.store.schema import COLUMNS, put, rows, seal
from dlbench.values.errors import InputError
from dlbench.values.record import FINAL

PER_FOLDER = ("created", "command", "hash")
"""Facts of a study that differ from folder to folder."""


@dataclass(frozen=True)
class Merged:
    """What a merge did.

    Attributes:
        planned, finished: runs of the study, and those of them that need not be run again.
        attempts: that were kept, of all studies in the folders.
        conflicts: one line each run whose results contradict each other.
    """

    planned: int
    finished: int
    attempts: int
    conflicts: tuple[str, ...]


@dataclass(frozen=True)
class Attempt:
    """One attempt at a run: where it is from, and its row."""

    source: int
    row: dict[str, Any]

    @property
    def final(self) -> bool:
        """Whether the run need not be run again."""
        return self.row["status"] in FINAL

    @property
    def content(self) -> str:
        """Equal for copies of one record; the number of the attempt is its folder's own."""
        return seal(value for name, value in self.row.items() if name not in ("attempt", "contents"))

    @property
    def outcome(self) -> tuple[str, str]:
        """Return what two runs of one recipe must have in common: the final weights, or what is nearest to them; no times."""
        weights = json.loads(self.row["controls"]).get("weights")
        scores = {name: value for name, value in json.loads(self.row["scores"]).items() if name != "target_s"}
        return self.row["status"], weights or json.dumps(scores, sort_keys=True)


def merge(folders: Sequence[Path], out: Path, fresh: bool = False) -> Merged:
    """Join results folders of one study.

    Of a run that several folders have, the latest attempt that ended for good in the folder named first counts; the others are kept
    as earlier attempts. What is one record in several folders is kept once.

    Args:
        folders: of the same study: same file, overrides and arms.
        out: a folder without results.
        fresh: whether to set results in ``out`` aside (renamed, not lost).

    Raises:
        InputError: a folder has no results or those of another study, or ``out`` has some.
    """
    if out.resolve() in {folder.resolve() for folder in folders}:
        raise InputError(f"--out {out}: is one of the folders to merge; accepted: another folder")
    if (out / FILE).exists() and not fresh:
        raise InputError(f"--out {out}: there are results here already; accepted: a folder without, or --fresh, which sets them aside")
    with ExitStack() as stack:
        sources = [stack.enter_context(Store(folder)) for folder in folders]
        digest = _one_study(folders, sources)
        target = stack.enter_context(Store(out, write=True, fresh=fresh))
        with target.transaction():
            _copy(sources, target, digest)
            attempts, conflicts = _runs(folders, sources, target)
        planned = {run_id for *_, run_id in _rows(target, "cells", "WHERE study = ?", digest)}
        return Merged(len(planned), len(planned & target.finished()), attempts, tuple(conflicts))


def _one_study(folders: Sequence[Path], sources: Sequence[Store]) -> str:
    """The digest of the study that all folders hold.

    Raises:
        InputError: one holds another; the message says in what it differs.
    """
    studies = [current_study(store) for store in sources]
    first, first_facts, first_arms = studies[0]
    for folder, (digest, facts, arms) in zip(folders, studies):
        if digest == first:
            continue
        names = [name for name in first_facts if name not in PER_FOLDER and first_facts[name] != facts.get(name)]
        differences = [f"{name} = {_short(facts.get(name))} here, {_short(first_facts[name])} there" for name in names if name != "text"]
        ours, theirs = ([arm["arm"] for arm in part] for part in (arms, first_arms))
        differences += ["its arms are others"] * (ours != theirs) + ["the study file has another text"] * ("text" in names)
        raise InputError(f"{folder}: holds another study than {folders[0]}: {'; '.join(differences)}; accepted: folders of one study")
    return first


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _rows(store: Store, table: str, where: str = "", *given: Any) -> Iterator[tuple]:
    return (tuple(row) for row, _ in rows(store.connection, table, where, *given))


def _copy(sources: Sequence[Store], target: Store, digest: str) -> None:
    """Everything but the runs; where two folders have the same key, the first one's stays."""
    studies = {row[0]: row for store in reversed(sources) for row in _rows(store, "studies")}
    older = sorted((row for row in studies.values() if row[3] and row[0] != digest), key=lambda row: row[3])
    opened = {row[0]: number for number, row in enumerate([*older, studies[digest]], 1)}
    put(target.connection, "studies", [(*row[:3], opened.get(row[0], 0)) for row in studies.values()])
    for store in sources:
        put(target.connection, "cells", _rows(store, "cells"), "IGNORE")
        put(target.connection, "environments", _rows(store, "environments"), "IGNORE")
        put(target.connection, "arrays", _rows(store, "arrays", "WHERE attempt = 0"), "IGNORE")
    put(target.connection, "timings", _rounds(row for store in sources for row in _rows(store, "timings", "ORDER BY rowid")))
    looks = {}
    for store in sources:
        for (text,) in _rows(store, "looks", "ORDER BY number"):
            looks.setdefault(json.dumps(json.loads(text) | {"taken": ""}, sort_keys=True), text)
    put(target.connection, "looks", [(text,) for text in looks.values()])


def _rounds(rows: Iterable[tuple]) -> Iterator[tuple]:
    """Rounds of timing, each once, numbered anew within a pair and an environment."""
    number: dict[tuple, int] = {}
    for *pair, _, step, inference, other_step, other_inference in dict.fromkeys(rows):
        turn = number[tuple(pair)] = number.get(tuple(pair), -1) + 1
        yield (*pair, turn, step, inference, other_step, other_inference)


def _runs(folders: Sequence[Path], sources: Sequence[Store], target: Store) -> tuple[int, list[str]]:
    """Copy every attempt at every run, one run at a time; how many, and what contradicts."""
    count, conflicts = 0, []
    streams = (_attempts(number, store) for number, store in enumerate(sources))
    merged = heapq.merge(*streams, key=lambda attempt: attempt.row["run_id"])
    for run_id, group in itertools.groupby(merged, key=lambda attempt: attempt.row["run_id"]):
        every = list({attempt.content: attempt for attempt in reversed(list(group))}.values())
        every.sort(key=lambda attempt: (attempt.final, -attempt.source, attempt.row["attempt"]))
        for number, attempt in enumerate(every, 1):
            _keep(sources[attempt.source], target, attempt.row, number)
        count += len(every)
        final = [attempt for attempt in every if attempt.final]
        if len({attempt.outcome for attempt in final}) > 1:
            conflicts.append(_conflict(run_id, final, folders, target))
    return count, conflicts


def _attempts(number: int, store: Store) -> Iterator[Attempt]:
    for row in _rows(store, "records", "ORDER BY run_id, attempt"):
        yield Attempt(number, dict(zip(COLUMNS["records"], row)))


def _keep(source: Store, target: Store, row: dict[str, Any], number: int) -> None:
    stored = _rows(source, "arrays", "WHERE run_id = ? AND attempt = ? ORDER BY name", row["run_id"], row["attempt"])
    arrays = [(run_id, number, *array) for run_id, _, *array in stored]
    put(target.connection, "records", [tuple((row | {"attempt": number, "contents": seal(map(seal, arrays))}).values())])
    put(target.connection, "arrays", arrays)


def _conflict(run_id: str, final: Sequence[Attempt], folders: Sequence[Path], target: Store) -> str:
    arm, seed = target.connection.execute("SELECT arm, seed FROM cells WHERE run_id = ? UNION ALL SELECT 'pretraining', 0",
                                          (run_id,)).fetchone()
    outcomes = [f"{attempt.row['status']}{_score(attempt)} in {folders[attempt.source]}" for attempt in reversed(final)]
    same = len({attempt.row["environment"] for attempt in final}) == 1
    where = "in one environment, where they should be equal to the bit" if same else "in different environments"
    return f"{arm}, seed {seed} ({run_id}): {', '.join(outcomes)}, {where}; {folders[final[-1].source]}'s counts"


def _score(attempt: Attempt) -> str:
    scores = json.loads(attempt.row["scores"])
    name = next((name for name in ("test_accuracy", "test_loss") if name in scores), None)
    return f" ({name} {scores[name]:.6g}, weights {attempt.outcome[1][:16]})" if name else ""
