"""Controlled ablations and benchmarks for deep learning: what helps, by how much, at what cost, how sure are we.

From Python: ``dlbench.run``, ``dlbench.confirm``, ``dlbench.evaluate``, ``dlbench.judge``, ``dlbench.plan``, ``dlbench.load``,
``dlbench.check``, ``dlbench.Result``, ``dlbench.arm`` and ``dlbench.techniques``. Importing this package imports nothing else; what a
name needs comes with its first use.
"""

import importlib

TYPE_CHECKING = False  # as type checkers know it; importing typing could import a file of the current folder
if TYPE_CHECKING:
    from dlbench import techniques as techniques
    from dlbench.api import InputError, Result, arm, check, confirm, evaluate, judge, load, plan, run

__version__ = "0.2.0.dev0"
__all__ = ["InputError", "Result", "arm", "check", "confirm", "evaluate", "judge", "load", "plan", "run"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(importlib.import_module("dlbench.api"), name)
    if name == "techniques":
        return importlib.import_module("dlbench.techniques")
    raise AttributeError(f"module 'dlbench' has no attribute '{name}'")


def __dir__() -> list[str]:
    return [*__all__, "__version__", "techniques"]
