"""Test-set noise: what a difference is worth on new test examples too, and which classes it comes from."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.analysis import Analysis
from dlbench.report import noise
from dlbench.report.document import Block, Heading, Row, Section, Table, columns
from dlbench.report.wording import unit_of


def build(analysis: Analysis) -> Iterator[Block]:
    """The table of intervals and the table of classes; nothing where no answers were kept."""
    found = noise.content(analysis)
    if found is None:
        return
    heads = columns("Arm", "Seeds × examples", f"Difference, {unit_of(analysis.metric).short}", "Over seeds",
                    "Over seeds and test examples", "Resampled", numbers=range(1, 6))
    names = ("arm", "examples", "difference", "seeds", "crossed", "resampled")
    body = tuple(Row(tuple(row[name] for name in names), row["id"]) for row in found["rows"])
    yield Table("noise", "Test-set noise", found["captions"]["arms"], heads, body)
    if found["classes"]:
        yield Heading("Differences by class")
        heads = columns("Arm", *map(str, found["labels"]), numbers=range(1, len(found["labels"]) + 1))
        body = tuple(Row((row["arm"], *row["cells"]), row["id"]) for row in found["classes"])
        yield Table("classes", "Differences by class", found["captions"]["classes"], heads, body)


SECTION = Section("test-set-noise", "Test-set noise", build)
