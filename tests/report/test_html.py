"""The page: true to the results, self-contained, harmless, and sound for a screen reader."""

import itertools
import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from dlbench.analysis import analyse
from dlbench.report import html
from dlbench.report.figures.palette import VERDICTS
from tests.report.conftest import HOSTILE, Shape, build, fail, page_of

VOID = {"meta", "link", "input", "br", "img", "wbr", "hr"}


class Page(HTMLParser):
    """The page's elements with their attributes and text, checked to be well nested."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "text": "", "inside": [other["tag"] for other in self.open], **dict(attrs)}
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.elements.append({"tag": tag, "text": "", "inside": [other["tag"] for other in self.open], **dict(attrs)})

    def handle_endtag(self, tag):
        assert self.open and self.open[-1]["tag"] == tag, f"</{tag}> closes <{self.open[-1]['tag'] if self.open else ''}>"
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, tag, **attrs):
        return [
            element
            for element in self.elements
            if element["tag"] == tag and all(element.get(key) == value for key, value in attrs.items())
        ]


@pytest.fixture(scope="module")
def analysis(drawn):
    return drawn[0]


@pytest.fixture(scope="module")
def text(page_text):
    return page_text


@pytest.fixture(scope="module")
def page(text):
    made = Page(text)
    assert not made.open
    return made


def test_the_page_asks_nothing_of_the_network(text):
    assert not re.search(r"""(?:src|href|action|data)\s*=\s*["'](?!#|data:)""", text)
    assert not re.search(r"@import|url\((?!#)", text)
    assert "default-src 'none'" in text


def test_only_the_pages_own_script_may_run(text):
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", text, flags=re.DOTALL)
    assert len(scripts) == 1
    assert f"script-src 'sha256-{html.script_hash(scripts[0])}'" in text


def test_identifiers_are_unique_and_every_reference_is_there(page, text):
    ids = Counter(element["id"] for element in page.elements if element.get("id"))
    assert not [name for name, count in ids.items() if count > 1]
    wanted = set(re.findall(r'(?:href|xlink:href)="#([^"]+)"', text)) | set(re.findall(r"url\(#([^)]+)\)", text))
    wanted |= {name for element in page.elements for name in (element.get("aria-labelledby") or "").split()}
    assert wanted <= set(ids)


def test_the_tables_numbers_are_the_results(page, results, analysis):
    scores = fail(results, "separable_conv", [2]).runs.pivot(index="seed", columns="arm", values="test_accuracy")
    cells = page.all("td", **{"data-label": "Difference, pp"})
    for cell, row in zip(cells, analysis.verdicts.itertuples(), strict=True):
        truth = (scores[row.arm] - scores[row.reference]).mean()
        assert float(cell["data-value"]) == pytest.approx(truth)
        assert float(cell["text"].split()[0].replace("−", "-")) == pytest.approx(truth * 100, abs=0.0051)


def test_every_run_is_listed_with_its_score(page, results):
    cells = [element["text"] for element in page.all("td") if element["text"].endswith(" %")]
    expected = [
        f"{value * 100:.2f} %"
        for arm, seed, value in results.runs[["arm", "seed", "test_accuracy"]].values
        if (arm, seed) != ("separable_conv", 2)
    ]
    assert Counter(expected) <= Counter(cells)


def test_the_figures_say_the_verdicts_numbers(text, analysis):
    forest = text.split('id="figure-forest"')[1].split("</figure>")[0]
    for row in analysis.verdicts.itertuples():
        assert f"{row.difference * 100:+.2f} [".replace("-", "−") in forest


def test_headings_go_down_one_at_a_time(page):
    levels = [int(element["tag"][1]) for element in page.elements if re.fullmatch("h[1-6]", element["tag"])]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_every_table_has_a_caption_and_headed_columns(page):
    assert len(page.all("table")) == len(page.all("caption"))
    assert all(element.get("scope") in ("col", "row") for element in page.all("th"))


def test_every_drawing_is_named_or_hidden(page):
    for element in page.all("svg"):
        if "svg" not in element["inside"]:
            assert element.get("aria-label") if element.get("role") == "img" else element.get("aria-hidden") == "true"


def test_every_section_is_linked_and_every_link_leads_to_one(page):
    linked = [element["href"] for element in page.all("a") if element["href"].startswith("#") and "nav" in element["inside"]]
    order = [f"#{element['id']}" for element in page.all("section")]
    assert linked == order


def test_hostile_text_is_shown_and_dead(hostile_text):
    page = Page(hostile_text)
    assert len(page.all("script")) == 1 and not page.all("img")
    assert not [element for element in page.elements if any(name.startswith("on") for name in element)]
    names = [element["data-value"] for element in page.all("th", role="rowheader")]
    assert HOSTILE[0] in names and HOSTILE[4] in names
    shown = page.all("main")[0]["text"]
    assert "49" not in page.all("title")[0]["text"] and "{{ 7*7 }}" in shown
    assert not any(sign in shown for sign in "\x00\x1b\u202e")


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, two):
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1])
def test_text_has_a_contrast_of_at_least_four_and_a_half(theme):
    blocks = re.findall(r":root \{(.*?)\}", html.asset("style.css"), flags=re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[theme]))
    for paper in ("paper", "panel"):
        for ink in ("ink", "muted", "link", *(name.replace(" ", "-") for name in VERDICTS)):
            assert contrast(colours[ink], colours[paper]) >= 4.5, (ink, paper)
    assert contrast(colours["warn-ink"], colours["warn-page"]) >= 4.5
    assert contrast(colours["muted"], colours["band"]) >= 4.5


def test_the_style_sheet_and_the_figures_agree_on_the_verdicts_colours():
    blocks = re.findall(r":root \{(.*?)\}", html.asset("style.css"), flags=re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in blocks[:2])
    for name, look in VERDICTS.items():
        assert (light[name.replace(" ", "-")], dark[name.replace(" ", "-")]) == (look.colour, look.dark)


def test_a_study_of_one_arm_has_its_curve_and_no_empty_table():
    page = Page(page_of(analyse(build({"baseline": 0.0}, Shape(seeds=2, epochs=2)))))
    assert page.all("svg", role="img")[0]["aria-label"].startswith("Learning curves: baseline")
    assert not [element for element in page.all("table") if element.get("id") in ("verdict-table", "targets")]
