"""Every kind of block is known to every format."""

from typing import get_args

import pytest

from dlbench.report import html, latex, markdown
from dlbench.report.document import (
    Answer,
    Answers,
    Axis,
    Beside,
    Block,
    Cell,
    Code,
    Column,
    Details,
    Document,
    Figure,
    Group,
    Heading,
    Items,
    Panels,
    Part,
    Row,
    Strip,
    Table,
    Tally,
    Text,
    columns,
)
from dlbench.report.plain import flat

GROUPS = (Group("helps", "helps", (Answer("an arm", "It helps a lot.", "+1.00", Strip(1, "tip", 60.0, 55.0, 65.0)),)),)
TABLE = Table("a-table", "A table", "How to read it.", columns("Arm", "p", numbers=[1]), (Row(("an arm", "0.01"), 1),))
FIGURE = Figure("a-figure", "A figure", "Read it so.", "What it shows.", lambda table, ax: ax, (None,), (3, 2))
BLOCKS = {
    Text: (Text("A text.", "note"), "A text."), Heading: (Heading("A heading"), "A heading"), Items: (Items(("one item",)), "one item"),
    Code: (Code("run it", "Command", command=True), "run"), Details: (Details("More", (Text("Inside."),)), "Inside."),
    Beside: (Beside((FIGURE,)), "Read it so."), Table: (TABLE, "How to read it."), Tally: (Tally(GROUPS), ""),
    Answers: (Answers(GROUPS, Axis("2", "pp", 40.0, 60.0)), "It helps a lot."), Figure: (FIGURE, "Read it so."),
    Panels: (Panels("panels", "Panels", "One an arm.", lambda table, ax: ax, lambda most: [], lambda table: ""), "One an arm."),
}


def test_no_kind_of_block_escapes_these_tests():
    assert set(BLOCKS) == set(get_args(Block))


@pytest.mark.parametrize("kind", BLOCKS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("render", [html.render, markdown.render, latex.render])
def test_every_format_shows_every_kind_of_block(kind, render, undrawn):
    block, words = BLOCKS[kind]
    text = render(Document("d", "tab", "kicker", "Title", {}, (Part("part", "Part", (block,)),)))
    assert words in text.replace("~", " ")
    if kind is Tally:
        assert ("1" in text.split("tally")[-1]) if render is html.render else ("Part" not in text)


def test_a_parts_title_is_left_out_with_its_blocks():
    searched = Document("d", "tab", "k", "T", {}, (Part("p", "Searched", (Details("All", (TABLE,), searched=True),)),))
    assert "Searched" in html.render(searched) and "Searched" not in markdown.render(searched) + latex.render(searched)


def test_second_lines_and_verdicts_are_told_in_one_line():
    heads = (Column("Arm", small="Changed"), Column("Verdict"), Column("", "plot"), Column("Seeds"))
    table = Table("t", "", "", heads, (Row((Cell("a", "x 0 → 1"), Cell("helps", verdict="helps"), Cell(), Cell("7 of 8", "1 failed"))),))
    headers, body = flat(table)
    assert [column.header for column in headers] == ["Arm", "Changed", "Verdict", "Seeds"]
    assert body == [["a", "x 0 → 1", "▲ helps", "7 of 8 (1 failed)"]] and flat(table, signs=False)[1][0][2] == "helps"


def test_drawn_figures_are_drawn_once(monkeypatch):
    drawn = []
    monkeypatch.setattr("dlbench.report.figures.canvas.draw", lambda *given: drawn.append(given[2]) or "<svg></svg>")
    figure = Figure("once", "", "", "", lambda table, ax: ax, (None,), (3, 2))
    document = Document("d", "tab", "k", "T", {}, (Part("p", "P", (figure,)),))
    html.render(document), [one.svg for one in document.figures()]
    assert drawn == ["once"]
