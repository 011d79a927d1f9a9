"""Notes which files of the user's own are read, and which variables asked for, while the study's code is imported and called.

Python tells of every file that it opens; for libraries that open files themselves, an engine names the functions that do. What reads in
another way (a database's server, a program that is called, files that C++ code opens by itself) is not noticed.
"""

from __future__ import annotations

import functools
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from dlbench.references.sources import file_name, is_users_own, root_of
from dlbench.references.variables import MARK, asker, counts, listen

WRITES = os.O_WRONLY | os.O_TRUNC | os.O_APPEND | os.O_EXCL
"""Flags of opening a file whose earlier content is not read."""


class Watch:
    """What is read, and by whom.

    Attributes:
        folder: of the study.
        ignored: folders whose files do not count: dlbench's cache.
        set_by_us: variables of the environment that dlbench sets.
        caller: the reference whose function is called now.
    """

    def __init__(self, folder: Path, ignored: tuple[str, ...], set_by_us: Collection[str]) -> None:
        self.folder, self.root, self.set_by_us = folder, root_of(folder), set_by_us
        self.ignored = tuple(os.path.join(os.path.realpath(place), "") for place in ignored)
        self.caller = ""
        self.read: defaultdict[str, set[str]] = defaultdict(set)
        self.written = set[str]()

    def note(self, file: Any, flags: int = 0) -> None:
        """Note that a file is opened now."""
        if not isinstance(file, str | bytes | os.PathLike):
            return
        path = os.path.realpath(os.fsdecode(file))
        if not is_users_own(path, self.root) or path.startswith(self.ignored):
            return
        if flags & WRITES:
            self.written.add(path)
        elif path not in self.written and (by := self._reader()):
            self.read[by].add(self._name(path))

    def asked(self, variable: str, frame: FrameType) -> None:
        """Note that code asks for a variable of the environment now."""
        if counts(variable, self.set_by_us) and (file := asker(frame)):
            self.read[self._reader() or self._name(os.path.realpath(file))].add(f"{MARK}{variable}")

    def _name(self, path: str) -> str:
        return file_name(path, self.folder)

    def _reader(self) -> str:
        """The file of the user's own that is being imported, or the reference that is called."""
        frame = sys._getframe(2)
        while frame is not None:
            file = frame.f_code.co_filename
            if frame.f_code.co_name == "<module>" and os.path.isabs(file) and is_users_own(file, self.root):
                return self._name(os.path.realpath(file))
            frame = frame.f_back
        return self.caller


_WATCH: Watch | None = None


def start(folder: Path, ignored: tuple[str, ...] = (), set_by_us: Collection[str] = ()) -> None:
    """Watch this process from now on."""
    global _WATCH  # noqa: PLW0603 (a process has one audit hook)
    if _WATCH is None:
        sys.addaudithook(_heard)
    _WATCH = Watch(folder.resolve(), ignored, set_by_us)
    listen(_WATCH.asked)


def files_read() -> dict[str, list[str]]:
    """Return who read -> the files that it read, relative to the study's folder, and the variables that it asked for, after ``$``.

    Whom: a reference, or the file that was imported.
    """
    return {by: sorted(files) for by, files in sorted(_WATCH.read.items())} if _WATCH is not None else {}


@contextmanager
def calling(reference: str) -> Iterator[None]:
    """Count what is read meanwhile as read by a reference's function."""
    if _WATCH is None:
        yield
        return
    earlier, _WATCH.caller = _WATCH.caller, reference
    try:
        yield
    finally:
        _WATCH.caller = earlier


def noting_reads(reference: str, function: Any) -> Any:
    """Have what a function reads counted as read by its reference; where nothing is watched, the function stays as it is.

    What dlbench's own loaders read is data, which runs know by its content.
    """
    if _WATCH is None or not callable(function) or reference.startswith("dlbench."):
        return function

    @functools.wraps(function)
    def noting(*arguments: Any, **options: Any) -> Any:
        with calling(reference):
            return function(*arguments, **options)

    return noting


def also(owner: Any, name: str, file: Callable[..., Any]) -> None:
    """Watch a function of a library that opens files itself.

    Args:
        owner, name: of the function, which is replaced by one that notes the file first.
        file: gives the file from the function's arguments; None where it is not read.
    """
    function = getattr(owner, name)

    @functools.wraps(function)
    def noting(*arguments: Any, **options: Any) -> Any:
        if _WATCH is not None:
            with suppress(Exception):
                _WATCH.note(file(*arguments, **options))
        return function(*arguments, **options)

    setattr(owner, name, noting)


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    """Take note of Python's audit events of files; it never raises, for that would end what is watched."""
    if _WATCH is None or event not in ("open", "sqlite3.connect", "import"):
        return
    with suppress(Exception):
        if event == "open":
            _WATCH.note(arguments[0], arguments[2] or 0)
        elif event == "sqlite3.connect":
            _WATCH.note(arguments[0])
        elif arguments[1]:
            _WATCH.note(arguments[1])
