"""Learning curves: each arm over its reference."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from dlbench.analysis import Analysis
from dlbench.analysis.judge import foremost
from dlbench.report import frames
from dlbench.report.document import Block, Panels, Section
from dlbench.report.figures.panels import curves
from dlbench.values.text import one_line


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield one panel an arm."""
    shown = panels(analysis, frames.compared(analysis))
    if shown.each:
        yield shown


def panels(analysis: Analysis, arms: pd.DataFrame) -> Panels:
    """Return the learning curves of arms, rows of the table of verdicts."""
    seeds = len(analysis.results.study["seeds"])
    caption = (
        f"Colour: the arm; grey and dashed: its reference. Line: mean over the seeds that finished (n up to {seeds}); "
        "band: one standard deviation over seeds. The panels share one vertical range, which leaves out the first climb; "
        "an arm that ends outside it has its own.")
    return Panels("curves", "Learning curves", caption, curves, lambda most: frames.curves(analysis, foremost(arms, most)),
                against, len(arms))


def against(table) -> str:
    """Say what a panel compares its arm with, in words."""
    return f", against {one_line(table.attrs['reference'], 60)}."


SECTION = Section("curves", "Learning curves", build)
