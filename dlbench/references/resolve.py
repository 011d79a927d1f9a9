"""Finds what a reference ``package.module:name`` names, and says in one line why it cannot be had."""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from dlbench.references.finder import FINDER, beside, import_beside
from dlbench.references.guard import EXITS, guarded, line_of, without
from dlbench.references.watch import noting_reads
from dlbench.values.errors import InputError, nearest

T = TypeVar("T")


def resolve(reference: str) -> Any:
    """Return what ``package.module:name`` names: from the file beside the study where there is one, else from a library.

    Raises:
        InputError: there is no such module or name, or the module cannot be imported.

    Example:
        >>> resolve("json.decoder:JSONDecoder").__name__
        'JSONDecoder'
        >>> resolve("json:laods")
        Traceback (most recent call last):
        dlbench.values.errors.InputError: module json has no 'laods'; did you mean 'loads'?
    """
    name, _, path = reference.partition(":")
    file = beside(name)
    try:
        module = import_beside(name) if file else _import_library(name)
    except InputError:
        raise
    except Exception as error:  # whatever the user's code raises is the user's to mend
        raise InputError(_missing(name) if _not_there(error, name) and file is None else imported_badly(error, file, name)) from error
    try:
        return noting_reads(reference, functools.reduce(getattr, path.split("."), module))
    except AttributeError as error:
        raise InputError(f"{file.name if file else f'module {name}'} has no '{path}'{_near(path, module)}") from error


def call(what: str, function: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """Call a function of the user's own.

    Raises:
        InputError: it raises, or ends the program; the message begins with ``what``.

    Example:
        >>> call("hook 'mine:f'", int, "x")  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        dlbench.values.errors.InputError: hook 'mine:f': ValueError: invalid literal for int() with base 10: 'x'
    """
    try:
        with without(EXITS):
            return function(*arguments, **options)
    except InputError as error:
        raise InputError(f"{'' if str(error).startswith(what) else f'{what}: '}{error}") from error
    except (Exception, SystemExit) as error:  # whatever the user's code raises is the user's to mend
        where = f" ({place})" if (place := _place(error)) else ""
        if isinstance(error, SystemExit):
            raise InputError(f"{what}: the function ends the program{where}") from error
        raise InputError(f"{what}: {type(error).__name__}: {' '.join(str(error).split())[:300]}{where}") from error


def _import_library(name: str) -> ModuleType:
    with guarded(name):
        return importlib.import_module(name)


def imported_badly(error: BaseException, file: Path | None, name: str) -> str:
    """Word why a module cannot be imported, with the line of the file of the user's own that raised last."""
    place = f" ({where})" if (where := _place(error)) else ""
    text = error.msg if isinstance(error, SyntaxError) else error
    what = file.name if file else f"module {name}"
    return f"{what} cannot be imported: {type(error).__name__}: {' '.join(str(text).split())[:300]}{place}"


def _place(error: BaseException) -> str:
    """The innermost file beside the study, and its line, in which an error was raised; empty where there is none."""
    return next((f"{os.path.basename(file)}, line {line}" for file in _files(error) if (line := line_of(error, file))), "")


def _files(error: BaseException) -> list[str]:
    """The files beside the study in which an error was raised, the innermost first."""
    trace, files = error.__traceback__, [error.filename] if isinstance(error, SyntaxError) and error.filename else []
    inner: list[str] = []
    while trace is not None:
        inner.insert(0, trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    return [file for file in files + inner if any(file.startswith(folder + os.sep) for folder in FINDER.folders)]


def _not_there(error: Exception, name: str) -> bool:
    return isinstance(error, ModuleNotFoundError) and error.name is not None and f"{name}.".startswith(f"{error.name}.")


def _missing(name: str) -> str:
    files = [file.stem for folder in FINDER.folders for file in sorted(Path(folder).glob("*.py"))]
    looked = f"beside the study ({', '.join(FINDER.folders)}), or installed" if FINDER.folders else "installed"
    return f"there is no module '{name}' {looked}{nearest(name, files)}"


def _near(path: str, module: ModuleType) -> str:
    return nearest(path, [name for name in vars(module) if not name.startswith("_")])
