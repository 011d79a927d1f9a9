"""The page that leads to every study of a folder: question, answer, date, link."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dlbench import __version__
from dlbench.report import html, pages
from dlbench.report.analysis import analyse
from dlbench.report.files import write
from dlbench.store.results import Results


def render_index(studies: Mapping[str, Results], out: Path) -> Path:
    """Write the index page of a folder of studies.

    Args:
        studies: a study's folder, seen from ``out`` (such as ``"quickstart"``) -> its results; each has an ``index.html``.
        out: the folder; the page is its ``index.html``.

    Returns:
        The page.
    """
    entries = sorted(
        (_entry(folder, results) for folder, results in studies.items()), key=lambda entry: entry["date"], reverse=True
    )
    script = html.asset("report.js")
    page = html.environment().get_template("index.html")
    filled = page.render(
        studies=entries, style=html.asset("style.css"), script=script, script_hash=html.script_hash(script), version=__version__
    )
    return write(Path(out) / "index.html", filled)


def _entry(folder: str, results: Results) -> dict[str, Any]:
    analysis = analyse(results)
    facts = pages.facts(analysis)
    return {
        "link": f"{quote(folder)}/index.html",
        "name": str(results.study.get("name") or folder),
        "question": str(results.study.get("question") or folder),
        "answer": analysis.answer,
        "notes": list(analysis.notes),
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
