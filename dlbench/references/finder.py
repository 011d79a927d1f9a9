"""Finds modules beside a study: for the study's references and for the files that lie there themselves, and for nobody else.

A file beside a study can have any library's name: no library imports it. It is executed as it stands in the file now; bytecode is neither
read nor written.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from dlbench.references.guard import guarded

LIBRARIES = sys.stdlib_module_names | frozenset(
    "click dlbench h5py jax jinja2 keras markupsafe matplotlib numpy pandas PIL platformdirs psutil pydantic pyDOE3 pytest ray rich scipy "
    "seaborn sklearn statsmodels tensorflow tensorflow_datasets torch torchvision".split())
"""Names that mean the library wherever code imports them: the standard library, and what every user of deep learning has."""
_OWN = "beside a study"
"""Marks what this finder found, as the loader's state."""
_IMPORTING = ("importlib", "importlib._bootstrap", "importlib._bootstrap_external", "importlib.util", "_frozen_importlib",
              "_frozen_importlib_external", "pkgutil", __name__)
"""Modules whose frames stand between an import statement and the finder."""


class Source(SourceFileLoader):
    """Executes a file as it is now."""

    def get_code(self, fullname: str) -> CodeType:
        """Compile the file."""
        return self.source_to_code(self.get_data(self.path), self.path)

    def exec_module(self, module: ModuleType) -> None:
        """Execute the file, which may not end the program, ask for input, or train."""
        with guarded(self.path):
            super().exec_module(module)


class Finder(importlib.abc.MetaPathFinder):
    """Finds modules in folders of the study.

    Attributes:
        folders: the study's folder first, then those of its plug-ins.
        asked: the module that a reference names and that is imported now.
        found: whether any module was found, which may be imported.
    """

    def __init__(self) -> None:
        self.folders: list[str] = []
        self.asked, self.found = "", False

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Find a module for an import statement in a file of the study, or for a reference."""
        if path is not None:
            parent = sys.modules.get(fullname.rpartition(".")[0])
            return _own(PathFinder.find_spec(fullname, path)) if _is_own(getattr(parent, "__spec__", None)) else None
        if fullname == self.asked or (fullname not in LIBRARIES and _is_own(_importer())):
            return self.module(fullname)
        return None

    def module(self, name: str) -> ModuleSpec | None:
        """Find a module or package of this name in the folders; a folder without ``__init__.py`` only where no library has the name."""
        found = _own(PathFinder.find_spec(name, self.folders)) if self.folders else None
        namespace = found is not None and found.origin is None
        return None if namespace and name != self.asked and PathFinder.find_spec(name) is not None else found


FINDER = Finder()


def use(folders: Iterable[Path | str]) -> None:
    """Look for modules in these folders, and in no others; modules that were imported from earlier ones are forgotten."""
    for name, module in list(sys.modules.items()) if FINDER.found else ():  # beside TensorFlow it takes milliseconds to look at all
        if _is_own(getattr(module, "__spec__", None)):
            del sys.modules[name]
    FINDER.found = False
    FINDER.folders = list(dict.fromkeys(os.path.realpath(folder) for folder in folders))
    importlib.invalidate_caches()
    if FINDER in sys.meta_path:
        sys.meta_path.remove(FINDER)
    if FINDER.folders:
        sys.meta_path.insert(0, FINDER)


def beside(name: str) -> Path | None:
    """Find the file of ``package.module`` beside the study, without importing it; None where there is none.

    Example:
        >>> beside("json.decoder")
    """
    first, *rest = name.split(".")
    if first == "dlbench":
        return None
    with _asked(first):
        spec = FINDER.module(first)
    for part in rest:
        places = spec.submodule_search_locations if spec else None
        spec = PathFinder.find_spec(part, list(places)) if places else None
    return Path(spec.origin) if spec is not None and spec.origin and spec.origin.endswith(".py") else None


def import_beside(name: str) -> ModuleType:
    """Import ``package.module`` from beside the study; under another name where a library has that one.

    Raises:
        BaseException: whatever the module raises.
    """
    first, _, rest = name.partition(".")
    if first not in LIBRARIES and (first not in sys.modules or _is_own(sys.modules[first].__spec__)):
        with _asked(first):
            return importlib.import_module(name)
    alias = f"{first} (beside the study)"
    if alias not in sys.modules:
        with _asked(first):
            spec = FINDER.module(first)
        load(alias, spec.origin if spec else None, spec.submodule_search_locations if spec else None)
    return importlib.import_module(f"{alias}.{rest}") if rest else sys.modules[alias]


def load(name: str, file: str | None, folders: list[str] | None = None) -> ModuleType:
    """Execute a file, or the files of a package, as a module of a name of its own.

    Raises:
        BaseException: whatever the module raises; it is then not loaded.
    """
    spec = ModuleSpec(name, Source(name, file) if file else None, origin=file, loader_state=_OWN)
    spec.submodule_search_locations, spec.has_location = folders, file is not None
    FINDER.found = True
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        if file and spec.loader is not None:
            spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


@contextmanager
def _asked(name: str) -> Iterator[None]:
    earlier, FINDER.asked = FINDER.asked, name
    try:
        yield
    finally:
        FINDER.asked = earlier


def _own(spec: ModuleSpec | None) -> ModuleSpec | None:
    """Mark a spec as the study's, and give it the loader that executes a file as it is now."""
    if spec is not None:
        spec.loader_state, FINDER.found = _OWN, True
        if type(spec.loader) is SourceFileLoader:
            spec.loader = Source(spec.name, spec.loader.path)
    return spec


def _is_own(spec: ModuleSpec | None) -> bool:
    return getattr(spec, "loader_state", None) is _OWN


def _importer() -> ModuleSpec | None:
    """Return the spec of the module whose code imports."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__") in _IMPORTING:
        frame = frame.f_back
    return None if frame is None else frame.f_globals.get("__spec__")
