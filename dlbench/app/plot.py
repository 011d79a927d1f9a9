"""The figures of a result, for a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from dlbench.analysis import Analysis
from dlbench.report import frames
from dlbench.report.document import Figure
from dlbench.report.sections import curves, effects
from dlbench.values.errors import InputError, unknown
from dlbench.values.files import write


@dataclass(frozen=True, eq=False)
class Drawing:
    """A figure that a notebook shows.

    Attributes:
        figure: with its caption.
    """

    figure: Figure = field(repr=False)

    def save(self, path: str | Path) -> Path:
        """Write it as an SVG file."""
        return write(Path(path), self.figure.svg)

    def _repr_svg_(self) -> str:
        """What a notebook shows."""
        return self.figure.svg


@dataclass(frozen=True, eq=False)
class Plot:
    """The figures of a study.

    Attributes:
        analysis: the numbers that they show.
    """

    analysis: Analysis

    def effects(self) -> Drawing:
        """Each arm's difference from its reference, with its interval and the margin."""
        return Drawing(effects.forest(self.analysis, self._verdicts(), ""))

    def seeds(self) -> Drawing:
        """The difference of every seed.

        Raises:
            InputError: no arm shares a seed with its reference.
        """
        if not len(self.analysis.pairs):
            raise InputError("seeds: no arm shares a finished seed with its reference yet; accepted: effects")
        return Drawing(effects.seeds(self.analysis, self._verdicts(), ""))

    def curves(self, arm: str) -> Drawing:
        """The learning curve of an arm over its reference's.

        Raises:
            InputError: there is no such arm, or it has no curve.
        """
        verdicts = self._verdicts()
        if arm not in (known := list(verdicts["arm"])):
            raise InputError(unknown("arm", arm, known))
        panels = curves.panels(self.analysis, verdicts[verdicts["arm"] == arm])
        if not panels.each:
            raise InputError(f"curves: the runs of '{arm}' told no curve")
        return Drawing(panels.each[0])

    def _verdicts(self) -> pd.DataFrame:
        return frames.verdicts(self.analysis)
