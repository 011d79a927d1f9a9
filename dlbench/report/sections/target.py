"""Time to target: when each arm reached the study's target, and whether it did so sooner than its reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dlbench.analysis import Analysis
from dlbench.analysis.judge import foremost
from dlbench.report import figures, frames
from dlbench.report.document import Block, Panels, Row, Section, Table, columns
from dlbench.report.sections.curves import against
from dlbench.report.wording import NOTHING, number, probability
from dlbench.stats.events import compare_times, median_time
from dlbench.stats.method import METHOD
from dlbench.values.text import missing


def build(analysis: Analysis) -> Iterator[Block]:
    """One panel an arm, and the table of medians."""
    study, arms = analysis.results.study, frames.compared(analysis)
    caption = (
        f"Share of seeds that have reached {study.get('target')} on the validation split, by epoch (Kaplan and Meier). Colour: the "
        f"arm; grey and dashed: its reference; n up to {len(study['seeds'])}. An upright tick: a run that ended without reaching it, "
        "counted as censored.")
    panels = Panels("target", "Time to target", caption, figures.target, lambda most: frames.targets(analysis, foremost(arms, most)),
                    against, len(arms))
    if panels.each:
        yield panels
        yield from table(analysis)


def table(analysis: Analysis) -> Iterator[Table]:
    """The table of medians; nothing where the study has no target or compares nothing."""
    body = tuple(_rows(analysis))
    if body:
        caption = (
            f"Epochs to the target {analysis.results.study['target']} on the validation split. Median with {METHOD.confidence} interval "
            "(Kaplan and Meier; ? where the curve does not say); seeds on which the arm was sooner or later than its reference; p: sign "
            f"test on who was first, {METHOD.adjusted}.")
        heads = columns("Arm", "Reached", "Median epoch", f"{METHOD.confidence} interval", "Median, s of training",
                        "Against its reference", "p", numbers=(1, 2, 3, 4, 6))
        yield Table("targets", "Time to target", caption, heads, body)


def _rows(analysis: Analysis) -> Iterator[Row]:
    """When each arm reached the target, and whether it did so sooner than its reference; the references first."""
    times = frames.reached(analysis)
    if not len(times) or not len(analysis.verdicts):
        return
    seconds = {arm: median_time(part["time"], part["reached"]).median for arm, part in frames.reached(analysis, "s").groupby("arm")}
    compared = compare_times(times, dict(zip(analysis.verdicts["arm"], analysis.verdicts["reference"])))
    alone = set(analysis.references["arm"]) - set(compared["arm"])

    def row(arm: str, median: Any, *against: str) -> Row:
        epoch = "not reached" if missing(median.median) else number(median.median, 0)
        interval = " to ".join("?" if missing(end) else number(end, 0) for end in (median.low, median.high))
        return Row((arm, f"{median.reached} of {median.n}", epoch, interval, number(seconds.get(arm), 1), *against), analysis.ids[arm])

    yield from (row(arm, median_time(part["time"], part["reached"]), NOTHING, NOTHING)
                for arm, part in times.groupby("arm", sort=False) if arm in alone)
    yield from (row(found.arm, found, f"{found.first} sooner, {found.later} later, {found.undecided} undecided",
                    probability(found.p_adjusted)) for found in compared.itertuples())


SECTION = Section("target", "Time to target", build)
