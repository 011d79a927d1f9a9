"""Transfer over the number of labels: scores and differences by labels per class, and where a mode stops paying."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from dlbench.analysis import Analysis
from dlbench.analysis.scores import scores
from dlbench.report.textual import Section, Table
from dlbench.report.wording import NOTHING, bare, interval, level, number, unit_of
from dlbench.stats.method import METHOD
from dlbench.values.text import listed, missing, one_line, plural

LABELS = "data.labels_per_class"
CAPTION = (
    "Mean score by training examples of each class; in brackets the difference to the arm that it is compared with, on the same "
    f"examples, and its {METHOD.confidence} interval over seeds."
)


def section(analysis: Analysis) -> Section | None:
    """The scores by labels per class; None where no arm was run on at least two numbers of labels."""
    groups = _groups(analysis)
    counts = sorted({labels for group in groups.values() for labels in group})
    if not groups or len(counts) < 2:
        return None
    rows = tuple((str(count), *(_cell(analysis, group.get(count)) for group in groups.values())) for count in counts)
    table = Table("labels", CAPTION, ("Labels a class", *(one_line(name, 40) for name in groups)), rows)
    told = tuple(text for name, group in groups.items() if (text := _crossing(one_line(name, 40), *_path(analysis, group))))
    return Section("labels-per-class", "Labels per class", told, (table,))


def curves(analysis: Analysis) -> pd.DataFrame:
    """The same as a table for the figure, in the unit shown: ``name, labels, mean, sd, n, id``; empty where there is no such section.

    attrs ``metric, unit`` and ``crossings``: name -> numbers of labels at which its lead over its reference changes sign.
    """
    unit, groups = unit_of(analysis.metric), _groups(analysis)
    known = scores(analysis.results, analysis.metric.name).groupby("arm")["score"].agg(["mean", "std", "count"])
    rows = [(name, labels, *known.loc[arm, ["mean", "std"]] * unit.scale, known.loc[arm, "count"], analysis.ids[arm])
            for name, group in groups.items() for labels, arm in sorted(group.items()) if arm in known.index]
    table = pd.DataFrame(rows, columns=["name", "labels", "mean", "sd", "n", "id"])
    table.attrs = {"metric": analysis.metric.name.replace("_", " "), "unit": unit.level,
                   "crossings": {name: _turns(*_path(analysis, group)) for name, group in groups.items()}}
    return table


def _groups(analysis: Analysis) -> dict[str, dict[int, str]]:
    """Name without its number of labels -> number of labels -> arm."""
    found: dict[str, dict[int, str]] = {}
    for row in analysis.results.arms.itertuples():
        if count := row.recipe.get(LABELS):
            found.setdefault(row.arm.replace(f"labels_per_class={count}", "").strip(), {})[count] = row.arm
    return {name: group for name, group in found.items() if len(group) > 1}


def _cell(analysis: Analysis, arm: str | None) -> str:
    if arm is None:
        return NOTHING
    runs = analysis.results.runs
    scores = runs.loc[(runs["arm"] == arm) & (runs["status"] == "done"), analysis.metric.name]
    row = _verdict(analysis, arm)
    own = level(scores.mean(), unit_of(analysis.metric))
    if row is None or missing(row.difference):
        return own
    return f"{own} ({bare(row.difference, unit_of(analysis.metric))} [{interval(row.low, row.high, unit_of(analysis.metric))}])"


def _verdict(analysis: Analysis, arm: str) -> Any:
    return next((row for row in analysis.verdicts.itertuples() if row.arm == arm), None)


def _path(analysis: Analysis, group: dict[int, str]) -> tuple[list[int], list[float]]:
    """Numbers of labels, ascending, and the gain there: positive is better than the reference."""
    sign = 1 if analysis.metric.higher_is_better else -1
    rows = {count: _verdict(analysis, arm) for count, arm in sorted(group.items())}
    known = {count: sign * row.difference for count, row in rows.items() if row is not None and not missing(row.difference)}
    return list(known), list(known.values())


def _crossing(name: str, counts: Sequence[int], gains: Sequence[float]) -> str:
    """Where the gain changes sign, in words; interpolated over the logarithm of the number of labels.

    Example:
        >>> _crossing("frozen", [10, 100], [0.02, -0.02])
        'frozen: ahead of its reference up to about 32 labels a class.'
    """
    if len(counts) < 2:
        return ""
    where, ahead = _turns(counts, gains), gains[0] > 0
    if not where:
        side = "ahead of" if ahead else "not ahead of"
        return f"{name}: {side} its reference at every number of labels, {counts[0]} to {counts[-1]}."
    if len(where) == 1:
        side = "up to" if ahead else "from"
        return f"{name}: ahead of its reference {side} about {plural(round(where[0]), 'label')} a class."
    return f"{name}: its lead changes {len(where)} times, at about {listed([number(place, 0) for place in where])} labels a class."


def _turns(counts: Sequence[int], gains: Sequence[float]) -> list[float]:
    """The numbers of labels at which the gain changes sign, interpolated over their logarithm.

    Example:
        >>> [round(place) for place in _turns([10, 100], [0.02, -0.02])]
        [32]
    """
    signs = [gain > 0 for gain in gains]
    turns = [place for place in range(len(signs) - 1) if signs[place] != signs[place + 1]]
    return [math.exp(_zero([math.log(count) for count in counts[turn : turn + 2]], gains[turn : turn + 2])) for turn in turns]


def _zero(x: Sequence[float], y: Sequence[float]) -> float:
    return x[0] - y[0] * (x[1] - x[0]) / (y[1] - y[0])
