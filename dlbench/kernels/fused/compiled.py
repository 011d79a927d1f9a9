"""How functions of the fused pass are compiled by numba, and when compiled code is used again: where no file of its package has changed.

numba itself looks at the file of a function alone, and would go on with the old code of what it calls from another file.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache


@cache
def sources(folder: Path) -> str:
    """Return the SHA-256 of the names and contents of all Python files in a folder."""
    return hashlib.sha256(repr([(file.name, file.read_bytes()) for file in sorted(folder.glob("*.py"))]).encode()).hexdigest()


class PackageCache(FunctionCache):
    """The code that was compiled of a function, under a key that all files beside the function's own are part of."""

    def _index_key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        return (*super()._index_key(sig, codegen), sources(Path(inspect.getfile(self._py_func)).parent))


def compiled(inline: str = "never") -> Callable[[Callable], Any]:
    """Return a decorator that compiles a function when it is called first, and keeps the code on disk.

    Args:
        inline: ``always`` where the function becomes part of those that call it.
    """
    def decorate(function: Callable) -> Any:
        dispatcher = numba.njit(error_model="numpy", nogil=True, inline=inline)(function)
        dispatcher._cache = PackageCache(function)
        return dispatcher

    return decorate
