"""The documentation is made from what is there: every technique has its page, every command and link is so."""

from __future__ import annotations

import re
import tomllib

import pytest

from dlbench.cli import COMMANDS
from dlbench.study import load, plan
from dlbench.techniques import CATALOGUE
from docs.generator import site
from docs.generator.api import MODULES, rendered
from docs.generator.effects import REPORTS, _alone, effects
from docs.generator.site import DOCS, write

GUIDES = sorted(DOCS.glob("*.md"))


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    return write(tmp_path_factory.mktemp("site") / "sources").parent / "pages"


def flat(navigation):
    for entry in navigation:
        for value in entry.values():
            yield from [value] if isinstance(value, str) else flat(value)


def test_every_page_is_in_the_navigation_once(pages):
    named = list(flat(site.navigation(pages)))
    assert len(named) == len(set(named)) and set(named) == {str(path.relative_to(pages)) for path in pages.rglob("*.md")}


def test_every_technique_has_a_page_from_its_declaration(pages):
    for item in CATALOGUE.shipped:
        text = (pages / "techniques" / item.family / f"{item.name}.md").read_text(encoding="utf-8")
        assert item.paper.link in text and all(f"`{path}`" in text for path in item.touches)
        assert all(f"| `{parameter.name}` |" in text for parameter in item.parameters)


def test_the_study_on_a_techniques_page_can_be_planned(pages):
    for item in CATALOGUE.shipped:
        text = (pages / "techniques" / item.family / f"{item.name}.md").read_text(encoding="utf-8")
        table = tomllib.loads(re.search(r"```toml\n(.*?)```", text, flags=re.DOTALL)[1])
        special = {"categories", "colour", "text", "residual", "several", "sequences", "spectrogram"}
        if special & set(item.requires) or item.family == "transfer":
            continue
        assert table["arms"][0]["technique"] == item.name
        plan(load({"margin": 0.1, "model": "small_cnn", **table}))


def test_measured_effects_are_those_of_the_reports():
    found = effects()
    assert {"dropout", "separable_conv", "l2"} <= set(found)
    (row,) = [effect for effect in found["separable_conv"] if effect.study == "mnist"]
    assert row.arm == "separable\\_conv" and "tfds:mnist" in row.setting and "to" in row.difference
    here = {path.parent.relative_to(REPORTS).as_posix() for path in REPORTS.glob("**/report.md")}
    alone = {study for study in here if study.partition("/")[0] not in ("claims", "published")}
    assert {effect.study for rows in found.values() for effect in rows} >= alone


def test_an_arm_that_is_compared_with_another_technique_has_no_place_on_its_techniques_page():
    assert _alone("published/pereyra_2017_label_smoothing") == {"dropout": "dropout", "label smoothing": "label_smoothing"}


def test_every_command_is_in_the_reference(pages):
    text = (pages / "commands.md").read_text(encoding="utf-8")
    assert all(f"### dlbench {name}\n" in text for name in COMMANDS)


def test_every_name_that_the_reference_wants_is_there(pages):
    for page, (_, modules) in MODULES.items():
        text = (pages / "api" / f"{page}.md").read_text(encoding="utf-8")
        assert [name for names in modules.values() for name in names or () if f"### {name}\n" not in text] == []


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_links_between_pages_lead_somewhere(path, pages):
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (DOCS / target).is_file() or (pages / target).is_file() or target.startswith("../reports/"), target


def test_links_of_every_page_of_the_site_lead_to_one_of_its_files(pages):
    links = [(page, target) for page in pages.rglob("*.md")
             for target in re.findall(r"(?<!\\)\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))]
    assert len(links) > 400
    assert [f"{page.relative_to(pages)}: {target}" for page, target in links if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_commands_and_options_in_the_guides_are_there(path):
    for block in re.findall(r"```(?:sh|console|bash)\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL):
        for name in re.findall(r"^\s*(?:\$ )?dlbench (\w+)", block, flags=re.MULTILINE):
            assert name in COMMANDS, name


def test_a_docstring_becomes_lists_and_code():
    text = "\n".join(rendered("One line.\n\nArgs:\n    x: float32 [n]\n        of shares.\n\nReturns:\n    The sum: a number.\n"))
    assert "- `x`: float32 [n] of shares." in text and "- The sum: a number." in text


def test_a_long_signature_has_a_line_for_each_argument(pages):
    text = (pages / "api" / "python.md").read_text(encoding="utf-8")
    assert "class Choices(\n    out: str | Path | None = None,\n    seeds: int | None = None,\n" in text


def test_a_guide_is_named_by_its_heading_and_a_studys_report_by_its_folder(pages):
    assert site.title(pages / "report.md") == "Read, share and compare reports"
    assert site.title(pages / "reports" / "quickstart" / "report.md") == "quickstart"


def test_the_worked_example_is_that_of_the_committed_report_and_its_figure_is_on_the_site(pages):
    guide = (pages / "verdicts.md").read_text(encoding="utf-8")
    report = (pages / "reports/quickstart/report.md").read_text(encoding="utf-8")
    rows = re.findall(r"\| ([+−]\d\.\d\d) \[([+−]\d\.\d\d), ([+−]\d\.\d\d)\](?:, p (0\.\d+))? \| (\w+)", guide)
    assert len(rows) == 5
    for difference, low, high, p, verdict in rows:
        (line,) = [line for line in report.splitlines() if f"| {difference} | \\[{low} to {high}\\] |" in line]
        assert verdict in line and (not p or f"| {p} |" in line)
    assert (pages / re.search(r"!\[.*?\]\((reports/.*?)\)", guide)[1]).is_file()
