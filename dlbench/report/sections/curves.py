"""Learning curves: each arm over its reference, and how their difference develops."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from dlbench.analysis import Analysis
from dlbench.analysis.curves import told_by
from dlbench.analysis.interim import seeds_judged
from dlbench.analysis.judge import foremost
from dlbench.report import frames
from dlbench.report.document import Block, Heading, Panels, Section
from dlbench.report.figures.panels import curves, development
from dlbench.stats.method import METHOD
from dlbench.values.text import one_line


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield one panel an arm of each kind: the curves, and their difference."""
    arms = frames.compared(analysis)
    if (shown := panels(analysis, arms)).each:
        yield shown
    if (differences := _developments(analysis, arms)).each:
        yield Heading("How the difference develops")
        yield differences


def _developments(analysis: Analysis, arms: pd.DataFrame) -> Panels:
    quantity = (told_by(analysis.results) or "").replace("_", " ")
    caption = (
        f"Line: mean difference in {quantity} to the reference on the same seeds, after each epoch; band: {METHOD.interval} over seeds, "
        "each epoch by itself. Shaded upright: the epochs that the score is a mean over; across, where the quantity is the metric: the "
        "margin. The panels share one range.")
    return Panels("development", "Differences over the epochs", caption, development,
                  lambda most: frames.developments(analysis, foremost(arms, most)), against, len(arms))


def panels(analysis: Analysis, arms: pd.DataFrame) -> Panels:
    """Return the learning curves of arms, rows of the table of verdicts."""
    seeds = len(seeds_judged(analysis.results))
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
