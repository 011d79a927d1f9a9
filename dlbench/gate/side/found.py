"""Where cases come from: modules, entry points, pytest-benchmark suites."""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from .session import Session
from .subject import Subject, timed


class Missing(Exception):
    """A source that is not there at all."""


@dataclass
class Found:
    """A case, or why there is none.

    Attributes:
        name: what it is called on both sides.
        file: of the code that prepares it.
        run: prepares it in a forked process and serves it.
        problem: why it cannot be run.
    """

    name: str
    file: str
    run: Callable[[Session], None] | None = None
    problem: str = ""


def find(sources: list[list[str]], words: list[str], root: str) -> list[Found]:
    """The cases of all sources whose name holds one of the words, ready to be forked: what they need is imported.

    Args:
        sources: pairs of ``module``, ``entry`` or ``pytest``, and a name or path.
        words: any name, where there are none.
        root: the side's tree; cases of an entry point count where their code lies in it.
    """
    kinds = {"module": _of_module, "entry": _of_entry_points, "pytest": _of_suite}
    return [case for kind, name in sources for case in kinds[kind](name, words, root)]


def chosen(name: str, words: list[str]) -> bool:
    """Whether a name holds one of the words, in any case; always where there are none."""
    return not words or any(word.lower() in name.lower() for word in words)


def _of_module(reference: str, words: list[str], root: str) -> Iterator[Found]:
    name, _, attribute = reference.partition(":")
    listed = getattr(_module(name), attribute or "CASES", None)
    if listed is None:
        raise Missing(f"module {name} has no {attribute or 'CASES'}")
    yield from _listed(listed, words)


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and f"{name}.".startswith(f"{error.name}."):
            raise Missing(f"no module {name}") from error
        raise


def _of_entry_points(group: str, words: list[str], root: str) -> Iterator[Found]:
    for entry in metadata.entry_points(group=group):
        spec = importlib.util.find_spec(entry.module)
        if spec is not None and spec.origin and inside(spec.origin, root):
            yield from _listed(entry.load(), words)


def _of_suite(path: str, words: list[str], root: str) -> Iterator[Found]:
    return importlib.import_module(f"{__package__}.suite").collect(path, words, root)


def _listed(listed: Any, words: list[str]) -> Iterator[Found]:
    """The cases of a mapping of names to functions, of a declaration, or of several; another library's (``peer``) are left out."""
    several = listed if isinstance(listed, Iterable) else (listed,)
    entries = listed.items() if isinstance(listed, Mapping) else ((case.name, case) for case in several)
    for title, case in entries:
        if chosen(title, words) and not getattr(case, "peer", ""):
            yield _declared(title, case) if hasattr(case, "prepare") else _function(title, case)


def _function(name: str, function: Callable[[], Any]) -> Found:
    """A function that is timed as it is."""
    module = sys.modules.get(getattr(function, "__module__", ""), None)
    return Found(name, getattr(module, "__file__", None) or "", lambda session: session.serve(Subject(function, timed(function))))


def _declared(name: str, case: Any) -> Found:
    """A declaration with ``prepare`` (a function or ``package.module:function``) and perhaps ``options``."""
    module = case.prepare.partition(":")[0] if isinstance(case.prepare, str) else case.prepare.__module__
    try:
        file = getattr(importlib.import_module(module), "__file__", None) or ""
    except Exception as error:  # the forked process meets it again, and tells
        return Found(name, module, problem=told(error))
    return Found(name, file, lambda session: _serve(case, session))


def _serve(case: Any, session: Session) -> None:
    prepare = pkgutil.resolve_name(case.prepare) if isinstance(case.prepare, str) else case.prepare
    ready = prepare(**dict(getattr(case, "options", None) or {}))
    if not hasattr(ready, "call"):
        session.serve(Subject(ready, timed(ready)))
        return
    told = {name: getattr(ready, name) for name in ("reference", "tolerance", "view") if hasattr(ready, name)}
    session.serve(Subject(ready.call, timed(ready.call), **told))


def inside(file: str, root: str) -> bool:
    """Whether a file lies in a folder."""
    return os.path.realpath(file).startswith(os.path.realpath(root) + os.sep)


def told(error: BaseException) -> str:
    """An exception in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
