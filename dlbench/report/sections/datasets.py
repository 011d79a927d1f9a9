"""Across datasets: what holds over all datasets of a study, beside what holds on each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from dlbench.analysis import Analysis
from dlbench.analysis.across import Across, most_different, profile
from dlbench.report.arms import compared_arms
from dlbench.report.document import Block, Figure, Items, Link, Section, Shown, Text, left_out, named, text_tables
from dlbench.report.figures import panels
from dlbench.report.figures.canvas import PANEL
from dlbench.report.plain import one_line_of
from dlbench.report.wording import level, number, probability, unit_of
from dlbench.stats.method import METHOD
from dlbench.store.results import Results
from dlbench.values.text import listed, one_line, plural

MOST_PROFILES = 12
PROFILES = (
    "Share of all runs on all datasets whose score is better than the one below it. Colour: the arm; grey and dashed: its "
    f"reference; bands: {METHOD.confidence}, stratified bootstrap; n: seeds times datasets. A curve above and to the right is better; "
    "where two cross, neither arm is better throughout."
)


def build(analysis: Analysis) -> Iterator[Block]:
    """Aggregates, ranks and verdicts by dataset, and performance profiles; nothing for a study on one dataset."""
    if analysis.across is None:
        return
    families = {name: over for name, over in (("at default", analysis.across), ("tuned", analysis.across_tuned)) if over is not None}
    yield from map(Text, _paragraphs(analysis, families))
    tables = (table for name, over in families.items() for table in (_aggregates(analysis, over, name), _ranked(over, name)))
    yield from text_tables("Across datasets", *tables, *map(_verdicts, analysis.parts))
    yield from plots(analysis)
    yield Items(tuple((Link(f"The report on {part.study['dataset']}", f"{folder(part)}/"),) for part in analysis.results.others))


def _paragraphs(analysis: Analysis, families: dict[str, Across]) -> Iterator[str]:
    names = analysis.results.study["datasets"]
    yield (f"Each arm was run on {plural(len(names), 'dataset')}: {named(names)}. Pairing and controls stay within a "
           "dataset, and so does each family of verdicts. The aggregates treat the datasets as those that were chosen, "
           "and resample the runs within each.")
    for family, over in families.items():
        sure = over.table[(over.table["improvement_low"] > 0.5) | (over.table["improvement_high"] < 0.5)]
        yield from (_sure(row, family) for row in sure.itertuples())
        if not len(sure):
            yield f"No arm, {family}, is shown to be better or worse than its reference over all datasets."
        if over.missing:
            missing = listed([one_line(arm, 60) for arm in over.missing])
            yield f"Without an aggregate, {family}, for no seed completed on every dataset: {missing}."
    if why := families["at default"].why:
        yield why


def _sure(row: Any, family: str) -> str:
    word, share = ("better", row.improvement) if row.improvement > 0.5 else ("worse", 1 - row.improvement)
    return (f"{one_line(row.arm, 60)}, {family}: a run of it is {word} than one of {one_line(row.reference, 60)} with probability "
            f"{number(share)}, and its {METHOD.confidence} interval excludes one half.")


def _aggregates(analysis: Analysis, over: Across, family: str) -> Shown:
    unit, sign = unit_of(analysis.metric), 1.0 if analysis.metric.higher_is_better else -1.0
    rows = []
    for row in over.table.itertuples():
        low, high = (number(end * unit.scale, unit.decimals) for end in sorted((sign * row.iqm_low, sign * row.iqm_high)))
        rows.append((row.arm, level(sign * row.reference_iqm, unit), level(sign * row.iqm, unit), f"{low} to {high}",
                     number(row.improvement), f"{number(row.improvement_low)} to {number(row.improvement_high)}",
                     f"{len(over.runs[row.arm])} and {len(over.runs[row.reference])}"))
    caption = (
        f"Over all datasets, {family}. Interquartile mean: of the middle half of all runs on all datasets, on the metric's own scale. "
        "P(better): probability that a run of the arm beats one of its reference on the same dataset, averaged over datasets. "
        f"Intervals: {METHOD.confidence}, stratified bootstrap, 2,000 resamples. Seeds: of the arm and its reference, completed on "
        "every dataset; a pilot is left out. Nothing here is adjusted for the number of arms, and it decides no verdict.")
    interval = f"{METHOD.confidence} interval"
    headers = ("Arm", "Reference's interquartile mean", "Interquartile mean", interval, "P(better)", interval, "Seeds")
    return f"aggregate-{_slug(family)}", caption, headers, rows


def _ranked(over: Across, family: str) -> Shown:
    name, headers = f"ranks-{_slug(family)}", ("Arm", "Mean rank", "p against the baseline")
    if over.ranks is None:
        return name, "", headers, ()
    p, ranks = over.ranks.p_adjusted, over.ranks.ranks.sort_values(kind="stable")
    caption = (
        f"Ranks of the arms' mean scores within a dataset, {family}; 1 is best. Friedman's test: chi-squared "
        f"{number(over.ranks.statistic)}, p {probability(over.ranks.p)}; then each arm against the baseline, {METHOD.adjusted}. "
        "Approximations that need about 10 datasets and 5 arms: with fewer, they tell little.")
    return name, caption, headers, [(arm, number(rank), probability(p.get(arm))) for arm, rank in ranks.items()]


def _verdicts(analysis: Analysis) -> Shown:
    name = analysis.results.study["dataset"]
    rows = [(arm.arm, arm.verdict, one_line_of(arm.difference), arm.p.text, arm.seeds.text, arm.control.text)
            for arm in compared_arms(analysis)]
    caption = f"Verdicts on {name}, at default: {METHOD.adjusted} over its {len(rows)} arms."
    headers = ("Arm", "Verdict", f"Difference, {unit_of(analysis.metric).short}", "p", "Seeds", "Controlled")
    return f"verdicts-{_slug(name)}", caption, headers, rows


def plots(analysis: Analysis) -> Iterator[Figure]:
    """Yield each arm's performance profile beside its reference's."""
    tables = profiles(analysis)
    if tables:
        names = [one_line(table.attrs["arm"], 40) for table in tables]
        caption = PROFILES + left_out(len(tables), len(analysis.verdicts))
        yield Figure("profiles", "Performance profiles", caption, f"Performance profiles of {listed(names, most=12)}.", panels.profile,
                     tables, PANEL, 3)


def profiles(analysis: Analysis) -> list[pd.DataFrame]:
    """Return the performance profiles of the arms that differ most from their reference, each beside its reference's, in the unit shown."""
    over, unit, up = analysis.across, unit_of(analysis.metric), analysis.metric.higher_is_better
    if over is None:
        return []
    made: list[pd.DataFrame] = []
    for row in most_different(over, MOST_PROFILES).itertuples():
        arms = (row.reference, row.arm)
        table = profile(over, arms)
        table["threshold"] *= unit.scale * (1.0 if up else -1.0)
        table.attrs = {"id": analysis.ids[row.arm], "arm": row.arm, "reference": row.reference, "unit": unit.level, "higher_is_better": up,
                       "metric": analysis.metric.name.replace("_", " "), "datasets": len(analysis.parts),
                       "n": {arm: len(over.runs[arm]) for arm in arms}}
        made.append(table)
    return made


def folder(part: Results) -> str:
    """Say where a further dataset's own report lies, seen from the study's."""
    position = part.study["datasets"].index(part.study["dataset"])
    return f"dataset-{position + 1}-{_slug(part.study['dataset'])}"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]


SECTION = Section("datasets", "Across datasets", build)
