"""One study on several datasets: what holds over all of them, beside what holds on each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from dlbench.analysis import Analysis
from dlbench.analysis.across import Across, profile
from dlbench.report import wording
from dlbench.report.arms import compared_arms
from dlbench.report.plain import one_line_of
from dlbench.report.textual import Section, Table
from dlbench.report.wording import probability, unit_of
from dlbench.stats.method import METHOD
from dlbench.store.results import Results
from dlbench.values.text import listed, one_line, plural

MOST_PROFILES = 12


def section(analysis: Analysis) -> Section | None:
    """The section on what holds over all datasets; None for a study on one.

    Args:
        analysis: of the first dataset.
    """
    if not analysis.results.others:
        return None
    found = {name: over for name, over in (("at default", analysis.across), ("tuned", analysis.across_tuned)) if over is not None}
    tables = [table for name, family in found.items() for table in (_aggregates(analysis, family, name), _ranked(family, name))]
    tables += map(_verdicts, analysis.parts)
    return Section("datasets", "Across datasets", tuple(_paragraphs(analysis, found)), tuple(table for table in tables if table.rows),
                   tuple((f"The report on {part.study['dataset']}", f"{folder(part)}/") for part in analysis.results.others))


def _paragraphs(analysis: Analysis, found: dict[str, Across]) -> Iterator[str]:
    names = [one_line(name, 60) for name in analysis.results.study["datasets"]]
    yield (
        f"Each arm was run on {plural(len(names), 'dataset')}: {listed(names, most=12)}. Pairing and controls stay within a "
        "dataset, and so does each family of verdicts. The aggregates treat the datasets as those that were chosen, "
        "and resample the runs within each."
    )
    for family, over in found.items():
        sure = [row for row in over.table.itertuples() if row.improvement_low > 0.5 or row.improvement_high < 0.5]
        for row in sure:
            word = "better" if row.improvement > 0.5 else "worse"
            yield (
                f"{one_line(row.arm, 60)}, {family}: a run of it is {word} than one of {one_line(row.reference, 60)} with probability "
                f"{wording.number(row.improvement if word == 'better' else 1 - row.improvement)}, and its {METHOD.confidence} interval "
                "excludes one half."
            )
        if not sure:
            yield f"No arm, {family}, is shown to be better or worse than its reference over all datasets."
        if over.missing:
            missing = listed([one_line(arm, 60) for arm in over.missing])
            yield f"Without an aggregate, {family}, for no seed completed on every dataset: {missing}."
    if why := found["at default"].why:
        yield why


def _aggregates(analysis: Analysis, over: Across, family: str) -> Table:
    unit, sign = unit_of(analysis.metric), 1.0 if analysis.metric.higher_is_better else -1.0
    body = []
    for row in over.table.itertuples():
        low, high = sorted((sign * row.iqm_low, sign * row.iqm_high))
        body.append((
            row.arm, wording.level(sign * row.reference_iqm, unit), wording.level(sign * row.iqm, unit),
            f"{wording.number(low * unit.scale, unit.decimals)} to {wording.number(high * unit.scale, unit.decimals)}",
            wording.number(row.improvement), f"{wording.number(row.improvement_low)} to {wording.number(row.improvement_high)}",
            f"{len(over.runs[row.arm])} and {len(over.runs[row.reference])}",
        ))
    caption = (
        f"Over all datasets, {family}. Interquartile mean: of the middle half of all runs on all datasets, on the metric's own scale. "
        "P(better): probability that a run of the arm beats one of its reference on the same dataset, averaged over datasets. "
        f"Intervals: {METHOD.confidence}, stratified bootstrap, 2,000 resamples. Seeds: of the arm and its reference, completed on "
        "every dataset; "
        "a pilot is left out. "
        "Nothing here is adjusted for the number of arms, and it decides no verdict."
    )
    interval = f"{METHOD.confidence} interval"
    headers = ("Arm", "Reference's interquartile mean", "Interquartile mean", interval, "P(better)", interval, "Seeds")
    return Table(f"aggregate-{_slug(family)}", caption, headers, tuple(body))


def _ranked(over: Across, family: str) -> Table:
    name, headers = f"ranks-{_slug(family)}", ("Arm", "Mean rank", "p against the baseline")
    if over.ranks is None:
        return Table(name, "", headers, ())
    p, ranks = over.ranks.p_adjusted, over.ranks.ranks.sort_values(kind="stable")
    body = tuple((arm, wording.number(rank), probability(p.get(arm))) for arm, rank in ranks.items())
    caption = (
        f"Ranks of the arms' mean scores within a dataset, {family}; 1 is best. Friedman's test: chi-squared "
        f"{wording.number(over.ranks.statistic)}, p {probability(over.ranks.p)}; then each arm against the baseline, {METHOD.adjusted}. "
        "Approximations that need about 10 datasets and 5 arms: with fewer, they tell little."
    )
    return Table(name, caption, headers, body)


def _verdicts(analysis: Analysis) -> Table:
    name = analysis.results.study["dataset"]
    body = tuple(
        (arm.arm, arm.verdict, one_line_of(arm.difference), arm.p.text, arm.seeds.text, arm.control.text)
        for arm in compared_arms(analysis))
    caption = f"Verdicts on {name}, at default: {METHOD.adjusted} over its {len(body)} arms."
    headers = ("Arm", "Verdict", f"Difference, {unit_of(analysis.metric).short}", "p", "Seeds", "Controlled")
    return Table(f"verdicts-{_slug(name)}", caption, headers, body)


def profiles(analysis: Analysis) -> list[pd.DataFrame]:
    """The performance profiles of the arms that differ most from their reference, each beside its reference's."""
    over = analysis.across
    if over is None:
        return []
    size = (over.table["improvement"].astype(float) - 0.5).abs()
    kept = over.table.loc[size.nlargest(MOST_PROFILES).index.sort_values()]
    return [_profile(analysis, over, row) for row in kept.itertuples()]


def _profile(analysis: Analysis, over: Across, row: Any) -> pd.DataFrame:
    unit, up, arms = unit_of(analysis.metric), analysis.metric.higher_is_better, (row.reference, row.arm)
    table = profile(over, arms)
    table["threshold"] *= unit.scale * (1.0 if up else -1.0)
    table.attrs = {
        "id": analysis.ids[row.arm], "arm": row.arm, "reference": row.reference, "metric": analysis.metric.name.replace("_", " "),
        "unit": unit.level, "higher_is_better": up, "datasets": len(analysis.parts), "n": {arm: len(over.runs[arm]) for arm in arms},
    }
    return table


def folder(part: Results) -> str:
    """Where a further dataset's own report lies, seen from the study's."""
    position = part.study["datasets"].index(part.study["dataset"])
    return f"dataset-{position + 1}-{_slug(part.study['dataset'])}"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]
