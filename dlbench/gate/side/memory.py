"""What a call needs of memory: Python's peak, the growth of the process, and the number of allocations."""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import os
import tempfile
import tracemalloc
from collections.abc import Callable
from typing import Any

from .spent import forked

CLEAR = "/proc/self/clear_refs"
STATUS = "/proc/self/status"
FREEING = ("FREE", "MUNMAP", "PYMALLOC_FREE")
"""memray's records of memory that is given back."""
WARM = 2
"""Calls before allocations are looked at: the first ones fill caches."""


def needed(call: Callable[[], Any], fresh: bool) -> dict[str, int | None]:
    """Return ``resident_bytes``, ``peak_bytes`` and ``allocations`` of one call; None where it cannot be told here.

    Args:
        call: the subject.
        fresh: each of them is taken of a first call, in a copy of this process, for calls change what later ones find.
    """
    found = {"resident_bytes": (forked(lambda: _resident(call)) if fresh else _resident(call))}
    for _ in range(0 if fresh else WARM):
        call()
    for name, count in (("peak_bytes", _peak), ("allocations", _allocations)):
        found[name] = forked(lambda count=count: count(call)) if fresh else count(call)
    return found


@contextlib.contextmanager
def _without_collection():
    """Keep the collector of garbage from running at some moment or other."""
    gc.collect()
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _resident(call: Callable[[], Any]) -> int | None:
    """By how much the memory that this process holds grows at most; of a first call, for freed memory may stay with the process."""
    try:
        with _without_collection():
            with open(CLEAR, "w", encoding="ascii") as file:
                file.write("5")  # the peak starts anew
            before = _status("VmRSS")
            output = call()
            grown = _status("VmHWM") - before
            del output
    except OSError:  # not Linux
        return None
    return max(grown, 0)


def _status(name: str) -> int:
    with open(STATUS, encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(f"{name}:"))


def _peak(call: Callable[[], Any]) -> int | None:
    """The most that Python's allocators held above what they held before, by tracemalloc."""
    if tracemalloc.is_tracing():  # the test's own business
        return None
    with _without_collection():
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            output = call()
            _, peak = tracemalloc.get_traced_memory()
            del output
        finally:
            tracemalloc.stop()
    return max(peak - before, 0)


def _allocations(call: Callable[[], Any]) -> int | None:
    """How many blocks were asked for, of Python's allocators or the system's, by memray where it is installed."""
    if importlib.util.find_spec("memray") is None:
        return None
    memray = importlib.import_module("memray")
    with tempfile.TemporaryDirectory() as folder, _without_collection():
        path = os.path.join(folder, "calls.bin")
        try:
            with memray.Tracker(path, trace_python_allocators=True):
                output = call()
        except RuntimeError:  # one tracker at a time
            return None
        del output
        freeing = {memray.AllocatorType[name] for name in FREEING}
        return sum(record.allocator not in freeing for record in memray.FileReader(path).get_allocation_records())
