"""The code that a reference ``package.module:function`` names, found without importing it, and its digest."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path


def source_files(reference: str) -> tuple[Path, ...]:
    """List, in ascending order, the Python files behind a reference: its module; in a package, all modules in the module's folder.

    Nothing is imported, and what these files import is not followed. A module that does not exist, has no Python source, or belongs to
    dlbench gives no file.

    Example:
        >>> [path.name for path in source_files("json.decoder:JSONDecoder")][:2]
        ['__init__.py', 'decoder.py']
        >>> source_files("dlbench.values.code:source_files"), source_files("nowhere.at_all:function")
        ((), ())
    """
    first, *rest = reference.partition(":")[0].split(".")
    spec = None if first == "dlbench" else _spec_of(first)
    for name in rest:
        spec = PathFinder.find_spec(name, spec.submodule_search_locations) if spec and spec.submodule_search_locations else None
    if spec is None or not spec.origin or not spec.origin.endswith(".py"):
        return ()
    file = Path(spec.origin)
    return tuple(sorted(file.parent.glob("*.py"))) if rest or file.name == "__init__.py" else (file,)


def _spec_of(name: str) -> ModuleSpec | None:
    loaded = sys.modules.get(name)
    return loaded.__spec__ if loaded is not None else find_spec(name)


@cache
def _digest(files: tuple[tuple[str, int, int], ...]) -> str:
    state = hashlib.sha256()
    for path, _, _ in files:
        content = Path(path).read_bytes()
        state.update(f"{Path(path).name} {len(content)} ".encode() + content)
    return state.hexdigest()[:16]


def source_digest(reference: str) -> str | None:
    """Hash the names and contents of :func:`source_files`: 16 hexadecimal digits of the SHA-256; None where there are none.

    Example:
        >>> len(source_digest("json.decoder:JSONDecoder"))
        16
    """
    files = source_files(reference)
    if not files:
        return None
    return _digest(tuple((str(path), (status := path.stat()).st_mtime_ns, status.st_size) for path in files))
