"""The page that leads to every study of a folder: question, answer, date, link."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dlbench.analysis import Analysis
from dlbench.report import answers, html, pages
from dlbench.report.figures.palette import look
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
    entries = sorted((_entry(folder, analysis) for folder, analysis in studies.items()), key=lambda entry: entry["date"], reverse=True)
    states = [{"value": name, "shown": name} for name in ("complete", "partial")]
    return write(Path(out) / "index.html", html.page("index.html", studies=entries, states=states, unread=unread or {}))


def _entry(folder: str, analysis: Analysis) -> dict[str, Any]:
    results = analysis.results
    facts, verdicts = pages.facts(analysis), list(analysis.verdicts["verdict"])
    return {
        "link": f"{quote(folder)}/index.html",
        "name": str(results.study.get("name") or folder),
        "question": str(results.study.get("question") or folder),
        "answer": answers.answer(analysis),
        "notes": list(answers.notes(analysis)),
        "tally": [{"verdict": name, "sign": look(name).sign, "count": verdicts.count(name)} for name in Verdict if name in verdicts],
        "subject": ", ".join(facts[name] for name in ("dataset", "model") if name in facts),
        "runs": facts["runs"],
        "date": facts.get("date", ""),
        "state": "complete" if _complete(results) else "partial",
    }


def _complete(results: Results) -> bool:
    """Whether nothing of a study is left to run, its tuned comparison and its other datasets included."""
    tuned = results.tuning
    own = results.complete and (tuned is None or (tuned.results is not None and tuned.results.complete))
    return own and all(map(_complete, results.others))
