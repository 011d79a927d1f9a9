"""Imports the engine in the fork server, without matplotlib: Keras imports it to draw images, in a seventh of the time that all takes.

Who imports matplotlib in a worker has it as ever.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def missing(library: str) -> Iterator[None]:
    """Let a library seem not to be installed meanwhile, unless it was imported before.

    Example:
        >>> with missing("this"):
        ...     importlib.import_module("this")
        Traceback (most recent call last):
        ModuleNotFoundError: import of this halted; None in sys.modules
    """
    modules: dict[str, Any] = sys.modules
    modules.setdefault(library, None)
    try:
        yield
    finally:
        if modules[library] is None:
            del modules[library]


with missing("matplotlib"):
    importlib.import_module("dlbench.engines.keras.engine")
