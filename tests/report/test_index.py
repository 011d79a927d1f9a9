"""The index leads to every study and says what it found."""

import re

from dlbench.analysis import analyse
from dlbench.report import render_index
from dlbench.report.answers import answer
from tests.report.conftest import HOSTILE, Shape, build, empty

SHAPE = Shape(seeds=4, epochs=2)


def test_every_study_has_its_question_answer_and_link(tmp_path):
    one, two = build({"baseline": 0.0, "a": 0.02}, SHAPE), build({"baseline": 0.0, "b": 0.0}, SHAPE, question="Does b help?")
    text = render_index({"one": analyse(one), "two words": analyse(two)}, tmp_path).read_text()
    for results, link in ((one, "one/index.html"), (two, "two%20words/index.html")):
        assert results.study["question"] in text and answer(analyse(results)) in text and f'href="{link}"' in text


def test_the_newest_comes_first_and_a_partial_study_says_so(tmp_path):
    old, new = build({"baseline": 0.0, "a": 0.0}, SHAPE, created="2024-01-01T00:00:00Z"), empty()
    text = render_index({"old": analyse(old), "new": analyse(new)}, tmp_path).read_text()
    assert text.index('href="new/') < text.index('href="old/')
    assert "Partial: 0 of 80 runs" in text


def test_hostile_studies_are_dead(hostile, tmp_path):
    text = render_index({HOSTILE[4]: analyse(hostile)}, tmp_path).read_text()
    assert len(re.findall("<script", text)) == 1 and "<svg" not in text and "<img" not in text


def test_an_empty_folder_has_a_page(tmp_path):
    assert "no study here yet" in render_index({}, tmp_path).read_text()
