"""Effects: every arm's difference with its interval, every seed behind it, and every number behind the verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dlbench.analysis import Analysis
from dlbench.analysis.foreign import unpaired
from dlbench.analysis.interim import is_adaptive
from dlbench.analysis.judge import foremost
from dlbench.report import answers, frames, tested
from dlbench.report.arms import verdict_cell
from dlbench.report.document import Block, Column, Details, Figure, Row, Section, Table, left_out
from dlbench.report.figures import effects as plots
from dlbench.report.wording import count, difference, interval, level, number, probability, unit_of
from dlbench.stats.method import METHOD
from dlbench.values.text import listed, one_line, plural

MOST_DOTS = 700
OF_PAIRS = ("unpaired (Welch) interval", "p, max-T sign-flip", "correlation")
"""Numbers that say nothing of runs that are no pairs."""
WIDTH_IN, HEAD_IN, ROW_IN = 8.4, 1.05, 0.27
"""A figure of one row an arm: its width, and its height without rows and a row."""


def size_in(arms: int) -> tuple[float, float]:
    """Width and height of a figure of so many rows."""
    return WIDTH_IN, HEAD_IN + ROW_IN * arms


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield the forest plot, the plot of every seed, and the statistics."""
    everything = frames.verdicts(analysis)
    if not len(everything):
        return
    table = foremost(everything, frames.MOST_ROWS)
    yield forest(analysis, table, left_out(len(table), len(everything)))
    few = foremost(table, max(MOST_DOTS // max(len(analysis.results.study["seeds"]), 1), 10))
    if len(analysis.pairs):
        yield seeds(analysis, few, left_out(len(few), len(everything)))
    yield Details("Every number behind the verdicts", (_statistics(analysis),))


def forest(analysis: Analysis, table, rest: str) -> Figure:
    """Return the forest plot of the verdicts."""
    unit = unit_of(analysis.metric)
    margin = f"±{number(analysis.margin * unit.scale, unit.decimals)} {unit.short}"
    caption = (
        f"{tested.differences(analysis)}. Thick line: {METHOD.interval}. "
        f"Thin line: {_simultaneous(analysis)}. "
        f"Shaded: the margin of {margin}, below which a difference does not matter to this study. "
        f"{tested.counted(analysis)}. An arrow at the edge: the arm lies beyond the axis; a line that runs to the edge "
        f"goes on.{rest}")
    effects = [f"{one_line(row.arm, 60)} {difference(row.difference, unit)}, {row.verdict}"
               for row in analysis.verdicts.itertuples()]
    alt = f"Forest plot of the difference in {table.attrs['metric']} of each arm. {listed(effects, most=12)}."
    return Figure("forest", "Effect of each change", caption, alt, plots.forest, (table,), size_in(len(table)))


def _simultaneous(analysis: Analysis) -> str:
    if is_adaptive(analysis.results):
        return "the interval that holds for all arms and interim analyses at once (at the boundary of the arm's interim analysis)"
    return f"the interval that holds for {plural(len(analysis.verdicts), 'arm')} at once ({METHOD.simultaneous})"


def seeds(analysis: Analysis, table, rest: str) -> Figure:
    """Return the plot of every seed's difference."""
    dots = frames.pairs(analysis, table)
    caption = (
        "One dot a seed; the upright bar is their mean; dots of nearly equal value are drawn one above the other. "
        f"{len(dots)} pairs in all.{rest}")
    alt = (f"Dot plot of the paired difference in {table.attrs['metric']} of every seed, one row an arm; the table of runs holds the "
           "numbers.")
    return Figure("seeds", "Every seed", caption, alt, plots.seeds, (dots,), size_in(len(table)))


def _statistics(analysis: Analysis) -> Table:
    every = [_numbers(row, analysis) for row in analysis.verdicts.itertuples()]
    heads = (Column("Arm"), Column("Verdict"), *(Column(name, "number") for name in every[0]), Column("Why", "wide"))
    caption = (f"The verdict follows from the {tested.test(analysis)} (helps, hurts) and equivalence (no meaningful effect) tests at "
               f"{METHOD.error}, p {answers.adjustment(analysis)}. The other columns stand beside it and decide nothing.")
    body = tuple(Row((row.arm, verdict_cell(row.verdict), *numbers.values(), row.reason), row.id)
                 for row, numbers in zip(analysis.verdicts.itertuples(), every))
    return Table("statistics", "Statistics", caption, heads, body)


def _numbers(row: Any, analysis: Analysis) -> dict[str, str]:
    """Return every number behind a verdict, header -> text; those that only pairs have are left out where there are none."""
    return {name: text for name, text in _every_number(row, analysis).items() if not (unpaired(analysis.results) and name in OF_PAIRS)}


def _every_number(row: Any, analysis: Analysis) -> dict[str, str]:
    unit = unit_of(analysis.metric)
    return {
        "mean": level(row.mean, unit),
        "reference mean": level(row.reference_mean, unit),
        f"{METHOD.confidence} interval": interval(row.low, row.high, unit),
        "simultaneous interval": interval(row.simultaneous_low, row.simultaneous_high, unit),
        "unpaired (Welch) interval": interval(row.welch_low, row.welch_high, unit),
        "Hodges-Lehmann": difference(row.hodges_lehmann, unit),
        f"p, {tested.test(analysis)}": probability(row.p),
        "p, adjusted": probability(row.p_adjusted),
        "p, max-T sign-flip": probability(row.p_signflip),
        "p, equivalence, adjusted": probability(row.p_tost_adjusted),
        "effect size d" if unpaired(analysis.results) else "effect size d_z": number(row.effect_size),
        "P(better)": number(row.probability_better),
        "correlation": number(row.correlation),
        "seeds needed": count(row.seeds_needed),
    }


SECTION = Section("effects", "Effects", build)
