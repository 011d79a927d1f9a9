"""Controls: what was proven identical between an arm and its reference."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.analysis import Analysis
from dlbench.report.document import Block, Cell, Row, Section, Table, Text, columns

CAPTION = (
    "Whether data, split, example order, evaluation data and initial weights, but for what an arm declares to change, were proven "
    "identical to its reference's run of the same seed, by hashes of what the training loop consumed."
)


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield the control of each compared arm, with its reason."""
    if not len(analysis.verdicts):
        yield Text("Nothing is compared, so there is nothing to control.")
        return
    body = tuple(Row((row.arm, Cell(row.control, state=row.control), row.control_text, row.changed, row.reference), row.id)
                 for row in analysis.verdicts.itertuples())
    heads = columns("Arm", "Control", "Why", "Changed", "Reference", wide=(2, 3))
    yield Table("controls-table", "Controls", CAPTION, heads, body)


SECTION = Section("controls", "Controls", build)
