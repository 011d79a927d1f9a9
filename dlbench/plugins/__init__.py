"""Layer 1: plug-ins from files beside a study. Those of installed packages are found by the catalogues themselves.

A plug-in file is a Python module that declares what it offers in tuples, as dlbench's own modules do: ``TECHNIQUES``, ``DATASETS``,
``MODELS``, ``METRICS`` and ``CASES``. The commands that plan and report read it too, so what needs TensorFlow is imported inside its
functions, or stands in a file of its own that is named by reference.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from dlbench.cases import CATALOGUE as CASES
from dlbench.datasets import CATALOGUE as DATASETS
from dlbench.models import CATALOGUE as MODELS
from dlbench.techniques import CATALOGUE as TECHNIQUES
from dlbench.values.catalogue import Catalogue
from dlbench.values.errors import InputError
from dlbench.values.metric import METRICS

CATALOGUES: dict[str, Catalogue] = {
    "TECHNIQUES": TECHNIQUES, "DATASETS": DATASETS, "MODELS": MODELS, "METRICS": METRICS, "CASES": CASES}
"""Name of the tuple in a plug-in file -> the catalogue that its entries join."""
_FOLDERS: list[str] = []
"""The folders that are on Python's path for the current study."""


def use(files: Iterable[Path | str] = (), folder: Path | str | None = None) -> list[ModuleType]:
    """Make the entries of these files, and of no other file, known beside the shipped and the installed ones.

    Each file becomes importable under its name without ``.py``. Modules in ``folder``, the study's, can be named by reference, unless
    an installed module has their name. Returns the files' modules.

    Raises:
        InputError: a file cannot be read or run, declares nothing, or declares a name that is taken.
    """
    _forget()
    if folder is not None:
        _importable(Path(folder))
    modules = {str(path): _module(Path(path)) for path in files}
    for name, catalogue in CATALOGUES.items():
        catalogue.use({Path(path).name: getattr(module, name, ()) for path, module in modules.items()})
    return list(modules.values())


def declared(module: ModuleType) -> dict[str, tuple[Any, ...]]:
    """What a plug-in module offers: name of the tuple -> its entries.

    Example:
        >>> from dlbench.techniques import control
        >>> [entry.name for entry in declared(control)["TECHNIQUES"]]
        ['reseed']
    """
    return {name: tuple(getattr(module, name)) for name in CATALOGUES if getattr(module, name, ())}


def _forget() -> None:
    """Take the previous study's folders off the path, and the modules that were imported from them out of memory."""
    for name, module in list(sys.modules.items()):
        if os.path.dirname(getattr(module, "__file__", None) or "") in _FOLDERS:
            del sys.modules[name]
    for place in _FOLDERS:
        sys.path.remove(place)
    _FOLDERS.clear()


def _importable(folder: Path) -> None:
    place = str(folder.resolve())
    if place not in sys.path:
        sys.path.append(place)
        _FOLDERS.append(place)
        importlib.invalidate_caches()


def _module(path: Path) -> ModuleType:
    """Run a file as the module of its name, always anew, so that its current text counts."""
    path = path.resolve()
    name = path.stem
    if path.suffix != ".py" or not name.isidentifier():
        raise InputError(f"plug-in {path.name}: accepted: a Python file whose name is an identifier, such as my_techniques.py")
    if not path.is_file():
        raise InputError(f"plug-in {path}: no such file")
    _importable(path.parent)
    if (taken := _other_module(name, path)) is not None:
        raise InputError(f"plug-in {path.name}: a module '{name}' is there already ({taken}); choose another name for the file")
    spec = cast(ModuleSpec, importlib.util.spec_from_file_location(name, path))  # there is one for every file whose name ends in .py
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), vars(module))  # never from cached bytecode, and none is written
    except Exception as error:  # whatever the user's code raises is the user's to mend
        del sys.modules[name]
        raise InputError(f"plug-in {path.name}: {_line_that_raised(error, path)}{type(error).__name__}: {error}") from error
    if not declared(module) and not _has_functions(module):
        raise InputError(f"plug-in {path.name}: it offers nothing; accepted: tuples {', '.join(CATALOGUES)}, or functions that are "
                         "named by reference")
    return module


def _has_functions(module: ModuleType) -> bool:
    return any(callable(value) and getattr(value, "__module__", "") == module.__name__ for value in vars(module).values())


def _other_module(name: str, path: Path) -> str | None:
    loaded = sys.modules.get(name)
    if loaded is not None:
        origin = getattr(loaded, "__file__", None) or "built in"
        return None if origin == str(path) else origin
    found = importlib.util.find_spec(name)
    return None if found is None or found.origin == str(path) else found.origin or "a package"


def _line_that_raised(error: Exception, path: Path) -> str:
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}: "
    lines, trace = [], error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return f"line {lines[-1]}: " if lines else ""
