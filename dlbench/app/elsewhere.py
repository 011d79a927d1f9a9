"""Finds the finished runs of a plan in other results folders, by their ids: a study file was renamed, or another folder was named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from pathlib import Path

from dlbench.app.cache import shared_bytes
from dlbench.engines.protocol import engine_named
from dlbench.execution.environment import facts_of
from dlbench.execution.options import Options
from dlbench.execution.shared import Sharing, can_be_shared
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


def kept_runs(plan: Plan, folder: Path, cache_dir: str, note: Callable[[str], None]) -> set[str]:
    """Return the runs of a plan that other studies of this machine have made, and that `dlbench run` takes from the cache.

    Args:
        plan: of a study.
        folder: of its results.
        cache_dir: where finished runs are kept.
        note: receives a line where they cannot be read.
    """
    if not can_be_shared(plan):
        return set()
    engine = engine_named(plan.study.engine)
    options = Options(folder, "", None, None, cache_dir, shared_bytes=shared_bytes())
    return Sharing(plan, options, engine, facts_of(engine, plan.study), note).there(plan.runs)


def found_elsewhere(plan: Plan, folder: Path, cache_dir: str, kept: Collection[str] = ()) -> list[str]:
    """Say where else finished runs of a plan lie that its own folder lacks, the folder with most of them first.

    Args:
        plan: of a study.
        folder: of its results, if there are any.
        cache_dir: where :func:`remember` keeps folders.
        kept: runs that are taken from the cache, so that no folder need be named for them.

    Returns:
        A line, or none.
    """
    lacking = {run.run_id for run in plan.runs} - stored(folder, Store.finished, set()) - set(kept)
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
