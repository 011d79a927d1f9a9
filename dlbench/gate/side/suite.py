"""Cases of an existing pytest-benchmark suite: each test that uses the fixture ``benchmark``, or is marked so, is one."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from _pytest.config import _prepareconfig
from _pytest.runner import call_and_report

from .cases import Case, Missing, selected
from .fixture import replace, subject_of
from .session import Session


class Failed(Exception):
    """A test failed: its output is wrong, or it crashed."""


class Skipped(Exception):
    """A test was skipped."""


class Unavailable(ImportError):
    """A test needs a package that is not here."""


def collect(path: str, words: list[str], root: str) -> Iterator[Case]:
    """The tests at a path, below the root, that are benchmarks. The session of pytest stays open: forked processes run in it."""
    plugin = _Plugin()
    session = _session(path, root, plugin)
    yield from (Case(name, "", problem=reason) for name, reason in plugin.problems)
    items = {_name(item): item for item in session.items if _is_benchmark(item) and selected(_name(item), words)}
    if not items:
        plugin.say_why(path)
    for item in items.values():
        _prime(session, item)
    for name, item in items.items():
        yield Case(name, str(item.path), _runner(item, plugin), code=_digest(item))


def _session(path: str, root: str, plugin: _Plugin) -> pytest.Session:
    """A session of pytest that collected its items and is not over."""
    try:
        config = _prepareconfig([path, *_arguments(root)], [plugin])
        _overrule(config)
        session = pytest.Session.from_config(config)
        session.exitstatus = pytest.ExitCode.OK
        config._do_configure()
        config.hook.pytest_sessionstart(session=session)
        config.hook.pytest_collection(session=session)
    except pytest.UsageError as error:
        raise Missing(f"pytest cannot collect {path}: {' '.join(str(error).split())}"[:300]) from None
    return session


def _arguments(root: str) -> list[str]:
    """Options that keep other processes, coverage, a project's cache and random orders out of the measurement."""
    options = (("xdist", "-n0"), ("pytest_cov", "--no-cov"))
    extra = [option for plugin, option in options if importlib.util.find_spec(plugin)]
    return ["-q", "--rootdir", root, "-o", f"cache_dir={tempfile.gettempdir()}/pytest-cache", "--capture=no", "--benchmark-enable",
            "--continue-on-collection-errors", "-W", "ignore::pytest.PytestAssertRewriteWarning", *extra]


OVERRULED = {"collectonly": False, "maxfail": 0, "benchmark_skip": False, "benchmark_only": False, "benchmark_disable": False,
             "usepdb": False, "lf": False, "failedfirst": False, "newfirst": False, "stepwise": False, "timeout": None}
"""Options in a project's addopts that would leave benchmarks out, or end them, with the values that they get here."""


def _overrule(config: pytest.Config) -> None:
    for name, value in OVERRULED.items():
        if hasattr(config.option, name):
            setattr(config.option, name, value)
    for name in ("markexpr", "keyword"):
        if "benchmark" in (getattr(config.option, name, "") or ""):
            setattr(config.option, name, "")


def _is_benchmark(item: Any) -> bool:
    return "benchmark" in getattr(item, "fixturenames", ()) or (
        isinstance(item, pytest.Function) and item.get_closest_marker("benchmark") is not None)


def _name(item: Any) -> str:
    """The node's id; parameters that pytest can only number are named by what they are, so that the order of a set does not matter."""
    call = getattr(item, "callspec", None)
    if call is None:
        return item.nodeid
    parts = list(call._idlist)
    for name, value in call.params.items():
        function = value.func if isinstance(value, functools.partial) else value
        for place, part in enumerate(parts):
            if part.startswith(name) and part[len(name):].isdigit() and hasattr(function, "__qualname__"):
                arguments = repr((value.args, value.keywords)) if function is not value else ""
                parts[place] = function.__qualname__ + arguments
    return f"{item.nodeid[: -len(call.id) - 1]}{'-'.join(parts)}]" if item.nodeid.endswith(f"{call.id}]") else item.nodeid


def _digest(item: Any) -> str:
    """What a test does, whatever its name: its code and its parameters."""
    code = getattr(getattr(item, "obj", None), "__code__", None)
    if code is None:
        return ""
    parameters = item.callspec.id if hasattr(item, "callspec") else ""
    return hashlib.sha256(repr((code.co_code, code.co_names, [c for c in code.co_consts if not hasattr(c, "co_code")], parameters)).encode()
                          ).hexdigest()[:16]


def _prime(session: pytest.Session, item: Any) -> None:
    """Set up the fixtures of a test that last as long as the session, once for all forked processes; one that fails will fail there."""
    found = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    names = [name for name in getattr(item, "fixturenames", ()) if name in found and found[name][-1].scope == "session"]
    if names:
        try:
            if session not in session._setupstate.stack:
                session._setupstate.setup(session)  # type: ignore[arg-type]
            for name in names:
                item._request.getfixturevalue(name)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise


class _Plugin:
    """Keeps what pytest reports: of the collection, and in a forked process of its one test."""

    def __init__(self) -> None:
        self.problems: list[tuple[str, str]] = []
        self.skipped: list[str] = []
        self.deselected = 0
        self.served: Session | None = None

    def say_why(self, path: str) -> None:
        """No test of a path is a benchmark: raise with the reason where there is one."""
        if self.deselected:
            raise Missing(f"{path}: the options of this project's pytest deselect all {self.deselected} tests")
        if self.skipped and not self.problems:
            self.problems.extend((path, reason) for reason in self.skipped[:1])

    def pytest_deselected(self, items: list[Any]) -> None:
        self.deselected += len(items)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problems.append((report.nodeid, _reason(report.longreprtext)))
        elif report.skipped:
            self.skipped.append(_skip_reason(report))

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: Any) -> bool | None:
        """A test that is marked, and does not use the fixture, is timed as a whole."""
        if self.served is None or "benchmark" in pyfuncitem.fixturenames:
            return None
        arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
        self.served.serve(subject_of(pyfuncitem.obj, **arguments))
        return True


def _runner(item: Any, plugin: _Plugin) -> Callable[[Session], None]:
    def run(session: Session) -> None:
        replace(session)
        plugin.served = session
        reports = [call_and_report(item, "setup", log=False)]
        if reports[0].passed:
            reports.append(call_and_report(item, "call", log=False))
        reports.append(call_and_report(item, "teardown", log=False, nextitem=item.session))
        for report in reports:
            if report.failed:
                reason = _reason(report.longreprtext)
                raise (Unavailable if reason.startswith(("ModuleNotFoundError", "ImportError")) else Failed)(reason)
            if report.skipped:
                raise Skipped(_skip_reason(report))
        if not session.served:
            raise Failed("the test did not call benchmark")

    return run


def _skip_reason(report: Any) -> str:
    """Why something was skipped, without its place."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    return _reason(str(reason)).removeprefix("Skipped: ") or "skipped"


def _reason(text: str) -> str:
    """The first line that pytest marks as the error, or else the last line that is not empty."""
    lines = [line for line in text.splitlines() if line.strip()]
    error = next((line[1:] for line in lines if line.startswith("E ")), (lines or [""])[-1])
    return " ".join(error.split())[:300]
