"""A study that adds each change to the baseline and leaves each out of everything: both answers of a change in one row."""

from __future__ import annotations

from typing import Any

from dlbench.analysis import Analysis
from dlbench.report.figures.palette import look
from dlbench.report.wording import NOTHING, bare, interval, unit_of

DESIGN = "one_at_a_time + leave_one_out"
WITHOUT = "without "
CAPTION = (
    "What each change does alone, added to the baseline, and what leaving it out of everything does, each against its own "
    "reference; both are in the one family of the verdicts. A change that helps when it is added and whose absence hurts helps in "
    "either surrounding; one that helps when it is added and whose absence does no harm is made up for by the others."
)


def sides(analysis: Analysis) -> list[dict[str, Any]]:
    """One row a change: ``id`` and ``arm``, and of ``added`` and ``left_out`` the difference with its interval and verdict.

    Args:
        analysis: the study; nothing where its design is not both side by side.
    """
    if analysis.results.study.get("design") != DESIGN:
        return []
    table = {row.arm: row for row in analysis.verdicts.itertuples()}
    changes = [arm for arm in analysis.results.arms["arm"] if arm in table and WITHOUT + arm in table]
    return [{"id": analysis.ids[arm], "arm": arm, "added": _side(table[arm], analysis), "left_out": _side(table[WITHOUT + arm], analysis)}
            for arm in changes]


def _side(row: Any, analysis: Analysis) -> dict[str, str]:
    limits = interval(row.low, row.high, unit_of(analysis.metric))
    size = bare(row.difference, unit_of(analysis.metric)) + (f" [{limits}]" if limits != NOTHING else "")
    return {"size": size, "verdict": row.verdict, "sign": look(row.verdict).sign}
