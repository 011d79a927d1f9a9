"""A forked process: it prepares a subject, is pinned to a core, and times calls as the gate asks."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .channel import Channel, Hangup
from .output import write

WARM_NS = 20_000_000
"""A subject counts as warm once it ran for so long in one stretch, after a first call that does not count."""

Run = Callable[[int], "tuple[int, int]"]
"""Calls a subject so many times; returns the nanoseconds of processor time (all threads) and of wall time."""


@dataclass
class Subject:
    """A case that is ready.

    Attributes:
        call: returns the output.
        run: times a number of calls.
        reference: returns what the output must be; None where nothing is known of it.
        tolerance: relative and absolute, for outputs and references.
        view: selects what of output and reference is compared; None for all of it.
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


class Session:
    """One process that serves a subject to the gate.

    Args:
        channel: to the gate.
        keep: the file that receives the output and its reference; None where the gate does not ask for them.
    """

    def __init__(self, channel: Channel, keep: str | None) -> None:
        self.channel, self.keep, self.served = channel, keep, False

    def serve(self, subject: Subject) -> Any:
        """Answer the gate until it says ``finish``; where it hangs up, the process ends. Returns the output of a call, if it was kept."""
        self.served = True
        output = _write_output(subject, self.keep) if self.keep else None
        self.channel.send({"ready": True})
        try:
            while "finish" not in (request := self.channel.receive()[0]):
                self.channel.send(_answer(subject, request))
        except Hangup:
            os._exit(0)
        return output


def _write_output(subject: Subject, path: str) -> Any:
    output = subject.call()
    values = {"output": output, "tolerance": tuple(subject.tolerance)}
    if subject.reference is not None:
        view = subject.view or (lambda value: value)
        values |= {"seen": view(output), "reference": view(subject.reference())}
    write(values, path)
    return output


def _answer(subject: Subject, request: dict[str, Any]) -> dict[str, Any]:
    if "core" in request:
        _pin(request["core"])
        started = time.process_time_ns()
        return {"call_ns": _warm_up(subject.run), "cpu_ns": time.process_time_ns() - started}
    if request["first"]:  # the other process displaced the caches
        subject.run(1)
    cpu, wall = subject.run(request["calls"])
    return {"cpu_ns": cpu, "wall_ns": wall}


def _warm_up(run: Run) -> int:
    """Call a subject until it is warm; return the wall time of one call in nanoseconds."""
    run(1)
    gc.collect()
    gc.freeze()
    calls = 1
    while True:
        _, wall = run(calls)
        if wall >= WARM_NS:
            return max(wall // calls, 1)
        calls = min(2 * calls, calls * (1 + WARM_NS // max(wall, 1)))


def _pin(core: int | None) -> None:
    """Keep every thread of this process on one core; None leaves them free."""
    if core is not None:
        for thread in os.listdir("/proc/self/task"):
            os.sched_setaffinity(int(thread), {core})
