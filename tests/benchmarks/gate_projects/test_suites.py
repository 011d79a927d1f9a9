"""The suites that measure the gate on small projects: what they write, what is resumed, and what the report claims."""

from __future__ import annotations

import importlib.util
import os

import pytest

from benchmarks.gate.suites import Records
from benchmarks.gate_projects import suites
from benchmarks.gate_projects.document import document
from benchmarks.gate_projects.projects import projects
from benchmarks.gate_projects.suites import COUNTS, Suite, lanes, measure, missing

ORIGIN = {"cpu": "Example CPU", "cores": 4, "system": "Linux", "python": "3.11", "gate": "01234567", "projects": "89abcdef"}


def row(suite, verdict, code=0, other="no change"):
    cases = [[f"tests/test_it.py::{suite.project.target}", verdict, 18, 1.1, 1.08, 1.12, "same", ""],
             ["b", other, 3, 1.0, 0.99, 1.01, "same", ""]]
    if suite.kind == "changed":
        cases[0][6] = "changed"
    return {"project": suite.project.name, "kind": suite.kind, "number": suite.number, "share": suite.share, "code": code, "result": "told",
            "seconds": 20.0, "lanes": 2, "origin": ORIGIN, "cases": cases}


def all_rows():
    verdicts = {"aa": "no change", "slower": "regression", "faster": "faster", "changed": "no change"}
    planned = [Suite(project, kind, number) for project in projects() for kind, count in COUNTS.items() for number in range(count)]
    return [row(suite, verdicts[suite.kind], int(suite.kind == "slower")) for suite in planned]


def test_eight_projects_have_three_quiet_and_three_slower_suites_each(tmp_path):
    planned = missing(Records(tmp_path / "none"), COUNTS)
    kinds = [suite.kind for suite in planned]
    assert len(projects()) == 8 and kinds.count("aa") == kinds.count("slower") == 24
    assert {round(suite.share, 2) for suite in planned if suite.kind == "slower"} == {0.1, 0.2, 0.3}
    assert {round(suite.share, 2) for suite in planned if suite.kind == "faster"} == {-0.2}


def test_what_is_there_is_not_measured_again(tmp_path):
    records = Records(tmp_path / "projects.jsonl")
    records.add(row(Suite(projects()[0], "aa", 0), "no change"))
    left = missing(Records(tmp_path / "projects.jsonl"), {"aa": 1})
    assert [suite.key for suite in left] == [(project.name, "aa", 0) for project in projects()[1:]]


@pytest.mark.parametrize("width", [1, 2, 64])
def test_gates_at_a_time_share_no_core(width):
    found = lanes(width)
    cores = [core for lane in found for core in lane]
    assert len(cores) == len(set(cores)) and set(cores) <= os.sched_getaffinity(0) and 1 <= len(found) <= width and all(found)


def test_a_slower_version_does_so_much_of_its_work_twice_and_gives_the_same(tmp_path):
    def loaded(again, mark):
        root = tmp_path / f"{again}{mark}"
        projects()[1].write(root, again, mark)
        spec = importlib.util.spec_from_file_location("pkg", root / "pkg" / "__init__.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    lines = []

    def counted(module):
        line = module._line
        module._line = lambda *given: lines.append(given) or line(*given)
        lines.clear()
        return module.render(list(range(600))), len(lines)

    plain, slower, changed = (counted(loaded(again, mark)) for again, mark in ((0, ","), (200, ","), (0, ";;")))
    assert plain[0] == slower[0] != changed[0] and (plain[1], slower[1]) == (600, 720)


def test_the_report_claims_what_was_seen_and_nothing_that_is_missing():
    whole = document(all_rows())
    assert "PARTIAL" not in whole and whole.count("| met |") == 6 and "not met" not in whole
    some = document(all_rows()[:5])
    assert "PARTIAL" in some and "| met |" not in some


@pytest.mark.parametrize("kind, verdict, other", [("aa", "regression", "no change"), ("slower", "no change", "no change"),
                                                  ("slower", "regression", "crashed"), ("changed", "wrong output", "no change")])
def test_a_false_alarm_and_a_sleeping_gate_are_told(kind, verdict, other):
    rows = all_rows()
    place = next(place for place, row in enumerate(rows) if row["kind"] == kind)
    rows[place] = row(Suite(projects()[0], kind, 0), verdict, 1, other)
    told = document(rows)
    assert "**not met**" in told and "Nothing." not in told


@pytest.mark.slow
@pytest.mark.parametrize("project", projects(), ids=lambda project: project.name)
def test_each_project_is_gated_as_it_is_written(project, monkeypatch):
    """Every case of a project runs on both sides, and its changed output is told; what the gate says of time is left open."""
    monkeypatch.setattr(suites, "LIMIT_S", 300.0)
    found = measure(Suite(project, "changed", 0), sorted(os.sched_getaffinity(0)))
    assert len(found["cases"]) == project.cases, found
    assert not [case for case in found["cases"] if case[1] in ("crashed", "wrong output", "not run", "vanished", "appeared")], found
    [case] = [case for case in found["cases"] if case[0].rpartition("::")[2] == project.target]
    assert case[6] == "changed"
