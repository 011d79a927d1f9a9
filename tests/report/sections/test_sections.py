"""One order, one title and one caption in every format; sections of others beside the shipped ones."""

import re
from importlib.metadata import EntryPoint

import pytest

import dlbench
from dlbench.analysis import analyse
from dlbench.report import html, latex, markdown, render, sections
from dlbench.report.document import Beside, Details, Figure, Panels, Row, Section, Table, Text, columns
from dlbench.report.latex import escape as in_latex
from dlbench.report.markdown import escape as in_markdown
from dlbench.report.sections import SECTIONS, ordered
from dlbench.report.study import study_document
from dlbench.store.results import Results
from dlbench.values import catalogue
from dlbench.values.catalogue import Catalogue
from dlbench.values.errors import InputError
from tests.report.conftest import Shape, build, fail


def mine(analysis):
    yield Text(f"A margin of {analysis.margin}.")
    yield Table("mine-table", "Mine", "What I count.", columns("Arm", "Runs", numbers=[1]),
                tuple(Row((arm, "8")) for arm in analysis.results.arms["arm"]))


MINE = Section("mine", "What I add", mine)
PACKAGE = (Section("packaged", "From a package", mine),)


@pytest.fixture
def small(undrawn) -> Results:
    """A small finished study."""
    return build({"baseline": 0.0, "good": 0.02}, Shape(seeds=3, epochs=2))


def titles(document):
    """The titles of the sections, format by format."""
    page = re.findall(r'<h2 id="h-[\w-]+">(.*?)</h2>', html.render(document))
    return {"html": page, "nav": re.findall(r'<li><a href="#[\w-]+">(.*?)</a></li>\n', html.render(document)),
            "md": re.findall(r"^## (.*)$", markdown.render(document), re.MULTILINE),
            "tex": re.findall(r"^\\section\*\{(.*)\}$", latex.render(document), re.MULTILINE)[1:]}


def test_every_format_has_the_same_titles_in_the_same_order(drawn):
    found, expected = titles(drawn[1]), [part.title for part in drawn[1].parts]
    assert found["html"] == found["nav"] == expected and len(expected) > 10
    assert found["md"] == [in_markdown(title) for title in expected] and found["tex"] == [in_latex(title) for title in expected]
    assert expected == [section.title for section in SECTIONS if section.title in expected]


def captioned(blocks):
    for block in blocks:
        if isinstance(block, Beside) or (isinstance(block, Details) and not block.searched):
            yield from captioned(block.blocks)
        elif isinstance(block, Table | Figure | Panels):
            yield block.caption


def test_every_format_has_every_caption(drawn):
    page, text, tex = html.render(drawn[1]), markdown.render(drawn[1]), latex.render(drawn[1])
    captions = [caption for part in drawn[1].parts for caption in captioned(part.blocks)]
    assert len(captions) > 10
    for caption in captions:
        assert str(html.finalize(html.escape(caption))) in page and in_markdown(caption) in text and in_latex(caption) in tex, caption


def test_ids_and_titles_are_distinct():
    for values in ([section.id for section in SECTIONS], [section.title for section in SECTIONS]):
        assert len(set(values)) == len(values)


def test_a_section_handed_to_python_stands_before_the_controls_in_every_format(small, tmp_path):
    render(small, tmp_path, ("html", "md", "tex"), sections=[MINE])
    for name, id_, controls in (("index.html", 'id="mine"', 'id="controls"'), ("report.md", "## What I add", "## Controls"),
                                ("report.tex", r"\section*{What I add}", r"\section*{Controls}")):
        text = (tmp_path / name).read_text()
        assert 0 < text.index(id_) < text.index(controls) and "A margin of 0.005." in text and "What I count." in text


def test_a_loaded_result_takes_sections_too(small, tmp_path):
    dlbench.Result(tmp_path, small).report("md", sections=[MINE])
    assert "## What I add" in (tmp_path / "report.md").read_text()


def test_an_installed_packages_sections_are_shown(small, monkeypatch):
    point = EntryPoint("mine", f"{__name__}:PACKAGE", "dlbench.sections")
    monkeypatch.setattr(catalogue, "entry_points", lambda group: [point] if group == point.group else [])
    monkeypatch.setattr(sections, "CATALOGUE", Catalogue("section", Section, SECTIONS))
    assert "From a package" in titles(study_document(analyse(small)))["html"]


def test_a_section_that_fails_says_why_and_the_others_are_there(small):
    broken = Section("broken", "Broken", lambda analysis: 1 / 0)
    page = html.render(study_document(analyse(small), [broken, MINE]))
    assert "could not be made: ZeroDivisionError: division by zero" in page and "What I count." in page


def test_a_section_without_blocks_is_left_out(small):
    assert "Nothing" not in titles(study_document(analyse(small), [Section("none", "Nothing", lambda analysis: ())]))["md"]


@pytest.mark.parametrize("id_", ["controls", "mine"])
def test_an_id_that_is_taken_is_refused(id_):
    with pytest.raises(InputError, match=f"section '{id_}': the id is taken"):
        ordered([MINE, Section(id_, "Another", mine)])


def test_a_part_that_only_a_page_shows_is_in_no_other_format(small):
    document = study_document(analyse(fail(small, "good", [1])))
    run_id = small.runs["run_id"].iloc[0]
    assert run_id in html.render(document) and run_id not in markdown.render(document) + latex.render(document)
