"""The report of a study as a document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dlbench.analysis import Analysis
from dlbench.report import answers
from dlbench.report.document import Document, Progress, Section, assemble
from dlbench.report.facts import study_facts
from dlbench.report.sections import ordered
from dlbench.values.record import FINAL, Status
from dlbench.values.text import one_line


def study_document(analysis: Analysis, added: Iterable[Section] = ()) -> Document:
    """A study's report.

    Args:
        analysis: the study, complete or partial.
        added: sections beside the shipped ones and those of installed packages.
    """
    study, facts = analysis.results.study, study_facts(analysis)
    name, question = one_line(study.get("name") or ""), one_line(study.get("question") or "")
    runs = analysis.results.runs
    scored = int((runs["status"] == Status.DONE).sum()) if len(runs) else 0
    source = f" from {scored} scored runs" + (f" of {facts['date']}" if "date" in facts else "")
    return Document(
        name, f"{name}: {question}" if question else name, f"{name} · ablation report", question or name, facts,
        assemble(ordered(added), analysis), source, _progress(analysis, runs))


def _progress(analysis: Analysis, runs: Any) -> Progress | None:
    if analysis.results.complete:
        return None
    finished = int(runs["status"].isin(FINAL).sum()) if len(runs) else 0
    return Progress(finished, analysis.results.runs_planned, answers.partial(analysis.results))
