"""The results of a study, as pandas tables: what both faces show, render and export."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from dlbench.analysis import Analysis, analyse
from dlbench.analysis.rejudge import rejudged
from dlbench.app.plot import Plot
from dlbench.exports import export, tables
from dlbench.report import Section, render_analysis
from dlbench.store.read import read
from dlbench.store.results import Results
from dlbench.values.files import inside

SHOWN = ("dataset", "arm", "verdict", "difference", "low", "high", "control", "reason")
"""The columns of the verdicts that a notebook shows."""


@dataclass(frozen=True)
class Result:
    """What a results folder holds.

    Attributes:
        folder: where it lies.
        results: everything that was read from it.
    """

    folder: Path
    results: Results = field(repr=False)

    @property
    def study(self) -> dict[str, Any]:
        """What was asked: question, dataset, model, design, metric, margin, seeds, budget, the study file's text."""
        return self.results.study

    @property
    def complete(self) -> bool:
        """Whether every planned run has ended for good."""
        return all(part.complete for part in self.results.parts)

    @property
    def verdicts(self) -> pd.DataFrame:
        """One row a compared arm: ``arm, reference, verdict, reason, difference, low, high, p``, whether it was controlled, costs."""
        return self._tables["verdicts"].copy()

    @property
    def arms(self) -> pd.DataFrame:
        """One row an arm: ``arm, reference, changes, recipe, techniques``."""
        return self._tables["arms"].copy()

    @property
    def runs(self) -> pd.DataFrame:
        """One row an arm and seed: status, reason, control, every score and cost."""
        return self._tables["runs"].copy()

    @property
    def curves(self) -> pd.DataFrame:
        """One row an arm, seed and epoch: losses, accuracies, learning rate, seconds."""
        return self._tables["curves"].copy()

    @property
    def timings(self) -> pd.DataFrame:
        """One row an arm that was timed alone on the machine: milliseconds, and ratios to its reference with intervals."""
        return self._tables["timings"].copy()

    @property
    def failures(self) -> pd.DataFrame:
        """The runs that did not complete, each with its status and reason."""
        runs = self.runs
        return runs[runs["status"] != "done"].reset_index(drop=True)

    def rejudged(self, metric: str | None = None, margin: float | None = None) -> Result:
        """Judge the same runs by another metric or margin: marked as chosen afterwards, and written beside the declared judgement.

        Args:
            metric: name of one that was measured; the study's where unset.
            margin: in the unit of the metric; the study's where unset.

        Raises:
            InputError: the metric was not measured, or interim analyses have stopped arms by the declared one.
        """
        results = rejudged(self.results, metric, margin)
        name = f"{results.study['metric']} margin {results.study['margin']:g}"
        return Result(self.folder / "rejudged" / name.replace(" ", "-"), results)

    def report(self, *formats: str, sections: Iterable[Section] = ()) -> list[Path]:
        """Render the report into the folder.

        Args:
            formats: :func:`dlbench.report.render` has them; html and Markdown where none is named.
            sections: of your own, shown beside the shipped ones; ``docs/plugins.md`` has an example.
        """
        return render_analysis(self.analysis, self.folder, formats or ("html", "md"), sections)

    def export(self, format: str, out: str | Path | None = None, into: bool = False) -> list[Path]:
        """Write everything for other programs, into the folder ``export`` beside the results where unset; see
        :func:`dlbench.exports.export`."""
        return export(self.analysis, format, inside(self.folder, "export") if out is None else Path(out), into or out is None)

    @cached_property
    def analysis(self) -> Analysis:
        """The numbers that verdicts and reports are made of; the arms are judged once, when this is first asked for."""
        return analyse(self.results)

    @property
    def plot(self) -> Plot:
        """Figures for a notebook: ``effects()``, ``seeds()`` and ``curves(arm)``; each has ``save(path)``."""
        return Plot(self.analysis)

    @cached_property
    def _tables(self) -> dict[str, pd.DataFrame]:
        return tables(self.analysis)

    def _repr_html_(self) -> str:
        """What a notebook shows: the verdicts."""
        table = self.verdicts
        shown = [name for name in SHOWN if name in table]
        return table[shown].to_html(index=False, float_format="{:+.4g}".format)


def load(folder: str | Path) -> Result:
    """The results of a folder.

    Raises:
        InputError: there are none.

    Example:
        >>> load("nowhere")
        Traceback (most recent call last):
        dlbench.values.errors.InputError: nowhere: no results here (wanted results.sqlite); `dlbench run STUDY --out nowhere` makes them
    """
    return Result(Path(folder), read(Path(folder)))
