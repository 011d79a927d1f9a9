"""The source of a module that makes a function anew, where source can say all that the function uses."""

from __future__ import annotations

import ast
import builtins
import symtable
import sys
import textwrap
import types
from collections.abc import Callable, Iterator
from typing import Any

from dlbench.references.functions import is_own, source_of, values_used

MOST_CHARACTERS = 10_000
"""Of a constant in source."""


class Unwritten(Exception):
    """No source says what a function uses; the message says what."""


def module_source(function: Callable[..., Any]) -> str:
    """Return imports, constants, and the sources of a function and of the user's own functions and classes that it uses.

    Raises:
        Unwritten: something that it uses has no source.

    Example:
        >>> print(module_source(is_own).splitlines()[0])
        Traceback (most recent call last):
        dlbench.references.written.Unwritten: its module is a library's
    """
    if not isinstance(function, types.FunctionType | type):
        raise Unwritten(f"it is an object of {type(function).__name__}")
    if not is_own(function.__module__):
        raise Unwritten("its module is a library's")
    module = dict[str, str]()
    _write(function, module, {})
    imports = sorted(text for text in module.values() if text.startswith(("import ", "from ")))
    constants = [text for text in module.values() if not text.startswith(("import ", "from ", "def ", "class ", "@"))]
    sources = [text for text in module.values() if text.startswith(("def ", "class ", "@"))]
    return "\n\n\n".join("\n".join(part) for part in (imports, constants, *([text] for text in sources)) if part) + "\n"


def _write(thing: types.FunctionType | type, module: dict[str, str], begun: dict[str, Any]) -> None:
    """Add the source of a function or class to a module, after what it uses."""
    name = thing.__name__
    if begun.setdefault(name, thing) is not thing:
        raise Unwritten(f"two things are called '{name}'")
    if name in module:
        return
    module[name] = text = _definition(thing)
    values, free = _namespace(thing), _free_names(text)
    for used in sorted(free - {name}):
        if used in values:
            _bind(used, values[used], module, begun)
        elif not hasattr(builtins, used):
            raise Unwritten(f"'{used}' is not known")
    module[name] = module.pop(name)  # a class stands after what it is derived from


def _definition(thing: types.FunctionType | type) -> str:
    text = source_of(thing)
    if text is None or hasattr(thing, "__wrapped__"):
        raise Unwritten(f"the source of '{thing.__name__}' cannot be had")
    text = textwrap.dedent(text).rstrip()
    try:
        (node,) = ast.parse(text).body
    except (SyntaxError, ValueError):
        raise Unwritten(f"'{thing.__name__}' is no definition of its own") from None
    if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name != thing.__name__:
        raise Unwritten(f"'{thing.__name__}' is no definition of its own")
    for inner in ast.walk(node):
        if isinstance(inner, ast.arguments) and not all(isinstance(default, ast.Constant) for default in _defaults(inner)):
            raise Unwritten(f"a default of '{thing.__name__}' is computed")
    return text


def _defaults(arguments: ast.arguments) -> Iterator[ast.expr]:
    yield from arguments.defaults
    yield from (default for default in arguments.kw_defaults if default is not None)


def _namespace(thing: types.FunctionType | type) -> dict[str, Any]:
    scope = thing.__globals__ if isinstance(thing, types.FunctionType) else vars(sys.modules[thing.__module__])
    return {**scope, **values_used(thing)}


def _free_names(text: str) -> set[str]:
    """The names that a definition takes from around it."""
    return set(_referenced(symtable.symtable(text, "<source>", "exec")))


def _referenced(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_referenced() and symbol.is_global() and not (table.get_type() == "module" and symbol.is_assigned()):
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _referenced(inner)


def _bind(name: str, value: Any, module: dict[str, str], begun: dict[str, Any]) -> None:
    """Add what gives a name its value to a module."""
    if isinstance(value, types.FunctionType | type) and is_own(value.__module__):
        _write(value, module, begun)
        if value.__name__ != name:
            _put(name, f"{name} = {value.__name__}", module)
    else:
        _put(name, _imported(name, value) or _constant(name, value), module)


def _imported(name: str, value: Any) -> str:
    """The statement that imports a library's module, function or class by a name; empty where there is none."""
    if isinstance(value, types.ModuleType):
        if not is_own(value.__name__) and sys.modules.get(value.__name__) is value:
            return f"import {value.__name__}" if value.__name__ == name else f"import {value.__name__} as {name}"
        return ""
    home, own_name = getattr(value, "__module__", None), getattr(value, "__name__", None)
    if isinstance(home, str) and isinstance(own_name, str) and not is_own(home) and \
            getattr(sys.modules.get(home), own_name, None) is value:
        return f"from {home} import {own_name}" + ("" if own_name == name else f" as {name}")
    return ""


def _constant(name: str, value: Any) -> str:
    text = repr(value)
    try:
        if len(text) <= MOST_CHARACTERS and ast.literal_eval(text) == value:
            return f"{name} = {text}"
    except (ValueError, SyntaxError, TypeError):
        pass
    raise Unwritten(f"it uses '{name}', {_described(value)}")


def _described(value: Any) -> str:
    if isinstance(value, types.ModuleType):
        return f"the module {value.__name__}"
    return f"an object of {type(value).__name__}"


def _put(name: str, text: str, module: dict[str, str]) -> None:
    if module.setdefault(name, text) != text:
        raise Unwritten(f"two things are called '{name}'")
