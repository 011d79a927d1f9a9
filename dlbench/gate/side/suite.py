"""Cases of an existing pytest-benchmark suite: each test that uses the fixture ``benchmark`` is one."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from .found import Found, Missing, chosen
from .session import Session
from .subject import Run, Subject, timed


class Failed(Exception):
    """A test failed: its output is wrong, or it crashed."""


class Skipped(Exception):
    """A test was skipped."""


def collect(path: str, words: list[str], root: str) -> Iterator[Found]:
    """The tests at a path, below the root, that use the fixture ``benchmark``."""
    collector = _Collector()
    code = pytest.main([path, "--collect-only", "--continue-on-collection-errors", *_arguments(root)], plugins=[collector])
    if code == pytest.ExitCode.USAGE_ERROR:
        raise Missing(f"pytest cannot collect {path}")
    yield from (Found(name, "", problem=reason) for name, reason in collector.errors)
    for item in collector.items:
        if "benchmark" in getattr(item, "fixturenames", ()) and chosen(item.nodeid, words):
            yield Found(item.nodeid, str(item.path), _runner(item.nodeid, root))


class _Collector:
    def __init__(self) -> None:
        self.items, self.errors = [], []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = session.items

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append((report.nodeid, _last_line(report.longreprtext)))


class _Watcher:
    """Hears how the one test ended."""

    def __init__(self) -> None:
        self.failed = self.skipped = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = self.failed or _last_line(report.longreprtext)
        elif report.skipped:
            self.skipped = _last_line(report.longreprtext) or "skipped"


def _arguments(root: str) -> list[str]:
    """What keeps the project's own options from spoiling a measurement: other processes, coverage, the cache."""
    extra = [option for plugin, option in (("xdist", "-n0"), ("pytest_cov", "--no-cov")) if importlib.util.find_spec(plugin)]
    return ["-q", "--rootdir", root, "-p", "no:cacheprovider", "--benchmark-enable", *extra]


def _runner(name: str, root: str) -> Callable[[Session], None]:
    def run(session: Session) -> None:
        watcher = _Watcher()
        _hand_over(session)
        pytest.main([name, *_arguments(root)], plugins=[watcher])
        if watcher.failed:
            raise Failed(watcher.failed)
        if watcher.skipped:
            raise Skipped(watcher.skipped)
        if not session.served:
            raise Failed("the test did not call benchmark")

    return run


def _hand_over(session: Session) -> None:
    """Have the fixture serve the gate, in place of timing by itself."""

    def call(self: BenchmarkFixture, function: Callable, *args: Any, **kwargs: Any) -> Any:
        self.skipped = True  # nothing for pytest-benchmark's own table

        def once() -> Any:
            return function(*args, **kwargs)

        return session.serve(Subject(once, timed(once)))

    def pedantic(self: BenchmarkFixture, target: Callable, args=(), kwargs=None, setup=None, teardown=None, **_: Any) -> Any:  # noqa: PLR0913  (pytest-benchmark's signature)
        self.skipped = True
        prepared = _Pedantic(target, args, kwargs or {}, setup, teardown)
        return session.serve(Subject(prepared.once, prepared.run))

    BenchmarkFixture.__call__, BenchmarkFixture.pedantic = call, pedantic


class _Pedantic:
    """A target with a set-up before each call and a teardown after it, which are not timed."""

    def __init__(self, *parts: Any) -> None:
        self.target, self.args, self.kwargs, self.setup, self.teardown = parts

    def once(self) -> Any:
        output, _ = self._call()
        return output

    def run(self, calls: int) -> tuple[int, int]:
        spent = [self._call()[1] for _ in range(calls)]
        return sum(cpu for cpu, _ in spent), sum(wall for _, wall in spent)

    def _call(self) -> tuple[Any, tuple[int, int]]:
        given = self.setup() if self.setup else None
        args, kwargs = given or (self.args, self.kwargs)
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        output = self.target(*args, **kwargs)
        spent = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
        if self.teardown:
            self.teardown(*args, **kwargs)
        return output, spent


def _last_line(text: str) -> str:
    told = [line for line in text.splitlines() if line.startswith("E ")]
    lines = told[:1] or [line for line in text.splitlines() if line.strip()][-1:]
    return " ".join(lines[0][1:].split() if told else lines[0].split())[:300] if lines else ""


__all__ = ["Failed", "Run", "Skipped", "collect"]
