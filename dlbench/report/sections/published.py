"""Published results: what the literature says of an arm's change, beside what this study finds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dlbench.analysis import Analysis
from dlbench.analysis.published import Agreement, published
from dlbench.report.document import Block, Cell, Row, Section, Table, columns
from dlbench.report.wording import difference, interval, unit_of
from dlbench.stats.method import METHOD

TITLE = "Beside what was published"
CAPTION = (
    "Published: the difference as its source has it, on its own data, model and budget. "
    f"{Agreement.SIZE.capitalize()}: the effect is shown here too (or shown not to matter), and its interval holds the published one. "
    f"{Agreement.DIRECTION.capitalize()}: shown, with another size. {Agreement.CONTRADICTED.capitalize()}: the opposite is shown, "
    f"or that an effect of that size is not there. {Agreement.NOT_SHOWN.capitalize()}: this study decides none of these."
)


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield the table of published differences; nothing where the study states none, or has not compared their arms yet."""
    table = published(analysis)
    if len(table):
        heads = columns("Arm", "Published", f"Here [{METHOD.confidence}]", "Agreement", "Source", numbers=(1,), wide=(4,))
        body = tuple(Row(_row(row, analysis), analysis.ids[row.arm]) for row in table.itertuples())
        yield Table(f"published-{analysis.results.study['name']}", TITLE, CAPTION, heads, body, layout="cards")


def _row(row: Any, analysis: Analysis) -> tuple[Cell | str, ...]:
    unit = unit_of(analysis.metric)
    found = Cell(f"{difference(row.difference, unit)} [{interval(row.low, row.high, unit)}]", verdict=row.verdict)
    source = Cell(", ".join(filter(None, (row.source, row.place))), address=row.link.rstrip("/"))
    return Cell(row.arm, f"against {row.reference}"), difference(row.published, unit), found, str(row.agreement), source


SECTION = Section("published", TITLE, build)
