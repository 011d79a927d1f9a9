"""Cases of an existing pytest-benchmark suite: each test that uses the fixture ``benchmark`` is one."""

from __future__ import annotations

import functools
import importlib.util
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from .cases import Case, Missing, selected
from .session import Session, Subject, timed


class Failed(Exception):
    """A test failed: its output is wrong, or it crashed."""


class Skipped(Exception):
    """A test was skipped."""


def collect(path: str, words: list[str], root: str) -> Iterator[Case]:
    """The tests at a path, below the root, that use the fixture ``benchmark``."""
    collector = _Collector()
    code = pytest.main([path, "--collect-only", "--continue-on-collection-errors", *_arguments(root)], plugins=[collector])
    if code == pytest.ExitCode.USAGE_ERROR:
        raise Missing(f"pytest cannot collect {path}")
    yield from (Case(name, "", problem=reason) for name, reason in collector.errors)
    for item in collector.items:
        if "benchmark" in getattr(item, "fixturenames", ()) and selected(item.nodeid, words):
            yield Case(item.nodeid, str(item.path), _runner(item.nodeid, root))


class _Collector:
    def __init__(self) -> None:
        self.items, self.errors = [], []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = session.items

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append((report.nodeid, _reason(report.longreprtext)))


class _Outcome:
    """Keeps how the one test ended."""

    failed = skipped = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = self.failed or _reason(report.longreprtext)
        elif report.skipped:
            self.skipped = _reason(report.longreprtext) or "skipped"


def _arguments(root: str) -> list[str]:
    """Options that keep other processes, coverage and the cache, which a project may have switched on, out of the measurement."""
    extra = [option for plugin, option in (("xdist", "-n0"), ("pytest_cov", "--no-cov")) if importlib.util.find_spec(plugin)]
    return ["-q", "--rootdir", root, "-p", "no:cacheprovider", "--benchmark-enable", *extra]


def _runner(name: str, root: str) -> Callable[[Session], None]:
    def run(session: Session) -> None:
        outcome = _Outcome()
        _replace_fixture(session)
        pytest.main([name, *_arguments(root)], plugins=[outcome])
        if outcome.failed:
            raise Failed(outcome.failed)
        if outcome.skipped:
            raise Skipped(outcome.skipped)
        if not session.served:
            raise Failed("the test did not call benchmark")

    return run


def _replace_fixture(session: Session) -> None:
    """Have the fixture ``benchmark`` serve the gate instead of timing by itself."""

    def call(self: BenchmarkFixture, function: Callable, *args: Any, **kwargs: Any) -> Any:
        self.skipped = True  # nothing for pytest-benchmark's own table
        once = functools.partial(function, *args, **kwargs)
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
        args, kwargs = (self.setup() if self.setup else None) or (self.args, self.kwargs)
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        output = self.target(*args, **kwargs)
        spent = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
        if self.teardown:
            self.teardown(*args, **kwargs)
        return output, spent


def _reason(text: str) -> str:
    """The first line that pytest marks as the error, or else the last line that is not empty."""
    lines = [line for line in text.splitlines() if line.strip()]
    error = next((line[1:] for line in lines if line.startswith("E ")), (lines or [""])[-1])
    return " ".join(error.split())[:300]
