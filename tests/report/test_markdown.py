"""The Markdown report: whole tables, linked figures, harmless text."""

import re

from dlbench.analysis import analyse
from dlbench.report import markdown
from dlbench.report.arms import compared_arms
from tests.report.conftest import HOSTILE, markdown_of


def tables(text):
    return [block.split("\n") for block in text.split("\n\n") if block.startswith("|")]


def test_every_table_is_rectangular(drawn, hostile):
    for text in (markdown.render(drawn[1]), markdown_of(analyse(hostile))):
        assert tables(text)
        for lines in tables(text):
            assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1


def test_every_linked_figure_is_drawn_and_every_drawn_one_linked(drawn):
    linked = re.findall(r"!\[[^\n]*\]\(figures/([\w-]+)\.svg\)", markdown.render(drawn[1]))
    assert linked and linked == [figure.name for figure in drawn[1].figures()] and len(set(linked)) == len(linked)


def test_the_numbers_are_the_verdicts(drawn):
    analysis, document = drawn
    verdicts = next(lines for lines in tables(markdown.render(document)) if "Verdict" in lines[0])
    for arm, line in zip(compared_arms(analysis), verdicts[2:], strict=True):
        interval = arm.difference.small.replace("[", "\\[").replace("]", "\\]")
        assert f"| {arm.difference.text} | {interval} |" in line
        assert arm.verdict in line


def test_the_time_to_target_of_every_arm_stands_beside_its_references(drawn):
    analysis, document = drawn
    lines = next(lines for lines in tables(markdown.render(document)) if "Median epoch" in lines[0])
    names = [line.split(" | ")[0].removeprefix("| ").replace("\\", "") for line in lines[2:]]
    assert names == ["baseline", "transfer mode=scratch", *analysis.verdicts["arm"]]
    assert lines[2].endswith("| – | – |") and " sooner, " in lines[4]


def test_failures_are_listed_with_their_reasons(drawn):
    assert "| separable\\_conv | 2 | diverged | loss is not finite at step 12 |" in markdown.render(drawn[1])


def test_hostile_text_is_dead(hostile):
    text = markdown_of(analyse(hostile))
    outside = re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert not re.search(r"<(?!details>|/details>|summary>|/summary>)", outside)
    assert all(re.fullmatch(r"figures/[\w-]+\.svg\)", rest.split("\n")[0]) for rest in re.split(r"(?<!\\)\]\(", outside)[1:])
    assert HOSTILE[0] not in outside and "\x00" not in text and "\u202e" not in text
