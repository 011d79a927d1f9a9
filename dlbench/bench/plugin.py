"""A pytest plug-in that checks each kernel case as a test, then times all of them side by side, and hands the times to pytest-benchmark.

pytest-benchmark alone times one test after the other. Here a test only checks its case and registers it; when all tests have
run, :mod:`dlbench.bench.timer` times the registered cases, interleaved, and replaces what pytest-benchmark keeps of each.
"""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from dlbench.bench.machine import thread_count
from dlbench.bench.timer import interleaved
from dlbench.cases import load, prepare
from dlbench.cases.checking import difference
from dlbench.values.case import Case

ROUNDS = 15
MACHINE = "dlbench.cases.machine"


@dataclass
class Jobs:
    """Cases to time, with pytest-benchmark's statistics and the function to call; and cases that are not timed, with the reason."""

    timed: list[tuple[Case, Any, Callable[[], Any]]] = field(default_factory=list)
    untimed: list[dict[str, str]] = field(default_factory=list)


JOBS = pytest.StashKey[Jobs]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Called by pytest."""
    group = parser.getgroup("dlbench")
    group.addoption("--cases", action="append", help="Reference of a module with a tuple CASES. Repeatable. [default: dlbench.cases]")
    group.addoption("--rounds", type=int, default=ROUNDS, help=f"How often each case is timed. [default: {ROUNDS}]")


def pytest_configure(config: pytest.Config) -> None:
    """Called by pytest."""
    config.stash[JOBS] = Jobs()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a case, named as the case."""
    if "case" in metafunc.fixturenames:
        references = metafunc.config.getoption("cases") or ["dlbench.cases"]
        cases = list(dict.fromkeys(case for reference in (*references, MACHINE) for case in load(reference)))
        metafunc.parametrize("case", cases, ids=[case.name for case in cases])


@pytest.fixture
def timed(benchmark: Any, request: pytest.FixtureRequest) -> Callable[[Case], None]:
    """Checks a case; it is timed beside all others once they have been checked."""
    jobs = request.config.stash[JOBS]

    def check(case: Case) -> None:
        try:
            prepared = prepare(case)
            wrong = difference(prepared)
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("dlbench"):
                raise
            _leave_out(jobs, case, "not installed", str(error))
            pytest.skip(str(error))
        except Exception as error:
            _leave_out(jobs, case, "FAILED", f"{type(error).__name__}: {error}")
            raise
        if wrong:
            _leave_out(jobs, case, "INCORRECT", wrong)
            (pytest.xfail if case.peer else pytest.fail)(f"INCORRECT: {wrong}")
        benchmark.name = benchmark.fullname = case.name
        benchmark.group = case.task
        benchmark.extra_info |= described(case)
        benchmark.pedantic(prepared.call)
        if benchmark.stats is not None:
            jobs.timed.append((case, benchmark.stats, prepared.call))

    return check


def described(case: Case) -> dict[str, Any]:
    """Return what a table needs to know of a case."""
    return {"case": case.name, "family": case.family, "task": case.task, "peer": case.peer, **dataclasses.asdict(case.work)}


def _leave_out(jobs: Jobs, case: Case, verdict: str, reason: str) -> None:
    jobs.untimed.append({**described(case), "verdict": verdict, "reason": " ".join(reason.split())[:300]})


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session):
    """Time the cases that are right, once all are checked."""
    result = yield
    jobs, rounds = session.config.stash[JOBS], session.config.getoption("rounds")
    if jobs.timed:
        timings = interleaved([call for *_, call in jobs.timed], rounds, lambda turn: _say(len(jobs.timed), turn, rounds))
        for (_, statistics, _), timing in zip(jobs.timed, timings):
            statistics.iterations = timing.loops
            statistics.stats.data[:] = timing.seconds
    return result


def _say(cases: int, turn: int, rounds: int) -> None:
    if stream := os.environ.get("DLBENCH_PROGRESS"):
        os.write(int(stream), f"dlbench: timing {cases} cases side by side, round {turn} of {rounds}\n".encode())


def pytest_benchmark_update_json(config: pytest.Config, benchmarks: list, output_json: dict[str, Any]) -> None:
    """Add the cases that were not timed, and the numbers of threads and rounds, to the file."""
    output_json["dlbench"] = {"untimed": config.stash[JOBS].untimed, "threads": thread_count(), "rounds": config.getoption("rounds"),
                              "interleaved": True, "python": sys.version.split()[0]}
