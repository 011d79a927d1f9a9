"""The files that a script's runs depend on, and their hashes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from dlbench.references.sources import file_digest
from dlbench.values.errors import InputError
from dlbench.values.text import listed

MOST_FILES = 2000
ENDINGS = (".py", ".toml", ".yaml", ".yml", ".json", ".cfg", ".ini", ".sh")
"""What counts as source of a folder that git does not track."""


def hashed_files(where: str, folder: Path, patterns: list[str] | None, study: Path) -> dict[str, str]:
    """Map files, seen from the study's folder, to their hashes.

    Args:
        where: begins a message.
        folder: of the study.
        patterns: of the study file; None: the files that git tracks, or, without git, the folder's sources.
        study: the study file, which decides runs by its parameters and not by its text.

    Raises:
        InputError: a pattern matches nothing, or there are too many files.
    """
    names: set[str] = set()
    for pattern in patterns or ():
        matched = _matching(where, folder, pattern)
        if not matched:
            near = listed(sorted(path.name for path in folder.iterdir() if path.is_file()), most=6) or "nothing"
            raise InputError(f"{where}: files: '{pattern}' matches nothing in {folder}; there are: {near}")
        names |= matched
    if patterns is None:
        names = _tracked(folder) or _sources(folder)
    if len(names) > MOST_FILES:
        raise InputError(f"{where}: files: {len(names):,} files; accepted: up to {MOST_FILES:,}; name those that a run depends on: "
                         "files = ['*.py']")
    own = os.path.relpath(study.resolve(), folder)
    found = {name: file_digest(folder / name) for name in sorted(names - {own})}
    return {name: digest for name, digest in found.items() if digest is not None}


def _matching(where: str, folder: Path, pattern: str) -> set[str]:
    try:
        return {os.path.relpath(path, folder) for path in folder.glob(pattern) if path.is_file()}
    except (ValueError, NotImplementedError):
        raise InputError(f"{where}: files: '{pattern}'; accepted: patterns relative to the study's folder, such as "
                         "'conf/**/*.yaml'") from None


def _tracked(folder: Path) -> set[str]:
    """The files of a folder that git tracks; empty without git or a repository."""
    try:
        said = subprocess.run(["git", "ls-files", "-z", "--", "."], cwd=folder, capture_output=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return set()
    names = {os.fsdecode(name) for name in said.stdout.split(b"\0") if name}
    return {name for name in names if (folder / name).is_file()}


def _sources(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.suffix in ENDINGS and path.is_file()}
