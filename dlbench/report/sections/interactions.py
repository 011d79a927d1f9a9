"""Interactions: what each factor does averaged over the others, and which pairs do more, or less, than their sum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from dlbench.analysis import Analysis
from dlbench.analysis.factors import Factors, arms_with, pair_means, strongest
from dlbench.report import frames
from dlbench.report.answers import term_name
from dlbench.report.document import Block, Figure, Row, Section, Table, Text, columns
from dlbench.report.figures.canvas import PANEL
from dlbench.report.figures.effects import forest
from dlbench.report.figures.means import interaction
from dlbench.report.sections.effects import size_in
from dlbench.report.wording import bare, interval, number, probability, unit_of
from dlbench.stats.method import METHOD
from dlbench.values.text import listed, one_line

MOST_PAIRS = 6
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
    """Yield what was run, the effects as a figure and a table, and the strongest pairs; nothing for a study without factors."""
    found = analysis.factors
    if found is None:
        return
    if told := _fraction(analysis, found):
        yield Text(told)
    if found.note:
        yield Text(f"No effects of factors yet: {found.note}.")
    if len(found.effects):
        yield from plots(analysis, found)
        yield table(analysis, found)


def _fraction(analysis: Analysis, found: Factors) -> str:
    """Say what a fraction of the combinations cannot tell apart; nothing for other designs."""
    study = analysis.results.study
    if study["design"] != "fractional":
        return ""
    told = (f"A fraction of resolution {study['resolution']}: {len(study['factors'])} of {2 ** len(found.factors)} combinations of "
            f"{len(found.factors)} factors.")
    if not study["aliases"]:
        return f"{told} All factors and pairs of factors can be told apart."
    return f"{told} It cannot tell apart: {'; '.join(study['aliases'])}. An effect below is that of its whole set."


def plots(analysis: Analysis, found: Factors) -> Iterator[Figure]:
    """Yield the effect of every factor and pair of factors, and the strongest pairs one by one."""
    shown = terms(found, analysis)
    effects = [f"{one_line(row.arm, 60)} {number(row.difference, 2, sign=True)}" for row in shown.itertuples()]
    alt = f"Forest plot of the effects in {unit_of(analysis.metric).difference}. {listed(effects, most=12)}."
    yield Figure("terms", "Factors and interactions", TERMS, alt, forest, (shown,), size_in(len(shown)))
    if drawn := pairs(found, analysis):
        names = [" × ".join(one_line(name, 40) for name in pair.attrs["names"]) for pair in drawn]
        yield Figure("interaction", "Pairs", PAIRS, f"Interaction plots of {listed(names, most=12)}.", interaction, drawn, PANEL, 3)


def terms(found: Factors, analysis: Analysis) -> pd.DataFrame:
    """Return the effects as a table for the forest plot, in the unit shown: main effects first."""
    table, scale, up = found.effects, unit_of(analysis.metric).scale, 1 if analysis.metric.higher_is_better else -1
    sure = np.where(table["effect"] * up > 0, "helps", "hurts")
    shown = pd.DataFrame({
        "id": [_ids(analysis, arms_with(found, term)) for term in table["term"]],
        "arm": [term_name(term, found.factors) for term in table["term"]],
        "reference": np.where(table["term"].str.contains(":"), "interactions", "factors"),
        "difference": table["effect"] * scale, "low": table["low"] * scale, "high": table["high"] * scale,
        "simultaneous_low": np.nan, "simultaneous_high": np.nan, "n": table["n"], "planned": table["n"],
        "verdict": np.where(table["p_adjusted"] < METHOD.alpha, sure, "inconclusive"), "p": table["p_adjusted"]})
    axis = f"effect on {analysis.metric.name.replace('_', ' ')}"
    shown.attrs = frames.attrs(analysis) | {"title": "Factors and their interactions", "axis": axis}
    return shown


def pairs(found: Factors, analysis: Analysis) -> list[pd.DataFrame]:
    """Return the tables of the strongest interactions, in the unit shown; ``id`` holds the arms behind each mean."""
    unit, made = unit_of(analysis.metric), []
    for pair in strongest(found, MOST_PAIRS):
        means = pair_means(found, pair)
        table = means.assign(id=[_ids(analysis, arms) for arms in means["arms"]])
        table[["mean", "sd"]] *= unit.scale
        names = tuple(term_name(factor, found.factors) for factor in pair)
        table.attrs = {"names": names, "unit": unit.level, "metric": analysis.metric.name.replace("_", " ")}
        made.append(table)
    return made


def _ids(analysis: Analysis, arms: Iterable[str]) -> str:
    return " ".join(str(analysis.ids[arm]) for arm in arms)


def table(analysis: Analysis, found: Factors) -> Table:
    """Return the effects as a table; the last column stands there where terms have aliases."""
    unit, aliased = unit_of(analysis.metric), found.effects["aliases"].astype(bool).any()
    heads = columns("Factor or pair", f"Effect, {unit.short}", f"{METHOD.confidence} interval", "p",
                    *(["Cannot be told from"] if aliased else []), numbers=(1, 2, 3), wide=[4])
    caption = (f"Effects on {analysis.metric.name.replace('_', ' ')} in {unit.difference}; p: {METHOD.adjusted} over the "
               f"{len(found.effects)} rows.")
    body = tuple(Row((term_name(row.term, found.factors), bare(row.effect, unit), interval(row.low, row.high, unit),
                      probability(row.p_adjusted), *([_aliases(row.aliases, found.factors)] if aliased else [])))
                 for row in found.effects.itertuples())
    return Table("factors", "Factors and interactions", caption, heads, body)


def _aliases(text: str, factors: tuple[str, ...]) -> str:
    return ", ".join(term_name(term, factors) for term in text.split(" = ") if term)


SECTION = Section("interactions", "Interactions", build)
