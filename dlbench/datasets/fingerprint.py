"""Hashes of files and folders; a hash is computed again only after a name, a size or a date of change has changed.

The system sets the date of the last change of a file's content or status by itself; programs that set the date of modification back
do not reach it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from dlbench.values.files import remembered


def fingerprint(path: Path, cache_dir: str, names: Iterable[str] | None = None) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of a file, or of all files in a folder and their names, without hidden ones.

    Args:
        path: of the file or folder.
        cache_dir: keeps the hash for as long as no name, size or date of modification or change differs.
        names: of the files in the folder that count; None for all.
    """
    files = list(_files(path)) if names is None else [(name, path / name, (path / name).stat()) for name in names]
    state = json.dumps([os.path.realpath(path), [(name, entry.st_size, entry.st_mtime_ns, entry.st_ctime_ns) for name, _, entry in files]])
    kept = Path(cache_dir) / "fingerprints" / f"{hashlib.sha256(state.encode()).hexdigest()[:32]}.json"
    return remembered(kept, lambda: _digest(files))


def forget(cache_dir: str) -> None:
    """Forget every hash that is kept, so that :func:`fingerprint` reads all files again: a change that leaves names, sizes and dates as
    they were shows in no other way.
    """
    shutil.rmtree(Path(cache_dir) / "fingerprints", ignore_errors=True)


def content(path: Path) -> str:
    """Return the hash of a file or folder as :func:`fingerprint` does, always computed anew."""
    return _digest(list(_files(path)))


def _files(path: Path) -> Iterator[tuple[str, Path, os.stat_result]]:
    """Name within the folder, path and status of each file, sorted."""
    if path.is_file():
        yield "", path, path.stat()
        return
    for file in _below(path, ()):
        yield file.relative_to(path).as_posix(), file, file.stat()


def _below(folder: Path, within: tuple[str, ...]) -> Iterator[Path]:
    """Yield the files of a folder, then those of its folders; a link to one of the folders that it lies in is not followed."""
    if (real := os.path.realpath(folder)) in within:
        return
    entries = [folder / name for name in sorted(os.listdir(folder)) if not name.startswith(".")]
    yield from (entry for entry in entries if entry.is_file())
    for entry in entries:
        if entry.is_dir():
            yield from _below(entry, (*within, real))


def _digest(files: list[tuple[str, Path, os.stat_result]]) -> str:
    state = hashlib.sha256()
    for name, file, status in files:
        state.update(f"{name}\0{status.st_size}\0".encode(errors="surrogateescape"))
        with file.open("rb") as content:
            while part := content.read(2**20):
                state.update(part)
    return state.hexdigest()[:16]
