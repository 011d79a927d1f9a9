"""Where the time of calls goes: the own time of each function, by Python's deterministic profiler."""

from __future__ import annotations

import cProfile
import os
import pstats
import sysconfig
from collections.abc import Callable
from typing import Any

MOST = 200
"""Functions of a profile that are kept: those with the most time of their own."""


def own_times(call: Callable[[], Any], calls: int, root: str) -> dict[str, float]:
    """Return the seconds of own time a call of each function, by its name and file; files of the project by their path below ``root``.

    Lines are left out of the names, for a change in a file moves the functions below it.
    """
    profiler = cProfile.Profile()
    profiler.enable()
    try:
        for _ in range(calls):
            call()
    finally:
        profiler.disable()
    found: dict[str, float] = {}
    for (file, _, name), (_, _, own, *_) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        label = _label(file, name, root)
        found[label] = found.get(label, 0.0) + own / calls
    return dict(sorted(found.items(), key=lambda item: -item[1])[:MOST])


def _label(file: str, name: str, root: str) -> str:
    if file in ("~", ""):
        return name  # a built-in function, such as <built-in method builtins.sum>
    path = os.path.realpath(file)
    for folder in (os.path.realpath(root), os.path.realpath(sysconfig.get_path("purelib")), os.path.realpath(sysconfig.get_path("stdlib"))):
        if path.startswith(folder + os.sep):
            return f"{name} ({path[len(folder) + 1:]})"
    return f"{name} ({os.path.basename(path)})"
