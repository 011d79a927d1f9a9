"""A forked process: it prepares a subject, is pinned to a core, and times calls as the gate asks."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from .channel import Channel, Hangup
from .memory import needed
from .output import write
from .profile import own_times
from .spent import Run, children, in_copies, timed
from .state import calls_in_a_copy

WARM_NS = 20_000_000
"""A subject counts as warm once it ran for so long in one stretch, after a first call that does not count."""
PROFILE_NS, MOST_CALLS = 200_000_000, 10_000
"""How long a profile takes, by the time of a call without it, and the most calls of one."""


@dataclass
class Subject:
    """A case that is ready.

    Attributes:
        call: returns the output.
        run: times a number of calls.
        reference: returns what the output must be; None where nothing is known of it.
        tolerance: relative and absolute, for outputs and references.
        view: selects what of output and reference is compared; None for all of it.
        parts: what its calls might change.
        rounds: calls that its test makes in one state; None where it does not say.
    """

    call: Callable[[], Any]
    run: Run
    reference: Callable[[], Any] | None = None
    tolerance: tuple[float, float] = (1e-5, 1e-6)
    view: Callable[[Any], Any] | None = None
    parts: tuple[Any, ...] = ()
    rounds: int | None = None


class Session:
    """One process that serves a subject to the gate.

    Args:
        channel: to the gate.
        keep: the file that receives the output and its reference; None where the gate does not ask for them.
        copies: calls in one copy of the subject's state; 0 where calls change nothing.
    """

    def __init__(self, channel: Channel, keep: str | None, copies: int = 0) -> None:
        self.channel, self.keep, self.copies, self.served = channel, keep, copies, False

    def serve(self, subject: Subject) -> Any:
        """Answer the gate until it says ``finish``; where it hangs up, the process ends. Returns the output of a call, if it was kept."""
        self.served = True
        self.channel.send({"prepared": True})
        output, ready = None, {"ready": True}
        if self.keep:
            copies = calls_in_a_copy(subject.call, subject.parts, subject.rounds) if subject.parts else 0
            output, ready = _write_output(subject, self.keep), {"ready": True, "copies": copies}
        run = in_copies(subject.run, self.copies) if self.copies else subject.run
        self.channel.send(ready)
        try:
            while "finish" not in (request := self.channel.receive()[0]):
                self.channel.send(self._answer(subject, run, request))
        except Hangup:
            os._exit(0)
        return output

    def _answer(self, subject: Subject, run: Run, request: dict[str, Any]) -> dict[str, Any]:
        if "memory" in request:
            return needed(subject.call, bool(self.copies))
        return _profiled(subject, request["profile"], self.copies) if "profile" in request else _answer(run, request)


class Awaited:
    """The result of an asynchronous function, which a test may still await."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __await__(self) -> Generator[None, None, Any]:
        yield from ()
        return self.value


def _write_output(subject: Subject, path: str) -> Any:
    output = subject.call()
    values = {"output": output.value if isinstance(output, Awaited) else output, "tolerance": tuple(subject.tolerance)}
    if subject.reference is not None:
        view = subject.view or (lambda value: value)
        values |= {"seen": view(output), "reference": view(subject.reference())}
    write(values, path)
    return output


def _profiled(subject: Subject, root: str, copies: int) -> dict[str, Any]:
    """Own time of functions, after a call that does not count; of a first call alone where calls change what later ones find."""
    calls = 1 if copies else min(max(PROFILE_NS // max(timed(subject.call)(1).wall, 1), 1), MOST_CALLS)
    return {"own_s": own_times(subject.call, calls, root)}


def _answer(run: Run, request: dict[str, Any]) -> dict[str, Any]:
    if "core" in request:
        _pin(request["core"])
        started = time.process_time_ns() + children()
        return {"call_ns": _warm_up(run), "cpu_ns": time.process_time_ns() + children() - started}
    if request["first"]:  # the other process displaced the caches
        run(1)
    spent = run(request["calls"])
    return {"cpu_ns": spent.cpu, "wall_ns": spent.wall, "waited_ns": spent.waited}


def _warm_up(run: Run) -> int:
    """Call a subject until it is warm; return the wall time of one call, with all that has to be prepared for it, in nanoseconds."""
    run(1)
    gc.collect()
    gc.freeze()
    calls = 1
    while True:
        started = time.perf_counter_ns()
        run(calls)
        wall = time.perf_counter_ns() - started
        if wall >= WARM_NS:
            return max(wall // calls, 1)
        calls = min(2 * calls, calls * (1 + WARM_NS // max(wall, 1)))


def _pin(core: int | None) -> None:
    """Keep every thread of this process on one core; None leaves them free."""
    if core is not None:
        for thread in os.listdir("/proc/self/task"):
            os.sched_setaffinity(int(thread), {core})
