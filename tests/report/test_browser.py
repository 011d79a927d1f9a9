"""The page in a real browser: sort, filter, isolate, hover, copy, narrow screens, no network, no script needed, accessible."""

import re
import shutil
import time

import pytest

from dlbench.analysis import analyse
from dlbench.analysis.comparison import compare_results
from dlbench.report import html, render, render_index
from dlbench.report.comparison import render as render_comparison
from dlbench.report.study import study_document
from tests.report.conftest import Shape, build, fail, page_of, without_runs
from tests.report.test_comparison_page import changed, side
from tests.report.test_examples import painted, pictured, said
from tests.selection import mostly_slow

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
FLAGS = [f"--{name}" for name in ("no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
                                  "disable-component-update", "disable-sync")]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield made
        made.close()


@pytest.fixture(scope="module")
def url(page_text, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(page_text)
    return path.as_uri()


@pytest.fixture
def open_page(browser):
    """Open pages; fail on a console error or a request for anything but the page."""
    wrong, contexts = [], []

    def visit(url, **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: None if request.url.split("#")[0] in (url, "data:,") else wrong.append(request.url))
        page.goto(url)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not wrong


def serious(page):
    """What axe-core calls serious or critical."""
    found = axe.Axe().run(page).response["violations"]
    return [(rule["id"], rule["nodes"][0]["html"][:160]) for rule in found if rule["impact"] in ("serious", "critical")]


def column(page, name, table="#verdict-table"):
    position = [text.strip() for text in page.locator(f"{table} thead th").all_inner_texts()]
    index = next(i for i, text in enumerate(position) if text.startswith(name))
    return [cell.get_attribute("data-value") for cell in page.locator(f"{table} tbody tr :nth-child({index + 1})").all()
            if cell.get_attribute("data-value") is not None]  # fmt: skip


def test_a_header_sorts_by_its_column_and_back(open_page, url):
    page = open_page(url)
    header = page.locator("#verdict-table thead th", has_text="Difference")
    for direction, backwards in (("descending", True), ("ascending", False)):
        header.locator("button").click()
        assert header.get_attribute("aria-sort") == direction
        values = [float(value) for value in column(page, "Difference") if value]
        assert len(values) == 8 and values == sorted(values, reverse=backwards)


@pytest.mark.slow
def test_sorting_works_by_keyboard(open_page, url):
    page = open_page(url)
    page.locator("#verdict-table thead th button", has_text="Arm").focus()
    page.keyboard.press("Enter")
    names = column(page, "Arm")
    assert names == sorted(names, key=str.lower)


def test_filters_hide_rows_and_say_how_many_are_left(open_page, url):
    page = open_page(url)
    box = page.locator(".filters[data-for=verdict-table]")
    box.locator("input[value=hurts]").check()
    shown = page.locator("#verdict-table tbody tr:visible")
    assert {row.get_attribute("data-verdict") for row in shown.all()} == {"hurts"}
    assert box.locator("output").inner_text() == f"{shown.count()} of 8 shown"
    box.locator("input[type=search]").fill("l1 strength")
    assert shown.count() == 1


def test_an_arm_is_isolated_everywhere_and_let_go(open_page, url):
    page = open_page(url)
    page.get_by_role("button", name="separable_conv", exact=True).first.click()
    assert page.locator(".panels li:visible").count() == page.locator(".panels").count()
    assert page.locator("#chosen").inner_text().startswith("Only separable_conv")
    dimmed = page.locator("#figure-forest svg [data-arm]:not(.on)").first
    assert float(dimmed.evaluate("element => getComputedStyle(element).opacity")) < 0.5
    page.keyboard.press("Escape")
    assert page.locator("#chosen").is_hidden()
    assert page.locator(".panels li:visible").count() > 8


def test_hovering_shows_the_numbers_behind_a_mark(open_page, url, drawn):
    page = open_page(url)
    table = drawn[0].verdicts.set_index("arm")
    mark = page.locator("#figure-forest svg [data-tip^='l1 strength=0.01']").last
    mark.scroll_into_view_if_needed()
    mark.hover(force=True)
    expected = f"{table.loc['l1 strength=0.01', 'difference'] * 100:+.2f}".replace("-", "−")
    assert expected in page.locator("#tip").inner_text()


def test_the_plot_in_a_row_tells_its_numbers_too(open_page, url, drawn):
    page = open_page(url)
    table = drawn[0].verdicts.set_index("arm")
    plot = page.locator("#verdict-table td.plot svg[data-tip^='l1 strength=0.01']")
    plot.scroll_into_view_if_needed()
    plot.hover(force=True)
    expected = f"{table.loc['l1 strength=0.01', 'difference'] * 100:+.2f}".replace("-", "−")
    assert expected in page.locator("#tip").inner_text() and "8 of 8 seeds" in page.locator("#tip").inner_text()


def test_the_numbers_in_every_forest_tip_are_the_stores(open_page, url, results):
    page, scores = open_page(url), fail(results, "separable_conv", [2]).runs.pivot(index="seed", columns="arm", values="test_accuracy")
    reference = dict(zip(results.arms["arm"], results.arms["reference"]))
    tips = [mark.get_attribute("data-tip") for mark in page.locator("#figure-forest [data-tip]").all()]
    told = {tip.partition(": ")[0]: tip for tip in tips if ": " in tip and "[" in tip}
    assert len(told) == 8
    for arm, tip in told.items():
        found = float(re.search(r", ([+−]?[\d.]+) \[", tip)[1].replace("−", "-"))
        assert found == pytest.approx((scores[arm] - scores[reference[arm]]).mean() * 100, abs=0.0051)


def test_sections_are_reached_by_their_tabs_and_the_one_that_is_read_is_marked(open_page, url):
    page = open_page(url, reduced_motion="reduce")
    tabs = page.locator("nav a")
    for name in ("Controls", "Effects", "Answer"):
        tabs.get_by_text(name, exact=True).click()
        page.wait_for_function("name => document.querySelector('nav a[aria-current]')?.textContent === name", arg=name)
        assert page.locator("nav a[aria-current]").count() == 1
        top = page.locator(f"#{name.lower()} h2").bounding_box()["y"]
        assert 0 <= top < 450, name


def test_tabs_work_by_keyboard(open_page, url):
    page = open_page(url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the answer"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#verdicts"


def test_a_chosen_arm_is_told_to_screen_readers_and_let_go_by_the_keyboard(open_page, url):
    page = open_page(url)
    button = page.locator("#verdict-table button.arm", has_text="separable_conv")
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "true" and page.locator("#chosen[role=status]").is_visible()
    assert page.locator(".answers li.on").count() == 1 and page.locator("#run-table tr.on").count() == 8
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "false" and page.locator(".on").count() == 0


def test_runs_are_found_by_arm_status_and_hash(open_page, url, results):
    page = open_page(url)
    box, shown = page.locator(".filters[data-for=run-table]"), page.locator("#run-table tbody tr:visible")
    box.locator("input[value=diverged]").check()
    assert shown.count() == 1 and "loss is not finite" in shown.inner_text()
    box.locator("input[value=diverged]").uncheck()
    wanted = results.runs.iloc[12]
    box.locator("input[type=search]").fill(wanted["hash_weights"][:8])
    assert shown.count() == 1 and wanted["run_id"] in shown.inner_text()


@pytest.fixture(scope="module")
def others(tmp_path_factory, page_text):
    """Pages of other kinds: a factorial study, one with pictures, a comparison, an index, one that still runs."""
    folder = tmp_path_factory.mktemp("others")
    small = build({"baseline": 0.0, "a": 0.02, "b": 0.0, "a + b": 0.05}, Shape(seeds=4, epochs=3), design="factorial")
    one = side("A", small)
    two = side("B", changed(small, "a", -0.03))
    (folder / "answers").mkdir()
    made = {
        "pictures": page_of(pictured(folder / "answers", said(), painted())),
        "factorial": page_of(analyse(small)),
        "comparison": render_comparison(compare_results(one, two), one, two, "dlbench compare A B --format html"),
        "partial": html.render(study_document(analyse(without_runs(small, "a", (1, 2)))), reload_s=600),
    }
    analysed = analyse(small)
    render_index({"one": analysed, "two": analysed}, folder)
    for name, text in made.items():
        (folder / f"{name}.html").write_text(text)
    return {path.stem: path.as_uri() for path in folder.glob("*.html")}


KINDS = ("pictures", "factorial", "comparison", "partial", "index")


@pytest.mark.parametrize("kind", mostly_slow(KINDS, "pictures", "factorial", "comparison"))
@pytest.mark.parametrize("scheme", mostly_slow(("light", "dark"), "light"))
def test_pages_of_every_kind_are_sound(open_page, others, kind, scheme):
    page = open_page(others[kind], color_scheme=scheme, bypass_csp=True, viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not serious(page)


def test_isolating_an_arm_of_a_factorial_study_keeps_its_points_alone(open_page, others):
    page = open_page(others["factorial"])
    page.locator("#verdict-table button.arm", has_text="a + b").click()
    assert page.locator("#figure-interaction [data-arm].on").count() == 2
    assert page.locator("#figure-interaction [data-arm]:not(.on)").count() == 6


def test_pictures_are_shown_as_they_are_and_tell_what_was_said_of_them(open_page, others):
    page = open_page(others["pictures"])
    assert page.locator("#panels-turned image").count() > 4
    assert page.locator("#panels-turned image").first.evaluate("image => image.getBoundingClientRect().width") > 20
    mark = page.locator("#panels-turned [data-tip^='test example 5,']").first
    mark.scroll_into_view_if_needed()
    mark.hover(force=True)
    assert "true class" in page.locator("#tip").inner_text() and "of 4 seeds" in page.locator("#tip").inner_text()


def test_a_comparison_is_sorted_and_filtered_like_a_report(open_page, others):
    page = open_page(others["comparison"])
    page.locator(".filters input[value=hurts]").check()
    assert page.locator("#verdict-table tbody tr:visible").count() == 1
    assert "worse in B: a" in page.locator(".lead").inner_text()


def test_a_page_that_follows_a_run_says_how_far_it_is(open_page, others):
    page = open_page(others["partial"])
    assert page.title().startswith("(partial)") and page.locator(".badge").is_visible()
    assert page.locator("progress").evaluate("bar => [bar.value, bar.max]") == [14, 16]


@pytest.mark.parametrize("width", [390, pytest.param(768, marks=pytest.mark.slow), 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_scrolls_sideways(open_page, url, width, scheme):
    page = open_page(url, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    background = {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 24, 28)"}[scheme]
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == background


def test_without_a_script_everything_is_there(open_page, url):
    page = open_page(url, java_script_enabled=False)
    assert page.locator("#verdict-table tbody tr").count() == 8
    assert page.locator(".filters").first.is_hidden()
    assert page.locator("#run-table tbody tr").count() == 80
    assert page.locator("#figure-forest svg").is_visible()


@pytest.mark.parametrize("scheme", mostly_slow(("light", "dark"), "light"))
def test_axe_finds_nothing_serious(open_page, url, scheme):
    assert not serious(open_page(url, color_scheme=scheme, bypass_csp=True))


def test_hostile_text_runs_nothing(open_page, hostile_text, tmp_path):
    (tmp_path / "index.html").write_text(hostile_text)
    page = open_page((tmp_path / "index.html").as_uri())
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.get_by_role("button", name="<script>alert(1)</script>", exact=True).first.click()
    assert page.locator("#chosen").inner_text().startswith("Only <script>alert(1)</script>")


@pytest.mark.slow
def test_five_hundred_arms_open_in_three_seconds(open_page, tmp_path):
    results = build({"baseline": 0.0, **{f"arm {index}": 0.0001 * index for index in range(499)}}, Shape(seeds=20, epochs=20))
    begun = time.perf_counter()
    path = render(results, tmp_path, ["html"])[0]
    assert time.perf_counter() - begun < 60
    assert path.stat().st_size < 10_000_000
    page = open_page(path.as_uri())
    assert page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") < 3000
