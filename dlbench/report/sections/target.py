"""Time to target: when each arm reached the study's target, and whether it did so sooner than its reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dlbench.analysis import Analysis
from dlbench.analysis.judge import foremost
from dlbench.analysis.targets import medians
from dlbench.report import frames
from dlbench.report.document import Block, Panels, Row, Section, Table, columns
from dlbench.report.figures.panels import target
from dlbench.report.sections.curves import against
from dlbench.report.wording import NOTHING, number, probability
from dlbench.stats.method import METHOD
from dlbench.values.text import missing


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield one panel an arm, and the table of medians."""
    study, arms = analysis.results.study, frames.compared(analysis)
    caption = (
        f"Share of seeds that have reached {study.get('target')} on the validation split, by epoch (Kaplan and Meier). Colour: the "
        f"arm; grey and dashed: its reference; n up to {len(study['seeds'])}. An upright tick: a run that ended without reaching it, "
        "counted as censored.")
    panels = Panels("target", "Time to target", caption, target, lambda most: frames.targets(analysis, foremost(arms, most)),
                    against, len(arms))
    if panels.each:
        yield panels
        yield from table(analysis)


def table(analysis: Analysis) -> Iterator[Table]:
    """Yield the table of medians; nothing where the study has no target or compares nothing."""
    body = tuple(Row(_row(row), analysis.ids[row.arm]) for row in medians(analysis).itertuples())
    if body:
        caption = (
            f"Epochs to the target {analysis.results.study['target']} on the validation split. Median with {METHOD.confidence} interval "
            "(Kaplan and Meier; ? where the curve does not say); seeds on which the arm was sooner or later than its reference; p: sign "
            f"test on who was first, {METHOD.adjusted}.")
        heads = columns("Arm", "Reached", "Median epoch", f"{METHOD.confidence} interval", "Median, s of training",
                        "Against its reference", "p", numbers=(1, 2, 3, 4, 6))
        yield Table("targets", "Time to target", caption, heads, body)


def _row(row: Any) -> tuple[str, ...]:
    epoch = "not reached" if missing(row.median) else number(row.median, 0)
    interval = " to ".join("?" if missing(end) else number(end, 0) for end in (row.low, row.high))
    against = (NOTHING, NOTHING) if missing(row.first) else (
        f"{int(row.first)} sooner, {int(row.later)} later, {int(row.undecided)} undecided", probability(row.p_adjusted))
    return row.arm, f"{row.reached} of {row.n}", epoch, interval, number(row.seconds, 1), *against


SECTION = Section("target", "Time to target", build)
