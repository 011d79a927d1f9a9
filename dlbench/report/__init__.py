"""Layer 7: what a reader sees. It turns the analysis of a study into a page, Markdown, CSV and LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from dlbench.analysis import Analysis, analyse, tables
from dlbench.analysis.foreign import how_judged
from dlbench.exports.text import csv_text
from dlbench.report import html, latex, markdown
from dlbench.report.document import Document, Figure, Section
from dlbench.report.drawing import draw_all
from dlbench.report.overview import render_index, render_overview
from dlbench.report.paper import paper
from dlbench.report.sections.datasets import folder
from dlbench.report.sections.runs import MOST_RUNS
from dlbench.report.sections.verdicts import paper_table
from dlbench.report.study import study_document
from dlbench.store.results import Results
from dlbench.values.errors import InputError, unknown
from dlbench.values.files import inside, write

__all__ = ["FORMATS", "Analysis", "Section", "analyse", "render", "render_analysis", "render_index", "render_live", "render_overview"]


def render(results: Results, out: Path, formats: Sequence[str] = ("html", "md"), sections: Iterable[Section] = ()) -> list[Path]:
    """Write a study's report into a folder.

    Args:
        results: complete or partial.
        out: the folder; it is made where it is not there.
        formats: any of :data:`FORMATS`: ``html`` (index.html), ``md`` (report.md and figures/), ``csv`` (verdicts.csv and
            runs.csv), ``tex`` (paper.tex, the means as a paper shows them; verdicts.tex, the verdicts; and report.tex and figures/,
            the whole report); of a study that tunes, ``csv`` and ``tex`` also write verdicts-tuned, paper-tuned and
            runs-tuned. ``html`` and ``md`` also write runs.csv where there are too many runs to be listed.
        sections: sections beside the shipped ones and those of installed packages.

    A study on several datasets gets the same files for each further dataset, in a folder of its own within.

    Returns:
        The files written, the one to open first.

    Raises:
        InputError: an unknown format.
    """
    return render_analysis(analyse(results), out, formats, sections)


def render_analysis(analysis: Analysis, out: Path, formats: Sequence[str] = ("html", "md"),
                    sections: Iterable[Section] = ()) -> list[Path]:
    """Write the report of results that were analysed before; arguments and errors are those of :func:`render`."""
    for name in formats:
        if name not in FORMATS:
            raise InputError(unknown("format", name, FORMATS))
    out, sections = Path(out), tuple(sections)
    document = study_document(analysis, sections)
    draw_all(figure for name in formats for figure in FIGURES[name](document))
    paths = dict.fromkeys(path for name in dict.fromkeys(formats) for path in FORMATS[name](analysis, document, out))
    others = (path for part in analysis.others for path in render_analysis(part, inside(out, folder(part.results)), formats, sections))
    return [*paths, *others]


def render_live(results: Results, out: Path, reload_s: int) -> Path:
    """Write the page of a study that is still running: marked as partial, and it loads itself anew.

    Args:
        results: what is there so far.
        out: the folder; the page is its ``index.html``.
        reload_s: after how many seconds.
    """
    return write(Path(out) / "index.html", html.render(study_document(analyse(results)), reload_s))


def _html(analysis: Analysis, document: Document, out: Path) -> list[Path]:
    return [write(out / "index.html", html.render(document)), *_long_runs(analysis, out)]


def _md(analysis: Analysis, document: Document, out: Path) -> list[Path]:
    render_text = markdown.render if how_judged(analysis.results) is None else markdown.comment
    return [write(out / "report.md", render_text(document)), *_figures(document, out), *_long_runs(analysis, out)]


def _csv(analysis: Analysis, document: Document, out: Path) -> list[Path]:
    found = {f"{name}.csv": table for family, shown in _families(analysis).items()
             for name, table in ((f"verdicts{family}", tables.verdicts(shown)), (f"runs{family}", tables.runs(shown)))}
    return [write(out / name, csv_text(table)) for name, table in found.items()]


def _tex(analysis: Analysis, document: Document, out: Path) -> list[Path]:
    return [*(write(out / f"verdicts{family}.tex", _paper_table(shown)) for family, shown in _families(analysis).items()),
            *(write(out / f"paper{family}.tex", paper(shown)) for family, shown in _families(analysis).items()),
            write(out / "report.tex", latex.render(document)), *_figures(document, out)]


def _paper_table(analysis: Analysis) -> str:
    return "% requires \\usepackage{booktabs}\n" + latex.tabular(paper_table(analysis))


def _figures(document: Document, out: Path) -> list[Path]:
    return [write(inside(out, "figures") / f"{figure.name}.svg", figure.svg) for figure in document.figures()]


def _long_runs(analysis: Analysis, out: Path) -> list[Path]:
    """Write the table of runs, where a report does not list every run."""
    return [write(out / "runs.csv", csv_text(tables.runs(analysis)))] if len(analysis.results.runs) > MOST_RUNS else []


def _families(analysis: Analysis) -> dict[str, Analysis]:
    """Return the comparisons that a study makes, by what their files' names end in: at default, and tuned where it tunes."""
    return {"": analysis, **({} if analysis.tuned is None else {"-tuned": analysis.tuned})}


FORMATS: dict[str, Callable[[Analysis, Document, Path], list[Path]]] = {"html": _html, "md": _md, "csv": _csv, "tex": _tex}
"""Format -> what writes it."""
FIGURES: dict[str, Callable[[Document], Iterable[Figure]]] = {
    "html": lambda document: document.figures(page=True), "md": Document.figures, "csv": lambda _: (), "tex": Document.figures}
"""Format -> the figures that it shows."""
