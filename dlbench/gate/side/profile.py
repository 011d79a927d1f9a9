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


def own_times(call: Callable[[], Any], calls: int, root: str) -> dict[str, tuple[float, str, int]]:
    """Return the seconds of own time a call of each function, by its name and file; files of the project by their path below ``root``.

    Lines are left out of the names, for a change in a file moves the functions below it. Beside the seconds stand the path below ``root``
    and the line at which the function begins; for code of others, those of the project's function that calls it most; else an empty path.
    """
    profiler = cProfile.Profile()
    profiler.enable()
    try:
        for _ in range(calls):
            call()
    finally:
        profiler.disable()
    found: dict[str, tuple[float, str, int]] = {}
    for (file, line, name), (_, _, own, _, callers) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        label, path = _label(file, name, root)
        place = (path, line) if path else _caller(callers, root)
        before, where, first = found.get(label, (0.0, place[0], place[1]))
        found[label] = (before + own / calls, where, first)
    return dict(sorted(found.items(), key=lambda item: -item[1][0])[:MOST])


def _caller(callers: dict[tuple[str, int, str], tuple[int, int, float, float]], root: str) -> tuple[str, int]:
    """The path and first line of the project's function that spends the most time in it; an empty path without one."""
    ordered = sorted(callers, key=lambda caller: -callers[caller][2])
    places = ((_label(file, name, root)[1], line) for file, line, name in ordered)
    return next((place for place in places if place[0]), ("", 0))


def _label(file: str, name: str, root: str) -> tuple[str, str]:
    """A function's name with its file, and the file's path below the root."""
    if file in ("~", ""):
        return name, ""  # a built-in function, such as <built-in method builtins.sum>
    path = os.path.realpath(file)
    for folder in map(os.path.realpath, (root, sysconfig.get_path("purelib"), sysconfig.get_path("stdlib"))):
        if path.startswith(folder + os.sep):
            below = path[len(folder) + 1:]
            return f"{name} ({below})", below if folder == os.path.realpath(root) else ""
    return f"{name} ({os.path.basename(path)})", ""
