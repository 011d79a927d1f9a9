"""Test-set noise: what a difference is worth on new test examples too, and which classes it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dlbench.analysis import Analysis
from dlbench.analysis.noise import Noise, on_this_set, shown_classes
from dlbench.report.document import Block, Heading, Row, Section, Table, columns, named
from dlbench.report.wording import NOTHING, Unit, bare, interval, number, unit_of
from dlbench.stats.method import METHOD
from dlbench.values.scope import Scope
from dlbench.values.text import missing


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield the table of intervals and the table of classes; nothing where no answers were kept."""
    found, unit = analysis.noise, unit_of(analysis.metric)
    if found is None:
        return
    heads = columns("Arm", "Seeds × examples", f"Difference, {unit.short}", "Over seeds", "Over seeds and test examples", "Resampled",
                    numbers=range(1, 6))
    body = tuple(Row((row.arm, f"{row.n} × {row.examples:,}", bare(row.difference, unit), interval(row.low, row.high, unit),
                      interval(row.crossed_low, row.crossed_high, unit), interval(row.resampled_low, row.resampled_high, unit)),
                     analysis.ids[row.arm]) for row in found.arms.itertuples())
    if body:
        yield Table("noise", "Test-set noise", _caption(found, unit, analysis.scope), heads, body)
    if len(found.classes):
        yield Heading("Differences by class")
        yield _classes(found, analysis)


def _caption(found: Noise, unit: Unit, scope: Scope) -> str:
    names = on_this_set(found)
    alone = f" Shown on this test set, but not beyond it: {named(names, most=8)}." if names else ""
    left = f" Shown: the {len(found.arms)} of {found.of} arms that differ most." if len(found.arms) < found.of else ""
    return (f"{METHOD.confidence} intervals of the difference in {unit.difference}: over new seeds on this very test set, and over new "
            "seeds and new test examples together, by a t interval on both (the one to quote) and by resampling both. The verdict rests on "
            f"the {'second' if scope == Scope.NEW_DATA else 'first'}.{alone}{left}")


def _classes(found: Noise, analysis: Analysis) -> Table:
    """Return one row an arm, one column a shown class; an asterisk where the adjusted p is below α."""
    labels, unit, of = shown_classes(found), unit_of(analysis.metric), found.classes["label"].nunique()
    cells = {(row.arm, row.label): _cell(row, unit) for row in found.classes.itertuples()}
    body = tuple(Row((arm, *(cells.get((arm, label), NOTHING) for label in labels)), analysis.ids[arm])
                 for arm in found.classes["arm"].unique())
    some = f" Shown: {len(labels)} of {of} classes, those in which the arms differ most." if len(labels) < of else ""
    caption = (f"Difference in {unit.difference} on the test examples of each class of the arm's task, counted from 0. Asterisk: p below "
               f"{METHOD.alpha:g} over seeds and test examples, {METHOD.adjusted} over the classes of the arm; not part of the verdicts' "
               f"family.{some}")
    heads = columns("Arm", *map(str, labels), numbers=range(1, len(labels) + 1))
    return Table("classes", "Differences by class", caption, heads, body)


def _cell(row: Any, unit: Unit) -> str:
    sure = not missing(row.p_adjusted) and row.p_adjusted < METHOD.alpha
    return number(row.difference * unit.scale, 1, sign=True) + ("*" if sure else "")


SECTION = Section("test-set-noise", "Test-set noise", build)
