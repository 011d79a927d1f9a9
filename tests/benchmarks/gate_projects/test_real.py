"""The gate on the suites of three real projects, from their source distributions, each in an environment of its own."""

from __future__ import annotations

import os
import time

import pytest

from benchmarks.gate_projects.real import DISTRIBUTIONS, LONGER, Real, Unreachable
from benchmarks.gate_projects.suites import Suite, measure
from dlbench.gate.rows import FAILING


@pytest.fixture(scope="module", params=DISTRIBUTIONS, ids=lambda distribution: distribution.name)
def real(request, tmp_path_factory):
    try:
        return request.param.fetched(tmp_path_factory.mktemp("real"))
    except Unreachable as error:
        pytest.skip(f"needs a package index with source distributions: {error}")


def measured(real, kind, number=0):
    """What the gate finds, and the name and verdict of each case, on all cores."""
    found = measure(Suite(real, kind, number), sorted(os.sched_getaffinity(0)))
    return found, {name.rpartition("::")[2]: verdict for name, verdict, *_ in found["cases"]}


@pytest.mark.slow
def test_a_suite_against_itself_has_no_regression(real):
    found, cases = measured(real, "aa")
    assert len(cases) >= 8 and found["code"] == 0, found
    assert not {"not run", "appeared", "vanished", *FAILING} & set(cases.values()), found


@pytest.mark.slow
def test_a_slowdown_is_found_in_the_cases_that_it_is_in_and_never_called_no_change(real):
    found, cases = measured(real, "slower", number=2)
    slowed = {name: verdict for name, verdict in cases.items() if name.startswith(real.distribution.slowed)}
    assert slowed and "regression" in slowed.values() and found["code"] == 1, found
    assert not {"no change", "faster"} & set(slowed.values()), found
    assert not set(FAILING) & {verdict for name, verdict in cases.items() if name not in slowed}, found


def test_the_slower_function_gives_the_same_and_works_on_for_its_share(monkeypatch):
    now, module = [0], {}

    def clock():
        now[0] += 1
        return now[0]

    def work(value):
        now[0] += 1000
        return value

    monkeypatch.setattr(time, "process_time_ns", clock)
    module["work"] = work
    exec(LONGER.format(again=300, function="work"), module)
    assert module["work"](7) == 7 and module["work"].__name__ == "work"
    assert now[0] == pytest.approx(1.3 * 1000, abs=5)


def test_a_version_without_a_slowdown_is_the_project_as_it_is(tmp_path):
    distribution = DISTRIBUTIONS[0]
    source = tmp_path / "source" / distribution.file
    source.parent.mkdir(parents=True)
    source.write_text("def _multicall():\n    return 1\n")
    project = Real(distribution, tmp_path / "source", tmp_path / "python")
    for again in (0, 200):
        project.write(tmp_path / str(again), again, ",")
    plain, slower = ((tmp_path / str(again) / distribution.file).read_text() for again in (0, 200))
    assert plain == source.read_text() and slower.startswith(plain) and slower.endswith("_multicall = _longer(_multicall)\n")

