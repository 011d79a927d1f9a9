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

from .session import Session, Subject
from .spent import timed


class Missing(Exception):
    """The module or suite does not exist."""


@dataclass
class Case:
    """A case, or why it cannot be run.

    Attributes:
        name: identifies it on both sides.
        file: of the code that prepares it.
        run: prepares it in a forked process and serves it.
        problem: why it cannot be run; empty where it can.
        code: a digest of what a test does, whatever its name; empty where it is not known.
    """

    name: str
    file: str
    run: Callable[[Session], None] | None = None
    problem: str = ""
    code: str = ""


def load(sources: list[list[str]], words: list[str], root: str) -> list[Case]:
    """Return the cases of all sources whose name contains one of the words, ready to be forked: what they need is imported.

    Args:
        sources: pairs of ``module``, ``entry`` or ``pytest``, and a name or path.
        words: any name, where there are none.
        root: the side's tree; cases of an entry point count where their code lies in it.
    """
    kinds = {"module": _of_module, "entry": _of_entry_points, "pytest": _of_suite}
    return [case for kind, name in sources for case in kinds[kind](name, words, root)]


def selected(name: str, words: list[str]) -> bool:
    """Whether a name contains one of the words, in any letter case; always where there are none."""
    return not words or any(word.lower() in name.lower() for word in words)


def one_line(error: BaseException) -> str:
    """An exception as one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]


def _of_module(reference: str, words: list[str], root: str) -> Iterator[Case]:
    name, _, attribute = reference.partition(":")
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and f"{name}.".startswith(f"{error.name}."):
            raise Missing(f"no module {name}") from error
        raise
    declared = getattr(module, attribute or "CASES", None)
    if declared is None:
        raise Missing(f"module {name} has no {attribute or 'CASES'}")
    yield from _cases(declared, words)


def _of_entry_points(group: str, words: list[str], root: str) -> Iterator[Case]:
    inside = os.path.realpath(root) + os.sep
    for entry in metadata.entry_points(group=group):
        spec = importlib.util.find_spec(entry.module)
        if spec is not None and spec.origin and os.path.realpath(spec.origin).startswith(inside):
            yield from _cases(entry.load(), words)


def _of_suite(path: str, words: list[str], root: str) -> Iterator[Case]:
    return importlib.import_module(f"{__package__}.suite").collect(path, words, root)


def _cases(declared: Any, words: list[str]) -> Iterator[Case]:
    """The cases of a mapping of names to functions, of one declaration, or of several; those of another library (``peer``) are left out."""
    several = declared if isinstance(declared, Iterable) else (declared,)
    entries = declared.items() if isinstance(declared, Mapping) else ((case.name, case) for case in several)
    for name, case in entries:
        if selected(name, words) and not getattr(case, "peer", ""):
            yield _prepared_case(name, case) if hasattr(case, "prepare") else _function_case(name, case)


def _function_case(name: str, function: Callable[[], Any]) -> Case:
    """A function that is timed as it is."""
    module = sys.modules.get(getattr(function, "__module__", ""), None)
    return Case(name, getattr(module, "__file__", None) or "", lambda session: session.serve(_plain(function)))


def _plain(function: Callable[[], Any]) -> Subject:
    return Subject(function, timed(function), parts=(function,))


def _prepared_case(name: str, case: Any) -> Case:
    """A declaration with ``prepare`` (a function or ``package.module:function``) and perhaps ``options``."""
    module = case.prepare.partition(":")[0] if isinstance(case.prepare, str) else case.prepare.__module__
    try:
        file = getattr(importlib.import_module(module), "__file__", None) or ""
    except Exception as error:  # the forked process would raise it too
        return Case(name, module, problem=one_line(error))
    return Case(name, file, lambda session: _serve(case, session))


def _serve(case: Any, session: Session) -> None:
    prepare = pkgutil.resolve_name(case.prepare) if isinstance(case.prepare, str) else case.prepare
    ready = prepare(**dict(getattr(case, "options", None) or {}))
    call = getattr(ready, "call", ready)
    checks = {name: getattr(ready, name) for name in ("reference", "tolerance", "view") if call is not ready and hasattr(ready, name)}
    session.serve(Subject(call, timed(call), **checks))
