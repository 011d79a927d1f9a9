"""Where results are from that others made: what was taken as what, and how they compare with published values."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.analysis import Analysis
from dlbench.analysis.foreign import Beside, beside_published, how_judged
from dlbench.report.document import Block, Items, Row, Section, Table, Text, columns
from dlbench.report.wording import NOTHING, Unit, difference, interval, level, number, unit_of
from dlbench.stats.method import METHOD


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield what was taken as what, and a table of published values; nothing of a study of dlbench's own."""
    judged = how_judged(analysis.results)
    if judged is None:
        return
    yield Text("These runs were not made by dlbench: it judges their scores, and knows nothing of how they were trained.")
    yield Items(tuple(judged["notes"]))
    if found := beside_published(analysis.results):
        yield _table(found, unit_of(analysis.metric))


def _table(found: list[Beside], unit: Unit) -> Table:
    body = tuple(Row((f"{one.name} ({one.source})" if one.source else one.name, one.arm, _stated(one, unit), level(one.ours, unit),
                      difference(one.difference, unit), interval(one.low, one.high, unit), one.said)) for one in found)
    heads = columns("Published", "Arm", "There", "Here", "Difference", f"{METHOD.confidence} interval", "What can be said",
                    numbers=(2, 3, 4, 5), wide=(0, 6))
    caption = ("Published values beside arms of these results: here minus there, with Welch's interval where sd and n of both are known. "
               "Data, code and evaluation may differ: this compares numbers, not methods.")
    return Table("published", "Published values", caption, heads, body)


def _stated(one: Beside, unit: Unit) -> str:
    spread = NOTHING if one.sd is None else number(one.sd * unit.scale, unit.decimals)
    return f"{level(one.mean, unit)} ± {spread} (n = {one.n or 'unknown'})"


SECTION = Section("foreign", "Where these results are from", build)
