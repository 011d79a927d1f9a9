"""Functions that a program hands over, also of a notebook's cell or a closure: their bytes for another process, and their identity."""

from __future__ import annotations

import hashlib
import inspect
import pickle
import sys
import types
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import cloudpickle

from dlbench.track import digest


def packed(function: Callable[..., Any]) -> bytes:
    """Pickle a function, and the module search path, for another process on the same Python; its module too where it is no library's."""
    module = sys.modules.get(function.__module__)
    own = module is not None and module.__name__ != "__main__" and not _installed(module.__name__)
    if own:
        cloudpickle.register_pickle_by_value(module)
    try:
        return pickle.dumps((list(sys.path), cloudpickle.dumps(function)))
    finally:
        if own:
            cloudpickle.unregister_pickle_by_value(module)


def _installed(name: str) -> bool:
    spec = find_spec(name.partition(".")[0])
    return spec is not None and any(part in (spec.origin or "") for part in ("site-packages", "dist-packages"))


def function_digest(function: Callable[..., Any]) -> tuple[str, bool]:
    """Hash a function's source, its defaults and what it closes over, and the functions of its own module that it calls.

    Returns:
        16 hexadecimal digits, and whether every source could be had; where one cannot, compiled code is hashed instead.

    Example:
        >>> one, two = (lambda seed, by=by: seed + by for by in (1, 2))
        >>> function_digest(one)[0] == function_digest(two)[0]
        False
    """
    parts = list(_parts(function, set()))
    return hashlib.sha256("\n".join(text for text, _ in parts).encode()).hexdigest()[:16], all(known for _, known in parts)


def _parts(function: Any, seen: set[int]) -> Iterator[tuple[str, bool]]:
    if id(function) in seen:
        return
    seen.add(id(function))
    yield _source(function)
    if not isinstance(function, types.FunctionType):
        return
    yield f"{_value(function.__defaults__)} {_value(function.__kwdefaults__)}", True
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
    known = {name: cell.cell_contents for name, cell in cells.items() if _filled(cell)}
    names = {name: function.__globals__[name] for name in sorted(_names(function.__code__)) if name in function.__globals__}
    for name, value in {**known, **names}.items():
        if isinstance(value, types.FunctionType | type) and value.__module__ == function.__module__:
            yield from _parts(value, seen)
        elif isinstance(value, types.ModuleType | types.FunctionType | types.BuiltinFunctionType | type):
            yield f"{name} {value.__name__}", True
        else:
            yield f"{name} {_value(value)}", True


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:
        return False


def _names(code: types.CodeType) -> set[str]:
    inner = (_names(part) for part in code.co_consts if isinstance(part, types.CodeType))
    return set(code.co_names).union(*inner)


def _source(function: Any) -> tuple[str, bool]:
    try:
        return inspect.getsource(function), True
    except (OSError, TypeError):
        code = getattr(function, "__code__", None)
        return (f"{code.co_code.hex()} {code.co_consts!r}" if code else repr(type(function))), False


def _value(value: Any) -> str:
    try:
        return digest(value)
    except (TypeError, ValueError):
        return hashlib.sha256(cloudpickle.dumps(value)).hexdigest()[:16]
