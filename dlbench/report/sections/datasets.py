"""Across datasets: what holds over all datasets of a study, beside what holds on each."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.analysis import Analysis
from dlbench.report import datasets, figures
from dlbench.report.document import Block, Figure, Section, left_out
from dlbench.report.figures.canvas import PANEL
from dlbench.report.textual import blocks
from dlbench.stats.method import METHOD
from dlbench.values.text import listed, one_line

PROFILES = (
    "Share of all runs on all datasets whose score is better than the one below it. Colour: the arm; grey and dashed: its "
    f"reference; bands: {METHOD.confidence}, stratified bootstrap; n: seeds times datasets. A curve above and to the right is better; "
    "where two "
    "cross, neither arm is better throughout."
)


def build(analysis: Analysis) -> Iterator[Block]:
    """Aggregates, ranks and verdicts by dataset, and performance profiles; nothing for a study on one dataset."""
    return blocks(datasets.section(analysis), plots(analysis))


def plots(analysis: Analysis) -> Iterator[Figure]:
    """Each arm's performance profile beside its reference's."""
    tables = datasets.profiles(analysis)
    if tables:
        names = [one_line(table.attrs["arm"], 40) for table in tables]
        caption = PROFILES + left_out(len(tables), len(analysis.verdicts))
        yield Figure("profiles", "Performance profiles", caption, f"Performance profiles of {listed(names, most=12)}.", figures.profile,
                     tables, PANEL, 3)


SECTION = Section("datasets", "Across datasets", build)
