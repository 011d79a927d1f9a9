"""Time to target: when each arm reached the study's target, and whether it did so sooner than its reference."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.report import figures, frames, pages
from dlbench.report.analysis import Analysis
from dlbench.report.document import Block, Panels, Row, Section, Table, columns
from dlbench.report.sections.curves import against
from dlbench.stats.method import METHOD


def build(analysis: Analysis) -> Iterator[Block]:
    """One panel an arm, and the table of medians."""
    study, arms = analysis.results.study, frames.compared(analysis)
    caption = (
        f"Share of seeds that have reached {study.get('target')} on the validation split, by epoch (Kaplan and Meier). Colour: the "
        f"arm; grey and dashed: its reference; n up to {len(study['seeds'])}. An upright tick: a run that ended without reaching it, "
        "counted as censored.")
    panels = Panels("target", "Time to target", caption, figures.target, lambda most: frames.targets(analysis, frames.foremost(arms, most)),
                    against, len(arms))
    if panels.each:
        yield panels
        yield from table(analysis)


def table(analysis: Analysis) -> Iterator[Table]:
    """The table of medians; nothing where the study has no target or compares nothing."""
    found = pages.targets(analysis)
    if found:
        caption = (
            f"Epochs to the target {analysis.results.study['target']} on the validation split. Median with {METHOD.confidence} interval "
            "(Kaplan and "
            "Meier; ? where the curve does not say); seeds on which the arm was sooner or later than its reference; p: sign test on who "
            f"was first, {METHOD.adjusted}.")
        heads = columns("Arm", "Reached", "Median epoch", f"{METHOD.confidence} interval", "Median, s of training",
                        "Against its reference", "p", numbers=(1, 2, 3, 4, 6))
        names = ("arm", "reached", "median", "interval", "seconds", "sooner", "p")
        yield Table("targets", "Time to target", caption, heads, tuple(Row(tuple(row[name] for name in names), row["id"]) for row in found))


SECTION = Section("target", "Time to target", build)
