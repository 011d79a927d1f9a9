"""Layer 6: what a reader sees. Results in; a page, Markdown, CSV and LaTeX out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from dlbench.analysis import Analysis, analyse, tables
from dlbench.exports.text import csv_text
from dlbench.report import html, latex, markdown, pages, plates
from dlbench.report.datasets import folder
from dlbench.report.index import render_index
from dlbench.report.overview import render_overview
from dlbench.store.results import Results
from dlbench.values.errors import InputError, unknown
from dlbench.values.files import write

__all__ = ["FORMATS", "Analysis", "analyse", "render", "render_analysis", "render_index", "render_live", "render_overview"]


def render(results: Results, out: Path, formats: Sequence[str] = ("html", "md")) -> list[Path]:
    """Write a study's report into a folder.

    Args:
        results: complete or partial.
        out: the folder; it is made where it is not there.
        formats: any of :data:`FORMATS`: ``html`` (index.html, and runs.csv where it
            cannot list every run), ``md`` (report.md and figures/), ``csv`` (verdicts.csv and
            runs.csv), ``tex`` (verdicts.tex); of a study that tunes, ``csv`` and ``tex`` also write verdicts-tuned and runs-tuned.

    A study on several datasets gets the same files for each further dataset, in a folder of its own within.

    Returns:
        The files written, the one to open first.

    Raises:
        InputError: an unknown format.
    """
    return render_analysis(analyse(results), out, formats)


def render_analysis(analysis: Analysis, out: Path, formats: Sequence[str] = ("html", "md")) -> list[Path]:
    """As :func:`render`, of results that were analysed before."""
    for name in formats:
        if name not in FORMATS:
            raise InputError(unknown("format", name, FORMATS))
    paths = [path for name in dict.fromkeys(formats) for path in FORMATS[name](analysis, Path(out))]
    for part in analysis.others:
        paths += render_analysis(part, Path(out) / folder(part.results), formats)
    return paths


def render_live(results: Results, out: Path, reload_s: int) -> Path:
    """Write the page of a study that is still running: marked as partial, and it loads itself anew.

    Args:
        results: what is there so far.
        out: the folder; the page is its ``index.html``.
        reload_s: after how many seconds.
    """
    return write(Path(out) / "index.html", html.render(analyse(results), reload_s))


def _html(analysis: Analysis, out: Path) -> list[Path]:
    page = write(out / "index.html", html.render(analysis))
    whole = len(analysis.results.runs) <= pages.MOST_RUNS
    return [page] if whole else [page, write(out / "runs.csv", csv_text(tables.runs(analysis)))]


def _md(analysis: Analysis, out: Path) -> list[Path]:
    drawn = list(plates.files(analysis))
    paths = [write(out / "figures" / f"{plate.name}.svg", plate.svg) for plate in drawn]
    return [write(out / "report.md", markdown.render(analysis, drawn)), *paths]


def _csv(analysis: Analysis, out: Path) -> list[Path]:
    found = {f"{name}.csv": table for family, shown in _families(analysis).items()
             for name, table in ((f"verdicts{family}", tables.verdicts(shown)), (f"runs{family}", tables.runs(shown)))}
    return [write(out / name, csv_text(table)) for name, table in found.items()]


def _tex(analysis: Analysis, out: Path) -> list[Path]:
    return [write(out / f"verdicts{family}.tex", latex.tex(shown)) for family, shown in _families(analysis).items()]


def _families(analysis: Analysis) -> dict[str, Analysis]:
    """The comparisons that a study makes, by what their files' names end in: at default, and tuned where it tunes."""
    return {"": analysis, **({} if analysis.tuned is None else {"-tuned": analysis.tuned})}


FORMATS: dict[str, Callable[[Analysis, Path], list[Path]]] = {"html": _html, "md": _md, "csv": _csv, "tex": _tex}
"""Format -> what writes it."""
