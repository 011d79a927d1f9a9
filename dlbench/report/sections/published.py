"""Published results: what the literature says of an arm's change, beside what this study finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from dlbench.analysis import Analysis
from dlbench.analysis.published import Agreement, published
from dlbench.report.document import Block, Cell, Row, Section, Table, columns
from dlbench.report.wording import difference, interval, unit_of
from dlbench.stats.method import METHOD

TITLE = "Beside what was published"
HEADS = ("Arm", "Published", f"Here [{METHOD.confidence}]", "Agreement", "Source")
CAPTION = (
    "Published: the difference as its source has it, on its own data, model and budget. "
    f"{Agreement.SIZE.capitalize()}: the effect is shown here too (or shown not to matter), and its interval holds the published one. "
    f"{Agreement.DIRECTION.capitalize()}: shown, with another size. {Agreement.CONTRADICTED.capitalize()}: the opposite is shown, "
    f"or that an effect of that size is not there. {Agreement.NOT_SHOWN.capitalize()}: this study decides none of these."
)


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield the table of published differences; nothing where the study states none, or has not compared their arms yet."""
    body = tuple(Row(_cells(row, analysis), analysis.ids[row.arm]) for row in published(analysis).itertuples())
    if body:
        yield Table(f"published-{analysis.results.study['name']}", TITLE, CAPTION, columns(*HEADS, numbers=(1,), wide=(4,)), body,
                    layout="cards")


def over(studies: Mapping[str, Analysis]) -> Iterator[Block]:
    """Yield one table of the published differences of a folder of studies; nothing where none states any.

    Args:
        studies: a study's folder -> its analysis.
    """
    body = tuple(Row((Cell(folder, address=f"{quote(folder)}/"), *_cells(row, analysis)))
                 for folder, analysis in studies.items() for row in published(analysis).itertuples())
    if body:
        yield Table("published", TITLE, CAPTION, columns("Study", *HEADS, numbers=(2,), wide=(5,)), body, layout="cards")


def _cells(row: Any, analysis: Analysis) -> tuple[Cell | str, ...]:
    unit = unit_of(analysis.metric)
    found = Cell(f"{difference(row.difference, unit)} [{interval(row.low, row.high, unit)}]", verdict=row.verdict)
    source = Cell(", ".join(filter(None, (row.source, row.place))), address=row.link.rstrip("/"))
    return Cell(row.arm, f"against {row.reference}"), difference(row.published, unit), found, str(row.agreement), source


SECTION = Section("published", TITLE, build)
