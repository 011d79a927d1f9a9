"""A pool of worker processes on this machine. A worker that dies or takes too long is replaced."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import pkgutil
import signal
import sys
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from dlbench.engines.protocol import Description, Settings
from dlbench.execution.backends.protocol import Backend, Slot, TaskResult
from dlbench.execution.backends.scratch import scratch
from dlbench.execution.backends.worker import PRELOADED, main
from dlbench.values.errors import InputError, Stopped
from dlbench.values.search_path import safe_start

STOP_S = 2.0
PRELOAD = "dlbench.execution.backends.preload"
ENSURE_RUNNING = "multiprocessing.forkserver:ensure_running"
"""Starts the fork server. A process that has imported its module before it needs one is taken for a fork server by :data:`PRELOAD`."""
STARTS = 3
"""How often in a row a worker may end before it was ready."""


@dataclass(eq=False)
class ProcessSlot(Slot):
    """A slot of this machine: a process, and the pipe to it."""

    process: Any = None
    pipe: Any = None


def start_server(engine: Description) -> None:
    """Start the fork server, where workers come from one: it imports the engine while this process goes on, and a :class:`Pool` finds it.

    Raises:
        InputError: the engine needs what is not installed.
    """
    context = _context(engine)
    if context.get_start_method() == "forkserver":
        with suppress(OSError), _nameless_main(), safe_start():  # a pool tries again, and says why it cannot
            pkgutil.resolve_name(ENSURE_RUNNING)()


def _context(engine: Description) -> Any:
    """Return the context of workers, whose fork server is to preload the engine, and has its sockets in this process' own folder."""
    engine.demand()
    scratch()
    context = multiprocessing.get_context(engine.method)
    if engine.method == "forkserver":
        os.environ.update({**engine.variables, PRELOADED: engine.preload or ""})
        context.set_forkserver_preload([PRELOAD])
    return context


class Pool(Backend):
    """Worker processes from a forkserver that preloads the engine.

    Args:
        jobs: how many workers.
        settings: of a worker; each is told its own number.
        engine: what the workers run.

    Raises:
        InputError: the engine needs what is not installed.
    """

    def __init__(self, jobs: int, settings: Settings, engine: Description) -> None:
        self.context = _context(engine)
        self.settings, self.engine = replace(settings, scratch=scratch()), engine
        self.slots: list[ProcessSlot] = [ProcessSlot() for _ in range(jobs)]
        self.stillborn = 0

    def __enter__(self) -> Pool:
        for slot in self.slots:
            self._start(slot)
        return self

    def __exit__(self, *_: object) -> None:
        started = [slot for slot in self.slots if slot.process.pid]
        for slot in started:
            slot.pipe.close()
            slot.process.terminate()
        for slot in started:
            slot.process.join(STOP_S)
            if slot.process.is_alive():
                slot.process.kill()

    def _start(self, slot: ProcessSlot) -> None:
        slot.clear()
        slot.pipe, theirs = self.context.Pipe()
        settings = replace(self.settings, worker=self.slots.index(slot), variables=dict(os.environ))
        slot.process = self.context.Process(target=main, args=(theirs, settings, self.engine), daemon=True)
        try:
            with _nameless_main(), safe_start():
                slot.process.start()
        except (EOFError, OSError) as error:  # the fork server was killed
            self._retry(slot, f"the fork server ended: {type(error).__name__}")
        finally:
            theirs.close()

    def submit(self, slot: ProcessSlot, task: Hashable, call: tuple[str, dict[str, Any]], timeout_s: float | None = None) -> None:
        slot.begin(task, timeout_s)
        try:
            slot.pipe.send(call)
        except OSError:  # it died idle; the next wait reports the task as killed
            slot.process.kill()

    def wait(self, seconds: float) -> list[TaskResult]:
        limit = min([seconds, *(slot.deadline - time.monotonic() for slot in self.slots)])
        watched = [part for slot in self.slots for part in (slot.pipe, slot.process.sentinel)]
        fired = multiprocessing.connection.wait(watched, max(limit, 0))
        results = [self._result(slot, fired) for slot in self.slots]
        return [result for result in results if result is not None]

    def _result(self, slot: ProcessSlot, fired: list) -> TaskResult | None:
        if slot.pipe in fired:
            try:
                kind, value = slot.pipe.recv()
            except (EOFError, OSError):
                return self._replace(slot, "killed", self._cause(slot))
            return self._received(slot, kind, value)
        if slot.process.sentinel in fired:
            return self._replace(slot, "killed", self._cause(slot))
        if time.monotonic() >= slot.deadline:
            return self._replace(slot, "timeout", "took longer than the time limit")
        return None

    def _received(self, slot: ProcessSlot, kind: str, value: Any) -> TaskResult | None:
        if kind == "input" and not slot.ready:
            raise InputError(value)
        if kind == "ready":
            if not value:
                raise Stopped(f"the fork server did not preload the engine '{self.engine.name}'; run `dlbench doctor`")
            slot.ready, self.stillborn = True, 0
            return None
        return slot.end(kind, value)

    def _replace(self, slot: ProcessSlot, kind: str, reason: str) -> TaskResult | None:
        result, was_ready = slot.end(kind, reason), slot.ready
        slot.process.kill()
        slot.process.join()
        slot.pipe.close()
        if was_ready:
            self._start(slot)
        else:
            self._retry(slot, reason)
        return result

    def _retry(self, slot: ProcessSlot, reason: str) -> None:
        """Start a worker again that ended before it was ready, unless that happens every time."""
        self.stillborn += 1
        if self.stillborn == STARTS:
            raise Stopped(f"no worker starts: {reason}, {STARTS} times in a row; run `dlbench doctor`")
        self._start(slot)

    @staticmethod
    def _cause(slot: ProcessSlot) -> str:
        slot.process.join(STOP_S)
        code = slot.process.exitcode or 0
        memory = ", as the system does where memory runs out" if -code == signal.SIGKILL else ""
        return f"the worker was killed by signal {-code}{memory}" if code < 0 else f"the worker ended with exit code {code}"


@contextmanager
def _nameless_main() -> Iterator[None]:
    """Hide the program's main module while a worker starts: it needs nothing of it, and would run a script without a guard again."""
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
