"""Keeps the current folder from shadowing libraries. It imports only what Python has loaded before any search of the path."""

import os
import sys
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager

_KEPT = "DLBENCH__KEPT_"
"""Before the name of a variable of the environment: its value before :func:`safe_start` changed it."""


class OtherFolders(list[str]):
    """Folders for the path of a process, to which nobody adds the current one."""

    def extend(self, folders: Iterable[str]) -> None:
        """Add folders."""
        super().extend(folder for folder in folders if not _current(folder))

    def __bool__(self) -> bool:
        """Be true while empty: Ray takes a list of its own in the place of one that is false."""
        return True


def leave_current_folder() -> None:
    """Take the current folder off Python's path where it stands before the libraries; one that ``PYTHONPATH`` names comes last.

    In a process that began in :func:`safe_start`, the environment gets back the values that it had before.
    """
    _restore_variables()
    libraries = os.path.dirname(os.__file__)
    before = sys.path[:sys.path.index(libraries)] if libraries in sys.path else sys.path
    others = [folder for folder in before if not _current(folder)]
    named = [folder for folder in _named(os.environ) if _current(folder)][:1]
    sys.path[:] = [*others, *sys.path[len(before):], *named]


@contextmanager
def safe_start() -> Generator[None]:
    """Have Python processes that start meanwhile find dlbench, and nothing in the current folder, which Python adds to their path."""
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    folders = [folder for folder in _named(os.environ) if not _current(folder)]
    if here not in folders and not here.endswith("-packages"):
        folders.append(here)
    changed = {"PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join(folders)}
    kept = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed | {_KEPT + name: value or "" for name, value in kept.items()})
    try:
        yield
    finally:
        _restore_variables()


def _restore_variables() -> None:
    """Undo what :func:`safe_start` did, so that it does not reach programs that users start."""
    for name in ("PYTHONSAFEPATH", "PYTHONPATH"):
        if (kept := os.environ.pop(_KEPT + name, None)) is None:
            continue
        os.environ.pop(name, None)
        if kept:
            os.environ[name] = kept


def _named(variables: Mapping[str, str]) -> list[str]:
    return [folder for folder in variables.get("PYTHONPATH", "").split(os.pathsep) if folder]


def _current(folder: str) -> bool:
    """Whether an entry of the path is the current folder; it is not where that has been removed."""
    try:
        return not folder or os.path.samefile(folder, os.getcwd())
    except OSError:
        return not folder
