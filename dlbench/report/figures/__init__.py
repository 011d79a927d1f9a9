"""Figures: each one is a function ``(table, ax) -> ax``; what a table means stands in its ``attrs``."""

from dlbench.report.figures.confusion import confusion
from dlbench.report.figures.cost import cost
from dlbench.report.figures.curves import curves
from dlbench.report.figures.effects import forest, seeds
from dlbench.report.figures.interaction import interaction
from dlbench.report.figures.labelled import labelled
from dlbench.report.figures.pictures import augmentation, examples
from dlbench.report.figures.profile import profile
from dlbench.report.figures.target import target

__all__ = ["augmentation", "confusion", "cost", "curves", "examples", "forest", "interaction", "labelled", "profile", "seeds", "target"]
