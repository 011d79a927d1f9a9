"""The page that leads to every study of a folder: question, answer, date, link."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from dlbench.analysis import Analysis
from dlbench.report import answers, html
from dlbench.report.document import Cell, Column, Document, Part, Row, Table, Text
from dlbench.report.facts import study_facts
from dlbench.store.results import Results
from dlbench.values.files import write
from dlbench.values.verdict import Verdict


def render_index(studies: Mapping[str, Analysis], out: Path, unread: Mapping[str, str] | None = None) -> Path:
    """Write the index page of a folder of studies.

    Args:
        studies: a study's folder, seen from ``out`` (such as ``"quickstart"``) -> its analysis; each has an ``index.html``.
        out: the folder; the page is its ``index.html``.
        unread: folders whose results could not be read -> why.

    Returns:
        The page.
    """
    rows = sorted((_row(folder, analysis) for folder, analysis in studies.items()), key=lambda row: row.cells[-1].text, reverse=True)
    heads = (Column("Study"), Column("Answer", "wide"), Column("Verdicts", "short", "Verdicts"), Column("On", label="On"),
             Column("Runs", label="Runs"), Column("Date", "short", "Date", descending=True))
    table = Table("studies", "Studies", "Every study of this folder, with its answer; a study that is still running says so.", heads,
                  tuple(rows), layout="cards", filtered="studies", kinds=tuple((kind, Cell(kind)) for kind in ("complete", "partial")))
    shown = table if rows else Text("There is no study here yet.")
    left = (Text(f"{folder} is left out: {reason}", "note") for folder, reason in (unread or {}).items())
    title = f"{len(rows)} ablation stud{'y' if len(rows) == 1 else 'ies'}"
    document = Document("studies", "Ablation studies", "dlbench", title, {}, (Part("all", "", (shown, *left)),))
    return write(Path(out) / "index.html", html.render(document))


def _row(folder: str, analysis: Analysis) -> Row:
    study, facts, verdicts = analysis.results.study, study_facts(analysis), list(analysis.verdicts["verdict"])
    name = str(study.get("name") or folder)
    marks = tuple(Cell(str(verdicts.count(verdict)), verdict=verdict) for verdict in Verdict if verdict in verdicts)
    return Row((
        Cell(str(study.get("question") or folder), name, name, address=f"{quote(folder)}/"),
        Cell(answers.answer(analysis), "\n".join(answers.notes(analysis))), Cell(marks=marks),
        ", ".join(facts[name] for name in ("dataset", "model") if name in facts), facts["runs"], facts.get("date", ""),
    ), kind="complete" if _complete(analysis.results) else "partial")


def _complete(results: Results) -> bool:
    """Whether nothing of a study is left to run, its tuned comparison and its other datasets included."""
    tuned = results.tuning
    own = results.complete and (tuned is None or (tuned.results is not None and tuned.results.complete))
    return own and all(map(_complete, results.others))
