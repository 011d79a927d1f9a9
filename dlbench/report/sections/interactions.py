"""Interactions: what each factor does averaged over the others, and which pairs do more, or less, than their sum."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.analysis import Analysis
from dlbench.report import figures, frames, interactions
from dlbench.report.document import Block, Figure, Row, Section, Table, Text, columns
from dlbench.report.figures.canvas import PANEL
from dlbench.report.sections.effects import size_in
from dlbench.report.wording import number, unit_of
from dlbench.stats.method import METHOD
from dlbench.values.text import listed, one_line

TERMS = (
    "A factor's effect: mean with it on minus off, averaged over the others. An interaction (×): half the difference "
    f"between the effects of one factor with the other on and off. Line: {METHOD.confidence} interval from least squares with seeds "
    f"as blocks; n: runs used. Coloured triangles: {METHOD.adjusted} p below {METHOD.alpha:g}."
)
PAIRS = (
    "Mean over the finished runs with one standard deviation. Lines that run side by side: the two factors do not "
    "interact. The strongest come first."
)


def build(analysis: Analysis) -> Iterator[Block]:
    """What was run, the effects as a figure and a table, and the strongest pairs; nothing for a study without factors."""
    yield from fraction(analysis)
    yield from plots(analysis)
    yield from table(analysis)


def fraction(analysis: Analysis) -> Iterator[Text]:
    """What a fraction of the combinations cannot tell apart, and why there are no effects where there are none."""
    found = interactions.content(analysis)
    if found and found["fraction"]:
        yield Text(found["fraction"])
    if found and found["note"]:
        yield Text(f"No effects of factors yet: {found['note']}.")


def plots(analysis: Analysis) -> Iterator[Figure]:
    """The effect of every factor and pair of factors, and the strongest pairs one by one."""
    found = analysis.factors
    if found is None or not len(found.effects):
        return
    terms, metric = interactions.terms(found, analysis), analysis.metric.name.replace("_", " ")
    terms.attrs = frames.attrs(analysis) | {"title": "Factors and their interactions", "axis": f"effect on {metric}"}
    effects = [f"{one_line(row.arm, 60)} {number(row.difference, 2, sign=True)}" for row in terms.itertuples()]
    alt = f"Forest plot of the effects in {unit_of(analysis.metric).difference}. {listed(effects, most=12)}."
    yield Figure("terms", "Factors and interactions", TERMS, alt, figures.forest, (terms,), size_in(len(terms)))
    pairs = interactions.pairs(found, analysis)
    if pairs:
        names = [" × ".join(one_line(name, 40) for name in pair.attrs["names"]) for pair in pairs]
        yield Figure("interaction", "Pairs", PAIRS, f"Interaction plots of {listed(names, most=12)}.", figures.interaction, pairs, PANEL, 3)


def table(analysis: Analysis) -> Iterator[Table]:
    """The effects as a table; nothing where there are none."""
    found = interactions.content(analysis)
    if found is None or not found["rows"]:
        return
    unit = unit_of(analysis.metric)
    names = ["term", "effect", "interval", "p", *(["aliases"] if found["aliased"] else [])]
    heads = columns("Factor or pair", f"Effect, {unit.short}", f"{METHOD.confidence} interval", "p", "Cannot be told from",
                    numbers=(1, 2, 3), wide=[4])
    caption = (f"Effects on {analysis.metric.name.replace('_', ' ')} in {unit.difference}; p: {METHOD.adjusted} over the "
               f"{len(found['rows'])} rows.")
    body = tuple(Row(tuple(row[name] for name in names)) for row in found["rows"])
    yield Table("factors", "Factors and interactions", caption, heads[: len(names)], body)


SECTION = Section("interactions", "Interactions", build)
