"""The studies of claims and of published tables: a small version of each runs to a report, and what is committed of the large ones follows
from their records."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tomllib

import pandas as pd
import pytest

from benchmarks.data.sources import SOURCES
from dlbench.analysis import analyse
from dlbench.analysis.published import Agreement
from dlbench.app.request import Request, planned
from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.protocol import Settings
from dlbench.execution import driver, inspection
from dlbench.execution.backends.protocol import Backend, Slot, TaskResult
from dlbench.execution.backends.worker import answer
from dlbench.execution.driver import Driver, Options
from dlbench.report import render, render_overview
from dlbench.store.read import read
from dlbench.study import load, plan, shipped
from tests.execution.fakes import Silent
from tests.packaging.pins import ROOT

CLAIMS = [name for name in shipped() if name.startswith("claims/")]
PUBLISHED = [name for name in shipped() if name.startswith("published/")]
STUDIES = CLAIMS + PUBLISHED
REPORTS = ROOT / "reports"
SNIPPET = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "claims.md").read_text(encoding="utf-8"), flags=re.DOTALL)[1]
"""What the documentation tells a reader to do with the records of a study: ``effects(path) -> table``."""
NEEDS = (pytest.mark.slow, pytest.mark.data)


class Inline(Backend):
    """One worker, in this process: it is traced and loaded once for all tests."""

    def __init__(self, worker):
        self.worker, self.slots, self.given = worker, [Slot(ready=True)], None

    def __call__(self, *_):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.slots[0].task, self.slots[0].prepared = None, []

    def submit(self, slot, task, call, timeout_s=None):
        slot.task, self.given = task, call

    def wait(self, seconds):
        slot = self.slots[0]
        if slot.task is None:
            return []
        task, slot.task = slot.task, None
        return [TaskResult(task, *answer(self.worker, *self.given))]


def small(name):
    """The smallest version that has verdicts: 200 examples, three seeds, three steps (in which some schedules have nothing to do yet)."""
    table = tomllib.loads(shipped()[name].read_text(encoding="utf-8"))
    return ("examples=200", "adaptive.looks=[3]" if "adaptive" in table else "seeds=3", "budget.steps=3")


def embedded(name):
    """Whether every arm has its data from the package alone."""
    return all(arm.recipe.data.source == "digits" and arm.recipe.transfer.dataset is None for arm in plan(load(name)).arms)


def effects(path, metric):
    names: dict = {}
    exec(SNIPPET, names)
    return names["effects"](path, metric).set_index("arm")


@pytest.fixture(scope="session")
def worker(tmp_path_factory):
    return KerasEngine(Settings(str(tmp_path_factory.mktemp("cache")), os.environ.get("DLBENCH_DATA_DIR")))


@pytest.fixture
def carried_out(worker, tmp_path, monkeypatch):
    """``carried_out(name)``: the results folder of a small version of a study."""
    def run(name):
        for module in (driver, inspection):
            monkeypatch.setattr(module, "Pool", Inline(worker))
        monkeypatch.setenv("DLBENCH_CACHE_DIR", worker.settings.cache_dir)
        whole, out = planned(Request(name, overrides=tuple(small(name)), data_dir=worker.places.data_dir), print), tmp_path / name
        options = Options(out, f"dlbench run {name}", 1, worker.places.data_dir, worker.settings.cache_dir, rounds=0)
        assert not Driver(whole, options, Silent()).carry_out().failures
        return out

    return run


def test_every_claim_has_a_study():
    numbers = {name.removeprefix("claims/")[:2] for name in CLAIMS}
    assert numbers == ({f"{number:02}" for number in range(1, 13)} if (ROOT / "ablations" / "claims").is_dir() else set())


@pytest.mark.parametrize("name", [pytest.param(name, marks=() if embedded(name) else NEEDS) for name in STUDIES])
def test_a_small_version_runs_to_a_report_whose_verdicts_follow_from_its_records(name, carried_out):
    folder = carried_out(name)
    results = read(folder)
    assert results.complete and not {"uncontrolled", "incomparable"} & set(results.runs.control)
    render(results, folder, ("md", "csv"))
    text = (folder / "report.md").read_text(encoding="utf-8")
    assert f"SHA-256 {_digest(name)}" in text and "data hash: " in text
    told, found = pd.read_csv(folder / "verdicts.csv").set_index("arm"), effects(folder / "runs.csv", results.study["metric"])
    assert len(told) and list(found.index.sort_values()) == list(told.index.sort_values())
    told = told.loc[found.index]
    for column in ("n", "difference"):
        pd.testing.assert_series_equal(found[column], told[column], check_dtype=False, atol=1e-9)
    judged = told["n"] > 1  # new test examples widen the interval over seeds
    assert (told["low"] <= found["low"] + 1e-9)[judged].all() and (told["high"] >= found["high"] - 1e-9)[judged].all()
    page = render_overview({folder.name: analyse(results)}, folder.parent).read_text(encoding="utf-8")
    page = re.sub(r"\\(.)", r"\1", page)
    assert all(f"\n| {arm}" in page for arm, *_ in _verdicts(text)[1:])


@pytest.mark.parametrize("folder", ["claims", "published"])
def test_every_study_is_reported(folder):
    names = [name.removeprefix(f"{folder}/") for name in STUDIES if name.startswith(f"{folder}/")]
    assert names and sorted(path.parent.name for path in (REPORTS / folder).glob("*/report.md")) == names
    page = (REPORTS / folder / "README.md").read_text(encoding="utf-8")
    assert all(f"]({name}/report.md)" in page for name in names)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_difference_is_stated_with_source_place_and_link_and_stands_on_the_page_beside_what_the_records_say(name):
    stated = {entry.name: entry.published for entry in load(name).entries if entry.published}
    head = shipped()[name].read_text(encoding="utf-8").partition("question")[0]
    assert stated and all(told["source"] and told["place"] and told["link"] for told in stated.values())
    assert all(f"# {line}: " in head for line in ("Source", "What differs", "Margin", "Pilot", "Seeds", "Cost"))
    page, found = (REPORTS / "published" / "README.md").read_text(encoding="utf-8"), effects(REPORTS / name / "runs.csv", load(name).metric)
    lines = re.sub(r"\\(.)", r"\1", page).splitlines()
    for arm, told in stated.items():
        start = f"]({name.removeprefix('published/')}/report.md) | {arm} (against "
        (line,) = [line for line in lines if start in line]
        row = found.loc[arm]
        assert _numbers(line.partition("(against ")[2])[:2] == pytest.approx([100 * told["difference"], 100 * row.difference], abs=0.0051)
        assert any(f"| {kind} |" in line for kind in Agreement) and told["link"].rstrip("/") in line


@pytest.mark.parametrize("name", STUDIES)
def test_a_report_is_of_the_study_as_it_is_and_of_data_that_can_be_rebuilt(name):
    text = (REPORTS / name / "report.md").read_text(encoding="utf-8")
    assert f"SHA-256 {_digest(name)}" in text
    (told,) = re.findall(r" data hash: (\w+) ", text)
    assert told == {source.dataset: source.content for source in SOURCES}[plan(load(name)).dataset]
    assert _digest(name)[:16] in (REPORTS / name.partition("/")[0] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", STUDIES)
def test_a_reports_differences_follow_from_the_committed_records_alone_and_its_intervals_hold_those_over_seeds(name):
    folder = REPORTS / name
    found = effects(folder / "runs.csv", load(name).metric)
    scale = 100 if "accuracy" in load(name).metric else 1
    heads, *rows = _verdicts((folder / "report.md").read_text(encoding="utf-8"))
    assert len(rows) == len(found)
    for cells in (dict(zip(heads, row)) for row in rows):
        row = found.loc[cells["Arm"]]
        difference, low, high = _numbers(cells["Difference, pp"] + cells["95 % interval"])
        assert cells["Seeds"].startswith(f"{row.n:.0f} of ")
        assert difference == pytest.approx(scale * row.difference, abs=0.0051), cells["Arm"]
        assert low <= scale * row.low + 0.0051 and high >= scale * row.high - 0.0051, cells["Arm"]


def test_what_is_committed_of_results_is_text_and_pictures():
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("needs a git checkout")
    names = ("README.md", "x/report.md", "x/figures/forest.svg", "x/runs.csv", "x/verdicts.csv", "x/remarks.txt")
    left_out = ("index.html", "x/index.html", "x/results.sqlite", "x/results.sqlite-wal", "x/.lock")
    asked = "\n".join(f"reports/claims/{name}" for name in (*names, *left_out))
    command = ["git", "check-ignore", "--no-index", "--stdin"]
    told = subprocess.run(command, cwd=ROOT, input=asked, capture_output=True, text=True, check=False)
    assert told.stdout.split() == [f"reports/claims/{name}" for name in left_out]


def _digest(name):
    return hashlib.sha256(shipped()[name].read_bytes()).hexdigest()


def _numbers(text):
    return [float(part.replace("−", "-")) for part in re.findall(r"[+−]?\d+\.\d+", text)]


def _verdicts(text):
    """A report's verdict table: the headings, then the cells of each row."""
    head, _, *rows = re.search(r"^## Verdicts\n.*?(^\|.*?)\n\n", text, flags=re.MULTILINE | re.DOTALL)[1].splitlines()
    return [[re.sub(r"\\(.)", r"\1", cell.strip()) for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in (head, *rows)]
