"""The interface of a backend: workers in slots, one task each, results as they come."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dlbench.values.errors import InputError, Stopped

LOST = "lost"
"""The kind of a result whose machine went away: nothing is known of the task, so it is run again."""


@dataclass(frozen=True)
class TaskResult:
    """How a task ended.

    Attributes:
        task: the key that it was submitted under.
        kind: ``done``, ``input`` (the user's input is wrong), ``stopped`` (the machine cannot go on), ``error``, ``killed``,
            ``timeout`` or ``lost``.
        value: what the engine's method returned, or the reason.
        facts: of the environment that it ran in; None: the driver's own.
    """

    task: Hashable
    kind: str
    value: Any
    facts: dict[str, Any] | None = None

    def demanded(self, context: str, failed: str) -> Any:
        """The value of a task that must have succeeded.

        Args:
            context: what the message begins with, for instance the study's file.
            failed: what could not be done, for an error that the engine does not explain itself.

        Raises:
            Stopped: the machine cannot go on.
            InputError: the task ended in any other way.
        """
        if self.kind == "stopped":
            raise Stopped(self.value)
        if self.kind != "done":
            raise InputError(f"{context}: {'' if self.kind == 'input' else f'{failed}: '}{self.value}")
        return self.value


@dataclass(eq=False)
class Slot:
    """A place for one worker.

    Attributes:
        ready: whether its worker can take tasks.
        task: what it works on; None where it is idle.
        deadline: when the task has taken too long, by the monotonic clock.
        prepared: scheduling keys of the last runs that its worker was given, each once.
        facts: of the environment of its machine; None: the driver's own.
    """

    ready: bool = False
    task: Hashable | None = None
    deadline: float = float("inf")
    prepared: list[Hashable] = field(default_factory=list)
    facts: dict[str, Any] | None = None

    def clear(self) -> None:
        """Make room for a new worker."""
        self.ready, self.task, self.deadline, self.prepared, self.facts = False, None, float("inf"), [], None

    def begin(self, task: Hashable, timeout_s: float | None) -> None:
        """Note the task that the worker is given, and when it has taken too long."""
        self.task, self.deadline = task, time.monotonic() + (timeout_s or float("inf"))

    def end(self, kind: str, value: Any) -> TaskResult | None:
        """Take the task from the worker and return its result; None where it had no task."""
        task, self.task, self.deadline = self.task, None, float("inf")
        return TaskResult(task, kind, value, self.facts) if task is not None else None


class Backend(ABC):
    """Workers that the engine runs in, on this machine or on several. Use it as a context; leaving it ends the workers.

    Attributes:
        slots: one a worker; a worker that dies or takes too long is replaced in its slot.
    """

    slots: Sequence[Slot]

    @abstractmethod
    def __enter__(self) -> Backend:
        """Start the workers."""

    @abstractmethod
    def __exit__(self, *_: object) -> None:
        """End them."""

    @abstractmethod
    def submit(self, slot: Slot, task: Hashable, call: tuple[str, dict[str, Any]], timeout_s: float | None = None) -> None:
        """Give an idle worker a task: the name of an engine method, and its arguments."""

    @abstractmethod
    def wait(self, seconds: float) -> list[TaskResult]:
        """Return the results that came within a time, as soon as there is one or a worker got ready."""

    def idle(self) -> list[Slot]:
        """Return the slots whose worker is ready for a task."""
        return [slot for slot in self.slots if slot.ready and slot.task is None]

    def call(self, method: str, arguments: dict[str, Any], facts: dict[str, Any] | None = None) -> TaskResult:
        """Have one idle worker do one thing while the others rest, and wait for it.

        Args:
            method, arguments: of the engine.
            facts: only a worker in this environment will do; None: any.
        """
        while True:
            while not (fit := [slot for slot in self.idle() if facts is None or slot.facts == facts]):
                self.wait(1.0)
            self.submit(fit[0], method, (method, arguments))
            while not (results := self.wait(1.0)):
                pass
            if results[0].kind != LOST:
                return results[0]
