"""What is timed, and how: both clocks around a number of calls."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

WARM_NS = 20_000_000
"""A subject counts as warm once it ran for so long in one stretch, after a first call that is not looked at."""

Run = Callable[[int], "tuple[int, int]"]
"""Calls a subject so many times; gives the nanoseconds of processor time (all threads) and of wall time."""


@dataclass
class Subject:
    """A case that is ready.

    Attributes:
        call: gives the output.
        run: times a number of calls.
        reference: what the output must be; None where nobody says.
        tolerance: relative and absolute, for outputs and references.
        view: what of output and reference is compared; all of it where None.
    """

    call: Callable[[], Any]
    run: Run
    reference: Callable[[], Any] | None = None
    tolerance: tuple[float, float] = (1e-5, 1e-6)
    view: Callable[[Any], Any] | None = None


def timed(call: Callable[[], Any]) -> Run:
    """Time calls in one stretch: the clocks are read twice, whatever the number of calls."""

    def run(calls: int) -> tuple[int, int]:
        rounds = range(calls)
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        for _ in rounds:
            call()
        return time.process_time_ns() - cpu, time.perf_counter_ns() - wall

    return run


def warm(run: Run) -> int:
    """Call a subject until it is warm; gives the wall time of one call in nanoseconds."""
    run(1)
    gc.collect()
    gc.freeze()
    calls = 1
    while True:
        _, wall = run(calls)
        if wall >= WARM_NS:
            return max(wall // calls, 1)
        calls = min(2 * calls, calls * (1 + WARM_NS // max(wall, 1)))


def pin(core: int | None) -> None:
    """Keep every thread of this process on one core; None leaves it free."""
    if core is not None:
        for thread in os.listdir("/proc/self/task"):
            os.sched_setaffinity(int(thread), {core})
