"""The study's other metrics: their verdicts, which follow those of the first metric by gatekeeping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dlbench.analysis import Analysis
from dlbench.report import answers
from dlbench.report.document import Block, Heading, Section, Text
from dlbench.report.sections.verdicts import paper_table
from dlbench.stats.method import METHOD

GATES = (
    "The first metric decides; the others follow by gatekeeping, all arms and metrics being one family. An arm's verdict on a metric takes "
    "one of the same kind, a difference or its absence, on the metrics before it; what it does not use of alpha goes to the other arms."
)


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield an answer and a table for each metric after the first; nothing of a study with one metric."""
    if not analysis.further:
        return
    yield Text(GATES)
    for position, one in enumerate(analysis.further, 2):
        name = one.metric.name.replace("_", " ")
        yield Heading(f"{position}. {name[:1].upper()}{name[1:]}")
        yield Text(answers.answer(one))
        caption = (f"Difference to the reference with its {METHOD.interval}; p: {METHOD.test.short}, {answers.adjustment(one)}. "
                   f"{answers.claim(one)}")
        yield replace(paper_table(one), name=f"verdicts-{one.metric.name}", title=f"Verdicts on {name}", caption=caption, usage="",
                      layout="", filtered="", kinds=(), axis=None)


SECTION = Section("metrics", "Other metrics", build)
