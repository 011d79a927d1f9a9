"""What the cache holds: decoded data, and the finished runs of all studies. What is removed is made again when it is needed."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dlbench.app.request import cache_dir
from dlbench.datasets.derived import FEATURES, listed_arrays, remove_array
from dlbench.datasets.disk import FACTS
from dlbench.datasets.room import discard, remove_interrupted
from dlbench.execution.shared import FOLDER
from dlbench.store import shared
from dlbench.values.errors import InputError, unknown
from dlbench.values.files import recalled

RUNS = "runs"
"""What the finished runs of all studies are called where decoded datasets have their names."""
LIMITS_GIB = {"DLBENCH_RUNS_GIB": ("runs", 2.0), "DLBENCH_FEATURES_GIB": ("features", 4.0)}
"""Variable that limits a part of the cache -> what the part keeps, and the limit where the variable is unset."""


def shared_bytes() -> int:
    """Return how much is kept of the runs of all studies, in bytes: ``DLBENCH_RUNS_GIB``; 0 keeps none.

    Raises:
        InputError: it is no number from 0.
    """
    return _limit_bytes("DLBENCH_RUNS_GIB")


def features_bytes() -> int:
    """Return how much is kept of what frozen networks compute, in bytes: ``DLBENCH_FEATURES_GIB``; 0 keeps nothing.

    Raises:
        InputError: it is no number from 0.
    """
    return _limit_bytes("DLBENCH_FEATURES_GIB")


def _limit_bytes(variable: str) -> int:
    stated, (what, default) = os.environ.get(variable, ""), LIMITS_GIB[variable]
    try:
        gib = float(stated or default)
    except ValueError:
        gib = math.nan
    if not 0 <= gib < 2**20:
        raise InputError(f"{variable}={stated}: accepted: a number of GiB from 0, which keeps no {what}; {default:g} where unset")
    return int(gib * 2**30)


@dataclass(frozen=True)
class Entry:
    """A decoded dataset in the cache, what a frozen network computed from one, or the finished runs of all studies.

    Attributes:
        key: the name of its folder.
        dataset: as a study names it; ``unknown`` where an older version wrote it; ``features of DATASET``; :data:`RUNS` for the runs.
        examples, shape: what it holds; of the runs, how many they are: -1 where their file cannot be read.
        size_bytes: on disk.
        used: when it was last written or used.
    """

    key: str
    dataset: str
    examples: int
    shape: tuple[int, ...]
    size_bytes: int
    used: datetime


def entries() -> list[Entry]:
    """List the decoded datasets, features and finished runs, the largest first."""
    folder = _folder()
    return sorted([*_runs(), *_features(), *map(_entry, folder.iterdir() if folder.is_dir() else ())], key=lambda entry: -entry.size_bytes)


def remove(names: Sequence[str]) -> Iterator[Entry]:
    """Remove the entries of some datasets, or keys, and yield each; all where no name is given.

    Raises:
        InputError: a name is none of the cache.
    """
    known = entries()
    for name in names:
        if not any(name in (entry.key, entry.dataset) for entry in known):
            raise InputError(f"cache: {unknown('name', name, dict.fromkeys(entry.dataset for entry in known))}")
    for entry in known:
        if not names or entry.key in names or entry.dataset in names:
            _remove(entry)
            yield entry


def _features() -> Iterator[Entry]:
    for file, kept in listed_arrays(Path(cache_dir()) / FEATURES):
        status = file.stat()
        yield Entry(file.name, kept.name, kept.shape[0] if kept.shape else 0, kept.shape[1:], status.st_size,
                    datetime.fromtimestamp(status.st_mtime).astimezone())


def _remove(entry: Entry) -> None:
    if entry.dataset == RUNS:
        shared.empty(Path(cache_dir()) / FOLDER)
    elif entry.key.endswith(".npy"):
        remove_array(Path(cache_dir()) / FEATURES / entry.key)
    else:
        discard(_folder() / entry.key)


def _runs() -> Iterator[Entry]:
    if (found := shared.summary(Path(cache_dir()) / FOLDER)) is not None:
        count, size, used = found
        yield Entry(shared.FILE, RUNS, count, (), size, datetime.fromtimestamp(used).astimezone())


def _folder() -> Path:
    folder = Path(cache_dir()) / "arrays"
    if folder.is_dir():
        remove_interrupted(folder)
    return folder


def _entry(folder: Path) -> Entry:
    facts = recalled(folder / FACTS) or {}
    files = [file.stat() for file in folder.rglob("*") if file.is_file()]
    used = max((status.st_mtime for status in files), default=folder.stat().st_mtime)
    examples = (folder / "y").stat().st_size // 8 if (folder / "y").is_file() else 0
    return Entry(folder.name, facts.get("dataset", "unknown"), examples, tuple(facts.get("shape", ())),
                 sum(status.st_size for status in files), datetime.fromtimestamp(used).astimezone())
