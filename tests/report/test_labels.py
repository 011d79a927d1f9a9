"""Scores by labels per class are told together, with the crossing point."""

import re
from dataclasses import replace

import pytest

from dlbench.analysis import analyse
from dlbench.analysis.labels import Way, ways
from dlbench.report.document import Figure, Table
from dlbench.report.sections.labels import SECTION, crossing, curves
from tests.report.conftest import Shape, build, markdown_of, page_of, shown

GAINS = {10: 0.03, 100: -0.03}


@pytest.fixture(scope="module")
def analysis():
    names = {f"{mode} labels_per_class={count}": gain if mode == "frozen" else 0.0
             for mode in ("scratch", "frozen") for count, gain in GAINS.items()}
    made = build({"baseline": 0.0, **names}, Shape(noise=0.0, shared=0.001))
    arms = made.arms.copy()
    arms["recipe"] = [{}, *({"data.labels_per_class": int(name.rpartition("=")[2])} for name in names)]
    arms["reference"] = [None, None, None, *(f"scratch labels_per_class={count}" for count in GAINS)]
    arms["changes"] = [{}, {}, {}, *({"transfer.mode": ("none", "frozen")} for _ in GAINS)]
    return analyse(replace(made, arms=arms))


def test_there_is_a_row_a_number_of_labels_and_a_column_a_mode(analysis):
    (table,) = [block for block in SECTION.build(analysis) if isinstance(block, Table)]
    assert [column.header for column in table.columns] == ["Labels a class", "scratch", "frozen"]
    rows = shown(SECTION, analysis.results)[1]["labels"]
    assert [row[0] for row in rows] == ["10", "100"]
    assert "(" not in rows[0][1] and "(+" in rows[0][2] and "(−" in rows[1][2]


def test_the_crossing_is_told(analysis):
    (told,), _ = shown(SECTION, analysis.results)
    assert re.fullmatch("frozen: ahead of its reference up to about 3[0-4] labels a class.", told)


@pytest.mark.parametrize("gains, words", [
    ([0.1, 0.2], "ahead of its reference at every"), ([-0.1, -0.2], "not ahead of"), ([-0.1, 0.1], "from about 32"),
])
def test_crossings_in_words(gains, words):
    assert words in crossing(Way("x", {}, dict(zip([10, 100], gains))))


def test_several_crossings_are_all_told():
    assert "changes 2 times" in crossing(Way("x", {}, {1: 0.1, 10: -0.1, 100: 0.1}))


def test_the_curves_hold_the_scores_and_the_crossing(analysis):
    table = curves(analysis, ways(analysis))
    runs = analysis.results.runs.groupby("arm")["test_accuracy"].mean()
    assert [(row.name, row.labels) for row in table.itertuples(index=False)] == [
        (mode, count) for mode in ("scratch", "frozen") for count in GAINS]
    for row in table.itertuples():
        assert row.mean == pytest.approx(100 * runs[f"{row.name} labels_per_class={row.labels}"])
    (where,) = table.attrs["crossings"]["frozen"]
    assert 30 < where < 35 and not table.attrs["crossings"]["scratch"]


def test_the_curves_are_drawn_where_there_are_any(analysis):
    (drawn,) = [block for block in SECTION.build(analysis) if isinstance(block, Figure)]
    assert drawn.name == "labels" and "frozen" in drawn.svg and "labels.svg" in markdown_of(analysis)
    assert not list(SECTION.build(analyse(build({"baseline": 0.0, "dropout rate=0.5": 0.0}))))


def test_both_formats_have_it_and_other_studies_do_not(analysis, undrawn):
    assert "Labels per class" in markdown_of(analysis) and "Labels per class" in page_of(analysis)
    assert "Labels per class" not in markdown_of(analyse(build({"baseline": 0.0, "dropout rate=0.5": 0.0})))
