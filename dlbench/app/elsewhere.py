"""Finds the finished runs of a plan in other results folders, by their ids: a study file was renamed, or another folder was named."""

from __future__ import annotations

import hashlib
from pathlib import Path

from dlbench.store.database import FILE, Store, stored
from dlbench.study import Plan
from dlbench.values.errors import InputError
from dlbench.values.files import keep, recalled
from dlbench.values.text import plural

MOST_FOLDERS = 200
"""Results folders that are looked into, those that were written last."""


def remember(folder: Path, cache_dir: str) -> None:
    """Keep in mind that a folder holds results, wherever it lies."""
    path = str(folder.resolve())
    keep(Path(cache_dir) / "results" / f"{hashlib.sha256(path.encode()).hexdigest()[:16]}.json", path)


def found_elsewhere(plan: Plan, folder: Path, cache_dir: str) -> list[str]:
    """Say where else finished runs of a plan lie that its own folder lacks, the folder with most of them first.

    Args:
        plan: of a study.
        folder: of its results, if there are any.
        cache_dir: where :func:`remember` keeps folders.

    Returns:
        A line, or none.
    """
    lacking = {run.run_id for run in plan.runs} - stored(folder, Store.finished, set())
    if not lacking:
        return []
    there = {other: len(lacking & _finished(other)) for other in _others(folder, Path(cache_dir))}
    best = max(there, key=lambda other: there[other], default=None)
    if best is None or not there[best]:
        return []
    return [f"{plural(there[best], 'run')} of this study {'has' if there[best] == 1 else 'have'} finished in {best}, and not in {folder}: "
            f"--out {best} goes on there"]


def _others(folder: Path, cache: Path) -> list[Path]:
    """Results folders beside this one, in ``reports``, and those that are remembered; the latest first."""
    near = (path.parent for place in (folder.resolve().parent, Path("reports")) for path in place.glob(f"*/{FILE}"))
    known = (Path(path) for file in (cache / "results").glob("*.json") if isinstance(path := recalled(file), str))
    files = {(other / FILE).resolve(): other for other in (*known, *near) if (other / FILE).is_file()}
    files.pop((folder / FILE).resolve(), None)
    latest = sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)
    return [_short(file.parent) for file in latest[:MOST_FOLDERS]]


def _short(folder: Path) -> Path:
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder


def _finished(folder: Path) -> set[str]:
    try:
        return stored(folder, Store.finished, set())
    except InputError:  # damaged, or of a newer dlbench
        return set()
