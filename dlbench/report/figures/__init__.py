"""Figures: each one is a function ``(table, ax) -> ax``; what a table means stands in its ``attrs``."""

from dlbench.report.figures.confusion import confusion
from dlbench.report.figures.cost import cost
from dlbench.report.figures.effects import forest, seeds
from dlbench.report.figures.means import interaction, labelled
from dlbench.report.figures.panels import curves, development, profile, target
from dlbench.report.figures.pictures import augmentation, examples
from dlbench.report.figures.residuals import predicted, residuals

__all__ = ["augmentation", "confusion", "cost", "curves", "development", "examples", "forest", "interaction", "labelled",
           "predicted", "profile", "residuals", "seeds", "target"]
