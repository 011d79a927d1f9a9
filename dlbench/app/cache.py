"""What the cache holds: decoded data. What is removed is decoded again when it is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dlbench.app.request import cache_dir
from dlbench.datasets.disk import FACTS
from dlbench.datasets.room import discard, remove_interrupted
from dlbench.values.errors import InputError, unknown
from dlbench.values.files import recalled


@dataclass(frozen=True)
class Entry:
    """A decoded dataset in the cache.

    Attributes:
        key: the name of its folder.
        dataset: as a study names it; ``unknown`` where an older version wrote it.
        examples, shape: what it holds.
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
    """List the decoded datasets, the largest first."""
    folder = _folder()
    return sorted(map(_entry, folder.iterdir()), key=lambda entry: -entry.size_bytes) if folder.is_dir() else []


def remove(names: Sequence[str]) -> Iterator[Entry]:
    """Remove the entries of some datasets, or keys, and yield each; all where no name is given.

    Raises:
        InputError: a name is none of the cache.
    """
    known = entries()
    for name in names:
        if not any(name in (entry.key, entry.dataset) for entry in known):
            raise InputError(f"cache: {unknown('dataset', name, dict.fromkeys(entry.dataset for entry in known))}")
    for entry in known:
        if not names or entry.key in names or entry.dataset in names:
            discard(_folder() / entry.key)
            yield entry


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
