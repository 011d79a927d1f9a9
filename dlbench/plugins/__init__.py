"""Layer 1: plug-ins from files beside a study. Those of installed packages are found by the catalogues themselves.

A plug-in file is a Python module that declares what it offers in tuples, as dlbench's own modules do: ``TECHNIQUES``, ``DATASETS``,
``MODELS``, ``METRICS`` and ``CASES``. The commands that plan and report read it too, so what needs TensorFlow is imported inside its
functions, or stands in a file of its own that is named by reference.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from dlbench import references
from dlbench.cases import CATALOGUE as CASES
from dlbench.datasets import CATALOGUE as DATASETS
from dlbench.models import CATALOGUE as MODELS
from dlbench.references.finder import load
from dlbench.references.guard import line_of
from dlbench.techniques import CATALOGUE as TECHNIQUES
from dlbench.values.catalogue import Catalogue
from dlbench.values.errors import InputError
from dlbench.values.metric import METRICS

CATALOGUES: dict[str, Catalogue] = {
    "TECHNIQUES": TECHNIQUES, "DATASETS": DATASETS, "MODELS": MODELS, "METRICS": METRICS, "CASES": CASES}
"""Name of the tuple in a plug-in file -> the catalogue that its entries join."""


def use(files: Iterable[Path | str] = (), folder: Path | str | None = None) -> list[ModuleType]:
    """Make the entries of these files, and of no other file, known beside the shipped and the installed ones.

    Each file becomes importable under its name without ``.py``. Modules in ``folder``, the study's, can be named by reference. Returns
    the files' modules.

    Raises:
        InputError: a file cannot be read or run, declares nothing, or declares a name that is taken.
    """
    paths = [Path(path).resolve() for path in files]
    references.use([*([folder] if folder is not None else []), *(path.parent for path in paths)])
    modules = {str(path): _module(path) for path in paths}
    for name, catalogue in CATALOGUES.items():
        catalogue.use({Path(path).name: getattr(module, name, ()) for path, module in modules.items()})
    return list(modules.values())


def declared(module: ModuleType) -> dict[str, tuple[Any, ...]]:
    """Return what a plug-in module offers: name of the tuple -> its entries.

    Example:
        >>> from dlbench.techniques import control
        >>> [entry.name for entry in declared(control)["TECHNIQUES"]]
        ['reseed']
    """
    return {name: tuple(getattr(module, name)) for name in CATALOGUES if getattr(module, name, ())}


def _module(path: Path) -> ModuleType:
    """Run a file as the module of its name."""
    name = path.stem
    if path.suffix != ".py" or not name.isidentifier():
        raise InputError(f"plug-in {path.name}: accepted: a Python file whose name is an identifier, such as my_techniques.py")
    if not path.is_file():
        raise InputError(f"plug-in {path}: no such file")
    if (taken := _other_module(name, path)) is not None:
        raise InputError(f"plug-in {path.name}: a module '{name}' is there already ({taken}); choose another name for the file")
    try:
        module = sys.modules.get(name) or load(name, str(path))
    except InputError as error:
        raise InputError(f"plug-in {error}") from error
    except Exception as error:  # whatever the user's code raises is the user's to mend
        line = f"line {number}: " if (number := line_of(error, str(path))) else ""
        raise InputError(f"plug-in {path.name}: {line}{type(error).__name__}: {error}") from error
    if not declared(module) and not _has_functions(module):
        raise InputError(f"plug-in {path.name}: it offers nothing; accepted: tuples {', '.join(CATALOGUES)}, or functions that are "
                         "named by reference")
    return module


def _has_functions(module: ModuleType) -> bool:
    return any(callable(value) and getattr(value, "__module__", "") == module.__name__ for value in vars(module).values())


def _other_module(name: str, path: Path) -> str | None:
    """The file of a module that has the name already: a library, or a file of the same name in another folder."""
    if (loaded := sys.modules.get(name)) is not None:
        origin = getattr(loaded, "__file__", None) or "built in"
        return None if origin == str(path) else origin
    found = PathFinder.find_spec(name)
    return None if found is None or found.origin == str(path) else found.origin or "a package"
