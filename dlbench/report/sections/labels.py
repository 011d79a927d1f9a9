"""Labels per class: of transfer over several numbers of labels, the score of each way of training, and where it stops paying."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from dlbench.analysis import Analysis
from dlbench.analysis.labels import Way, ways
from dlbench.analysis.scores import scores
from dlbench.report.document import Block, Figure, Section, Text, text_tables
from dlbench.report.figures.means import labelled
from dlbench.report.wording import NOTHING, bare, interval, level, number, unit_of
from dlbench.stats.method import METHOD
from dlbench.values.text import listed, missing, one_line, plural

SCORES = (
    "Mean score by training examples of each class; in brackets the difference to the arm that it is compared with, on the same "
    f"examples, and its {METHOD.confidence} interval over seeds."
)
CURVES = (
    "Mean over the finished runs with one standard deviation. Dotted: where an arm's lead over the arm that it is compared with, on "
    "the same examples, changes sign, interpolated over the logarithm of the labels."
)


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield where each way of training stops paying, the scores, and a figure; nothing for studies on one number of labels."""
    found = ways(analysis)
    counts = sorted({count for way in found for count in way.arms})
    if len(counts) < 2:
        return
    yield from (Text(told) for way in found if (told := crossing(way)))
    rows = [(str(count), *(_cell(analysis, way.arms.get(count)) for way in found)) for count in counts]
    yield from text_tables("Labels per class", ("labels", SCORES, ("Labels a class", *(one_line(way.name, 40) for way in found)), rows))
    table = curves(analysis, found)
    if len(table):
        names = [one_line(name, 40) for name in table["name"].unique()]
        alt = f"Line plot of {table.attrs['metric']} over the labels of each class: {listed(names, most=12)}."
        yield Figure("labels", "Labels per class", CURVES, alt, labelled, (table,), (8.4, 3.6))


def _cell(analysis: Analysis, arm: str | None) -> str:
    if arm is None:
        return NOTHING
    runs, unit = analysis.results.runs, unit_of(analysis.metric)
    score = level(runs.loc[(runs["arm"] == arm) & (runs["status"] == "done"), analysis.metric.name].mean(), unit)
    row = next((row for row in analysis.verdicts.itertuples() if row.arm == arm), None)
    if row is None or missing(row.difference):
        return score
    return f"{score} ({bare(row.difference, unit)} [{interval(row.low, row.high, unit)}])"


def crossing(way: Way) -> str:
    """Say where the gain changes sign.

    Example:
        >>> crossing(Way("frozen", {}, {10: 0.02, 100: -0.02}))
        'frozen: ahead of its reference up to about 32 labels a class.'
    """
    if len(way.gains) < 2:
        return ""
    name, where, (first, *_, last) = one_line(way.name, 40), way.crossings, way.gains
    ahead = way.gains[first] > 0
    if not where:
        return f"{name}: {'' if ahead else 'not '}ahead of its reference at every number of labels, {first} to {last}."
    if len(where) == 1:
        return f"{name}: ahead of its reference {'up to' if ahead else 'from'} about {plural(round(where[0]), 'label')} a class."
    return f"{name}: its lead changes {len(where)} times, at about {listed([number(place, 0) for place in where])} labels a class."


def curves(analysis: Analysis, found: list[Way]) -> pd.DataFrame:
    """Return the table of the figure, in the unit shown: ``name, labels, mean, sd, n, id``; attrs ``metric, unit, crossings`` (by name)."""
    unit = unit_of(analysis.metric)
    known = scores(analysis.results, analysis.metric.name).groupby("arm")["score"].agg(["mean", "std", "count"])
    rows = [(way.name, count, *known.loc[arm, ["mean", "std"]] * unit.scale, known.loc[arm, "count"], analysis.ids[arm])
            for way in found for count, arm in sorted(way.arms.items()) if arm in known.index]
    table = pd.DataFrame(rows, columns=["name", "labels", "mean", "sd", "n", "id"])
    table.attrs = {"metric": analysis.metric.name.replace("_", " "), "unit": unit.level,
                   "crossings": {way.name: way.crossings for way in found}}
    return table


SECTION = Section("labels-per-class", "Labels per class", build)
