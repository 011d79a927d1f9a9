"""What the README and docs/commands.md say is so."""

from __future__ import annotations

import re

import click
import pytest

from dlbench.cli import COMMANDS, Lazy
from tests.packaging.pins import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
MEASURED = {
    "reports/error_rates.md": (r"worst: 3\.96% false helps or hurts", "at most 4.0 % of studies; n = 10,000"),
    "reports/error_rates.md#kept": (
        r"two of ten help by a margin \| they add up \| 8 \| 3827 \| 0\.7% \| 1\.71 \| 1\.26 ",
        "chosen on 8 seeds they promise 1.71 margins together, and do 1.26; n = 3,827 simulated confirmations, 0.7 % with a false claim"),
    "reports/quickstart/report.md": (r"^(?:\|[^\n]*\| controlled \|\n){15}\n", "15 of 15 arms controlled, n = 8 seeds"),
    "reports/claims/01a_augmentation/report.md": (
        r"article.*−85\.68 .*−87\.52 to −83\.84", "85.7 points of accuracy (83.8 to 87.5), n = 8 seeds"),
    "reports/mnist/report.md": (r"separable.*3 of 3 \| 0\.48× \| 0\.20× \| 0\.50× \(0\.46 to 0\.55\)",
                                "0.20 times the operations, 0.50 times the training time (0.46 to 0.55), n = 3 seeds"),
    "reports/peers.md": (r"digits .*12\.01 \(11\.14 to 12\.69\) \| 3 .*\n.*mnist .*2\.31 \(1\.90 to 2\.34\) \| 3",
                         "12 times as fast as a Keras script (11 to 13), of MNIST 2.3 times (1.9 to 2.3), n = 3 rounds"),
    "reports/decision.md": (
        r"(?s)at least 40 \| 31\.5 .*at least 10 \| 12\.1 .*at least 10 \| 8\.2 ",
        "31.5 times (17.1 to 44.4) on digits, 12.1 times (7.7 to 19.4) and 8.2 times (4.0 to 20.1) on MNIST subsets"),
    "reports/faults.md": (r"(?m)^154 blows in all, and 128 whole studies compared",
                          "154 signals at random moments of studies, Ray among them"),
    "reports/quality_gate.md": (
        r"(?s)20,000 simulated comparisons a row.*rare losses \(exponential\) \| seed by seed \| 1\.0 \| 5\.3 % \|",
        "in at most 5.3 % of comparisons, n = 20,000 simulated a row"),
    "reports/gate.md": (
        r"20 suites, 5 .*no false alarm \| 0 suites.*\n.*found in 18, called suspected in 2;",
        "No false alarm in 20 suites on a half-busy machine, 18 of 20 slowdowns of 10 % found, 2 suspected"),
}
"""Report, and which of its figures where there are several -> what it has, and what the README says of it."""


def test_the_two_commands_stand_at_the_top_and_the_whole_is_short():
    assert re.findall(r"^pip install tox && tox run -e (\w+)", README[:400], flags=re.MULTILINE) == ["quickstart", "tests"]
    assert len(README.splitlines()) <= 60


@pytest.mark.parametrize("report", MEASURED)
def test_its_figures_stand_in_the_reports_that_it_links(report):
    (measured, said), file = MEASURED[report], report.partition("#")[0]
    assert [line for line in README.splitlines() if f"]({file})" in line and line.startswith("|") and said in line]
    assert re.search(measured, (ROOT / file).read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_every_figure_of_the_readme_is_tested():
    rows = [line for line in README.splitlines() if line.startswith("|") and "](reports/" in line]
    assert len(rows) == len(MEASURED)


def test_the_table_has_every_command_and_no_option_that_is_not_there():
    assert re.findall(r"^\| `dlbench (\w+)", GUIDE, flags=re.MULTILINE) == list(COMMANDS)
    group = Lazy()
    commands = [group.get_command(click.Context(group), name) for name in COMMANDS]
    known = {name for command in commands for parameter in command.params for name in parameter.opts}
    assert set(re.findall(r"`(--[a-z-]+)", README + GUIDE)) <= known
    assert set(re.findall(r"^dlbench (\w+) .*  #", README, flags=re.MULTILINE)) <= set(COMMANDS)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_links_lead_to_files(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if not link.startswith("http")]
    assert [link for link in links if not _leads_somewhere(*link.partition("#")[::2])] == []


def _leads_somewhere(file, heading):
    """Whether there is a file, and in it the heading that a link names."""
    if not heading or not (ROOT / file).is_file():
        return (ROOT / file).is_file()
    headings = re.findall(r"^#+ (.+)$", (ROOT / file).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return heading in {re.sub(r"[^\w -]", "", text.lower()).strip().replace(" ", "-") for text in headings}


def test_the_environments_that_pages_and_workflows_name_are_in_tox_ini():
    stated = set(re.findall(r"\[testenv:([\w-]+)\]", (ROOT / "tox.ini").read_text(encoding="utf-8")))
    workflows = "".join(path.read_text(encoding="utf-8") for path in (ROOT / ".github" / "workflows").glob("*.yml"))
    pages = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8") + (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    named = re.findall(r"tox run -e ([\w-]+)", pages + workflows) + re.findall(r"environment: (\w+) }", workflows)
    assert set(named) <= stated
