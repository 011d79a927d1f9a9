"""What calls cost: processor time with that of child processes, wall time, and the time in which they waited for a core."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable
from typing import Any, NamedTuple

try:
    import resource
except ImportError:  # a system without it does not fork either
    resource = None  # type: ignore[assignment]

SCHEDSTAT = "/proc/thread-self/schedstat"


class Spent(NamedTuple):
    """Nanoseconds of processor time (all threads, and child processes that ended), of wall time, and of the latter queued for a core."""

    cpu: int
    wall: int
    queued: int

    def __add__(self, other: Any) -> Spent:
        return Spent(*(mine + its for mine, its in zip(self, other)))

    def __floordiv__(self, calls: int) -> Spent:
        return Spent(*(part // calls for part in self))

    @property
    def waited(self) -> int:
        """Return the time in which it neither computed nor stood in the queue of a core: a sleep, a disk, the network, another process."""
        return max(0, self.wall - self.cpu - self.queued)


Run = Callable[[int], Spent]
"""Calls a subject so many times."""


class Clock:
    """Started when it is made; the clocks that matter most are read last, and first at the end."""

    def __init__(self) -> None:
        self.queued, self.children = _queued(), children()
        self.wall, self.cpu = time.perf_counter_ns(), time.process_time_ns()

    def stop(self) -> Spent:
        """Return what was spent since the start."""
        cpu, wall = time.process_time_ns() - self.cpu, time.perf_counter_ns() - self.wall
        return Spent(cpu + children() - self.children, wall, _queued() - self.queued)


def children() -> int:
    """Nanoseconds of processor time of child processes that ended."""
    if resource is None:
        return 0
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return round((used.ru_utime + used.ru_stime) * 1e9)


def _queued() -> int:
    try:
        with open(SCHEDSTAT, encoding="ascii") as file:
            return int(file.read().split()[1])
    except (OSError, IndexError):
        return 0


def timed(call: Callable[[], Any]) -> Run:
    """Time calls in one stretch: the clocks are read twice, whatever the number of calls."""

    def run(calls: int) -> Spent:
        rounds = range(calls)
        clock = Clock()
        for _ in rounds:
            call()
        return clock.stop()

    return run


def in_copies(run: Run, calls: int) -> Run:
    """Time in forked copies of this process: each makes so many calls from the same state, and counts as one call of their mean cost."""

    def copied(copies: int) -> Spent:
        return sum((forked(lambda: run(calls)) // calls for _ in range(copies)), Spent(0, 0, 0))

    return copied


def forked(work: Callable[[], Any]) -> Any:
    """Do something in a forked copy of this process; return what it returns, raise what it raises."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        with os.fdopen(writing, "wb") as file:
            try:
                file.write(pickle.dumps((work(), None)))
            except BaseException as error:
                file.write(pickle.dumps((None, f"{type(error).__name__}: {error}")))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        content = file.read()
    os.waitpid(pid, 0)
    if not content:
        raise RuntimeError("a copy of the process died")
    value, problem = pickle.loads(content)
    if problem:
        raise RuntimeError(problem)
    return value
