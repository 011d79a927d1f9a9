"""The fixture ``benchmark`` of pytest-benchmark, which serves the gate instead of timing by itself."""

from __future__ import annotations

import asyncio
import functools
import inspect
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from pytest_benchmark.fixture import BenchmarkFixture, FixtureAlreadyUsed

from .session import Awaited, Session, Subject
from .spent import Clock, Run, Spent, timed


class Neutral(float):
    """A statistic of a test that is not timed here: it agrees with every comparison."""

    __hash__ = float.__hash__

    def _agree(self, _: object) -> bool:
        return True

    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _agree

    def __getattr__(self, name: str) -> Neutral:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, name: object) -> Neutral:
        return self


def replace(session: Session) -> None:
    """Have the fixture serve a session."""

    def call(self: BenchmarkFixture, function: Callable, *args: Any, **kwargs: Any) -> Any:
        _use(self, "benchmark(...)")
        return session.serve(subject_of(function, *args, **kwargs))

    def pedantic(self: BenchmarkFixture, target: Callable, args=(), kwargs=None, setup=None, teardown=None,  # noqa: PLR0913
                 rounds=1, warmup_rounds=0, iterations=1) -> Any:  # pytest-benchmark's signature
        _use(self, "benchmark.pedantic(...)")
        if setup and iterations > 1:
            raise ValueError("Can't use more than 1 `iterations` with a `setup` function.")
        if setup or teardown:
            prepared = _Pedantic(target, (args, kwargs or {}), setup, teardown, iterations)
            return session.serve(Subject(prepared.once, prepared.run))
        subject = subject_of(target, *args, **(kwargs or {}))
        subject.rounds = (warmup_rounds + rounds) * iterations
        return session.serve(subject)

    BenchmarkFixture.__call__, BenchmarkFixture.pedantic = call, pedantic


def _use(fixture: BenchmarkFixture, mode: str) -> None:
    if fixture._mode:
        raise FixtureAlreadyUsed(f"Fixture can only be used once. Previously it was used in {fixture._mode} mode.")
    fixture._mode, fixture.stats = mode, Neutral(1e-9)


def subject_of(function: Callable, *args: Any, **kwargs: Any) -> Subject:
    """A function with its arguments; one that is asynchronous is run in a loop of its own."""
    once = functools.partial(function, *args, **kwargs)
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None)):  # noqa: B004
        return Subject(lambda: Awaited(_elsewhere(once)), _awaited(once))
    return Subject(once, timed(once), parts=(function, *args, *kwargs.values()))


def _awaited(once: Callable[[], Awaitable]) -> Run:
    async def several(calls: int) -> Spent:
        clock = Clock()
        for _ in range(calls):
            await once()
        return clock.stop()

    return lambda calls: _elsewhere(lambda: several(calls))


def _elsewhere(start: Callable[[], Any]) -> Any:
    """Run a coroutine to its end, in a thread of its own where this one's loop runs already."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(start())
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(asyncio.run(start())))
    thread.start()
    thread.join()
    return found[0]


class _Pedantic:
    """A target with a set-up before each round and a teardown after it, which are not timed."""

    def __init__(self, target: Callable, given: tuple, setup: Callable | None, teardown: Callable | None, iterations: int) -> None:
        self.target, self.given, self.setup, self.teardown, self.iterations = target, given, setup, teardown, iterations

    def once(self) -> Any:
        output, _ = self._round()
        return output

    def run(self, calls: int) -> Spent:
        return sum((self._round()[1] // self.iterations for _ in range(calls)), Spent(0, 0, 0))

    def _round(self) -> tuple[Any, Spent]:
        args, kwargs = (self.setup() if self.setup else None) or self.given
        output, rounds = None, range(self.iterations)
        clock = Clock()
        for _ in rounds:
            output = self.target(*args, **kwargs)
        spent = clock.stop()
        if self.teardown:
            self.teardown(*args, **kwargs)
        return output, spent
