"""How a command ends on a terminal: verdicts within 80 columns, what would decide the open arms, and the next command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dlbench.analysis import analyse
from dlbench.report.closing import closing
from tests.report.conftest import Shape, build

FOLDER = Path("reports/s")


def _closing(arms, spread=None, **study):
    results = build(arms, Shape(seeds=8), **study)
    if spread is not None:
        more = spread * (results.runs["seed"] % 3) * (results.runs["arm"] != "baseline")
        results = replace(results, runs=results.runs.assign(test_accuracy=results.runs["test_accuracy"] + more))
    return closing(analyse(results), FOLDER)


def test_an_arm_that_helps_is_to_be_confirmed_and_the_table_fits_80_columns():
    long = "rotate degrees=10 " * 8
    text = _closing({"baseline": 0.0, "dropout rate=0.5": 0.03, long: -0.03})
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80 and lines[0].split()[:2] == ["Arm", "Verdict"] and "interval" in lines[0]
    assert lines[1].startswith("dropout rate=0.5") and "helps  " in lines[1] and "[+" in lines[1] and lines[1].endswith("×")
    assert "…" in lines[2] and "hurts" in lines[2]
    assert lines[-1].startswith("next: dlbench confirm reports/s ")


def test_an_open_arm_has_a_line_that_says_what_would_decide_it():
    text = _closing({"baseline": 0.0, "dropout rate=0.5": 0.0}, spread=0.02)
    assert "inconclusive" in text and "\ndropout rate=0.5: " in text and "would decide" in text


def test_nothing_is_said_where_nothing_is_compared():
    assert closing(analyse(build({"baseline": 0.0})), FOLDER) == ""


@pytest.mark.parametrize(("engine", "expected"), [("keras", "dlbench export reports/s --format keras"), ("command", "the page")])
def test_a_confirmed_recipe_is_to_be_exported(engine, expected):
    results = build({"baseline": 0.0, "dropout rate=0.5": 0.03}, Shape(seeds=8))
    results = replace(results, study={**results.study, "design": "confirm", "engine": engine})
    assert expected in closing(analyse(results), FOLDER).splitlines()[-1]
