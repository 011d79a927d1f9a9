"""Predictions: of numbers to predict, what arms and their references predict of each test example, and what they are wrong by."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.analysis import Analysis
from dlbench.analysis.interim import seeds_judged
from dlbench.analysis.residuals import MOST_DOTS, residuals
from dlbench.analysis.scores import folds_of
from dlbench.report import figures, frames
from dlbench.report.document import Block, Heading, Panels, Section
from dlbench.report.sections.curves import against
from dlbench.values.text import plural


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield one panel an arm of each kind; nothing where no numbers were predicted."""
    of, folds = len(frames.compared(analysis)), folds_of(analysis.results)
    most = plural(len(seeds_judged(analysis.results)) // (folds or 1), "round" if folds else "seed")
    dots = (f"Colour: the arm; grey and hollow: its reference. A dot is the mean prediction of one test example over the {most} or fewer "
            f"that both finished, in the unit of the targets; of more than {MOST_DOTS} examples, that many are drawn, evenly chosen.")
    for panels in (
        Panels("predicted", "Predicted and true numbers", f"{dots} On the line, a prediction is right.",
               figures.predicted, lambda most: residuals(analysis.results, analysis.verdicts, most), against, of),
        Panels("residuals", "Residuals", f"{dots} Above the line, a prediction is too high. A slope, a bend or a funnel is left for a "
               "model to learn.", figures.residuals, lambda most: residuals(analysis.results, analysis.verdicts, most), against, of),
    ):
        if panels.each:
            yield Heading(panels.title)
            yield panels


SECTION = Section("residuals", "Predictions", build)
