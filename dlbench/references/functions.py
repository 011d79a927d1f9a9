"""Functions that a program hands over, also of a notebook's cell or a closure: their bytes for another process, and their identity."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import linecache
import pickle
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cloudpickle

from dlbench.references.sources import file_digest
from dlbench.track import digest


def packed(function: Callable[..., Any]) -> bytes:
    """Pickle a function, and the module search path, for another process on the same Python; modules that are no library's too."""
    names = {getattr(function, "__module__", None) or "", *(_home(value) for _, value in _reached(function, set()))}
    with ExitStack() as stack:
        for name in sorted(names - {"__main__"}):
            if name in sys.modules and is_own(name):
                cloudpickle.register_pickle_by_value(sys.modules[name])
                stack.callback(cloudpickle.unregister_pickle_by_value, sys.modules[name])
        return pickle.dumps((list(sys.path), cloudpickle.dumps(function)))


def unpacked(content: bytes) -> Callable[..., Any]:
    """Return the function that :func:`packed` has pickled; modules are looked for where the program that packed it has them."""
    path, function = pickle.loads(content)
    sys.path += [entry for entry in path if entry not in sys.path]
    return pickle.loads(function)


def is_own(name: str) -> bool:
    """Whether a module is of the user's own: not Python's, not dlbench's, and not installed.

    Example:
        >>> is_own("__main__"), is_own("json.decoder"), is_own("numpy"), is_own("dlbench.track")
        (True, False, False, False)
    """
    first = name.partition(".")[0]
    if first in ("__main__", "") or first in sys.stdlib_module_names or first == "dlbench":
        return first == "__main__"
    try:
        spec = find_spec(first)
    except ValueError:  # a module that a program has made
        return True
    places = [*(spec.submodule_search_locations or ()), spec.origin or ""] if spec else []
    return not any(part in place for place in places for part in ("site-packages", "dist-packages"))


def function_digest(function: Callable[..., Any]) -> tuple[str, bool]:
    """Hash a function's source, its defaults and what it closes over, and what it uses of the user's own modules.

    Returns:
        16 hexadecimal digits, and whether every source could be had; where one cannot, compiled code is hashed instead.

    Example:
        >>> one, two = (lambda seed, by=by: seed + by for by in (1, 2))
        >>> function_digest(one)[0] == function_digest(two)[0]
        False
    """
    parts = [_part(name, value) for name, value in _reached(function, set())]
    return hashlib.sha256("\n".join(text for text, _ in parts).encode()).hexdigest()[:16], all(known for _, known in parts)


def source_of(thing: Any) -> str | None:
    """Return the source of a function or class, also of one that a notebook's cell defines; None where it cannot be had."""
    try:
        return inspect.getsource(thing)
    except (OSError, TypeError):
        return _class_source(thing) if isinstance(thing, type) else None


def values_used(thing: Any) -> dict[str, Any]:
    """Map names that a function, or the methods of a class, uses to their values: what it closes over, and globals of its module."""
    used = dict[str, Any]()
    for function in functions_of(thing):
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
        used |= {name: cell.cell_contents for name, cell in cells.items() if _filled(cell)}
        used |= {name: function.__globals__[name] for name in sorted(_names(function.__code__)) if name in function.__globals__}
    return used


def functions_of(thing: Any) -> list[types.FunctionType]:
    """A function itself, or the methods of a class or of an object's class."""
    if isinstance(thing, types.FunctionType):
        return [thing]
    kind = thing if isinstance(thing, type) else type(thing)
    return [value for value in vars(kind).values() if isinstance(value, types.FunctionType)] if is_own(kind.__module__) else []


def _reached(thing: Any, seen: set[int], name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield a value, and what it reaches by name; functions and classes of libraries are not followed."""
    if code := isinstance(thing, types.FunctionType | type):
        if id(thing) in seen:
            return
        seen.add(id(thing))
    yield name, thing
    if not name or (code and is_own(thing.__module__)):
        for used, value in values_used(thing).items():
            yield from _reached(value, seen, used)


def _home(value: Any) -> str:
    """The module that a value is, or that has defined it; empty where none has."""
    if isinstance(value, types.ModuleType):
        return value.__name__
    return getattr(value, "__module__", "") or "" if isinstance(value, types.FunctionType | type) else type(value).__module__


def _part(name: str, value: Any) -> tuple[str, bool]:
    """What a value adds to an identity, and whether its source, if it has any, is known."""
    if isinstance(value, types.ModuleType):
        file = getattr(value, "__file__", None) if is_own(value.__name__) else None
        return f"{name} {value.__name__} {file_digest(Path(file)) if file else ''}", True
    if (isinstance(value, types.FunctionType | type) and is_own(value.__module__)) or not name:
        source, known = _source(value)
        defaults = [(_value(function.__defaults__), _value(function.__kwdefaults__)) for function in functions_of(value)]
        return f"{source} {defaults}" + ("" if hasattr(value, "__name__") else _value(value)), known
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType | type):
        return f"{name} {value.__module__}.{value.__qualname__}", True
    return f"{name} {_value(value)}", True


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:
        return False


def _names(code: types.CodeType) -> set[str]:
    inner = (_names(part) for part in code.co_consts if isinstance(part, types.CodeType))
    return set(code.co_names).union(*inner)


def _source(thing: Any) -> tuple[str, bool]:
    source = source_of(thing if isinstance(thing, types.FunctionType | type) else type(thing))
    code = getattr(thing, "__code__", None)
    return (source, True) if source is not None else (f"{code.co_code.hex()} {code.co_consts!r}" if code else repr(type(thing)), False)


def _class_source(kind: type) -> str | None:
    """Find a class around one of its methods: Python before 3.13 knows no source of a class that a notebook's cell defines."""
    for method in functions_of(kind):
        lines = linecache.getlines(method.__code__.co_filename)
        for node in ast.walk(ast.parse("".join(lines))):
            if isinstance(node, ast.ClassDef) and node.name == kind.__name__:
                first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
                if first <= method.__code__.co_firstlineno <= (node.end_lineno or first):
                    return "".join(lines[first - 1 : node.end_lineno])
    return None


def _value(value: Any) -> str:
    """Hash a value: arrays and plain values by their content, any other by its pickle."""
    try:
        if not hasattr(value, "tobytes") and not hasattr(value, "detach"):
            json.dumps(value)
        return digest(value)
    except (TypeError, ValueError):
        return hashlib.sha256(cloudpickle.dumps(value)).hexdigest()[:16]
