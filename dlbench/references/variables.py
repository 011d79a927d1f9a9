"""Notes which variables of the environment the user's own code asks for.

What libraries ask for does not count, nor do variables that say where on a machine something lies or who works there. Whoever copies the
whole environment asks for no variable.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from types import FrameType
from typing import Any

MARK = "$"
"""Stands before the name of a variable where names of files and of variables stand together."""
PLACES = frozenset("HOME HOMEDRIVE HOMEPATH HOSTNAME LOGNAME OLDPWD PATH PWD PYTHONPATH SHELL TEMP TERM TMP TMPDIR USER USERNAME "
                   "USERPROFILE VIRTUAL_ENV".split())
"""Variables that differ between machines, and say where something lies or who works there."""
OURS = "DLBENCH_"
"""Begins the name of each variable of dlbench itself."""
_KEPT = ("PYTHONPATH", "PYTHONSAFEPATH")
_HANDING_ON = frozenset({"os", "posixpath", "ntpath", "collections", "decouple", "environs", "omegaconf", __name__})
"""Modules, and libraries, that ask for a variable because whoever called them wants it."""


class _Listed(str):
    """A name from a list of all variables."""

    __slots__ = ()


class _Environment(type(os.environ)):
    """The environment of a process, which tells who asks for which variable."""

    tell: Callable[[str, FrameType], None]
    written: set[str]

    def __getitem__(self, key: Any) -> Any:
        with suppress(Exception):
            if not isinstance(key, _Listed) and (name := os.fsdecode(key)) not in type(self).written:
                type(self).tell(name, sys._getframe(1))
        return super().__getitem__(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        type(self).written.add(os.fsdecode(key))

    def __iter__(self) -> Iterator[Any]:
        return (_Listed(key) if isinstance(key, str) else key for key in super().__iter__())


def listen(tell: Callable[[str, FrameType], None]) -> None:
    """Have ``tell(name, frame)`` called whenever code of this process asks for a variable that it has not set, be it there or not."""
    _Environment.tell, _Environment.written = staticmethod(tell), set()
    for variables in (os.environ, *([os.environb] if os.supports_bytes_environ else [])):
        object.__setattr__(variables, "__class__", _Environment)


def asker(frame: FrameType | None) -> str:
    """The file whose code asks for a variable; empty where a library does."""
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _HANDING_ON:
        frame = frame.f_back
    file = frame.f_code.co_filename if frame is not None else ""
    library = not os.path.isabs(file) or file.startswith(_LIBRARIES) or {"site-packages", "dist-packages"} & set(file.split(os.sep))
    return "" if library else file


_LIBRARIES = (os.path.dirname(os.__file__) + os.sep, os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep)
"""The standard library and dlbench."""


def counts(name: str, ignored: Collection[str] = ()) -> bool:
    """Whether what a variable says may decide a run.

    Example:
        >>> counts("UNITS"), counts("HOME"), counts("DLBENCH_DATA_DIR")
        (True, False, False)
    """
    return name not in PLACES and not name.startswith(OURS) and name not in ignored


def variable_digest(name: str) -> str:
    """Hash a variable's name and value, or that it is not set: 16 hexadecimal digits of the SHA-256.

    Example:
        >>> len(variable_digest("UNITS")), variable_digest("UNITS") == variable_digest("LAYERS")
        (16, False)
    """
    value = os.environ.get(name)
    return hashlib.sha256(os.fsencode(name if value is None else f"{name}={value}")).hexdigest()[:16]


def take_over(variables: Mapping[str, str | None]) -> None:
    """Give this process the variables of another, but for those by which dlbench started it; None: not set there."""
    for name in {*os.environ, *variables}:
        if name in _KEPT or name.startswith(OURS) or variables.get(name) == os.environ.get(name):
            continue
        if (value := variables.get(name)) is None:
            del os.environ[name]
        else:
            os.environ[name] = value
