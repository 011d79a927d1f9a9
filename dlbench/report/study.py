"""The report of a study as a document, and what the study is in the words of its head."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dlbench.analysis import Analysis, interim, provenance
from dlbench.report import answers
from dlbench.report.budgets import budget_words
from dlbench.report.document import Document, Progress, Section, assemble
from dlbench.report.sections import ordered
from dlbench.report.wording import count, number, unit_of
from dlbench.values.folds import said_of_folds
from dlbench.values.precision import WORDS
from dlbench.values.recipe import FINAL
from dlbench.values.record import Status
from dlbench.values.text import listed, one_line, plain, plural
from dlbench.values.window import stored_window, window_words


def study_document(analysis: Analysis, added: Iterable[Section] = ()) -> Document:
    """Return a study's report.

    Args:
        analysis: the study, complete or partial.
        added: sections beside the shipped ones and those of installed packages.
    """
    results, facts = analysis.results, study_facts(analysis)
    name, question = (one_line(results.study.get(key) or "") for key in ("name", "question"))
    scored = int((results.runs["status"] == Status.DONE).sum()) if len(results.runs) else 0
    source = f" from {scored} scored runs" + (f" of {facts['date']}" if "date" in facts else "")
    progress = None if results.complete else Progress(answers.finished(results), results.runs_planned, answers.partial(results))
    return Document(name, f"{name}: {question}" if question else name, f"{name} · ablation report", question or name, facts,
                    assemble(ordered(added), analysis), source, progress)


def study_facts(analysis: Analysis) -> dict[str, str]:
    """Return what the study is, name -> text."""
    study, runs = analysis.results.study, analysis.results.runs
    unit = unit_of(analysis.metric)
    every = {
        "dataset": study.get("dataset"),
        "data hash": provenance.data_hash(analysis.results),
        "tested": said_of_folds(int(study.get("folds", 0)), interim.seeds_judged(analysis.results) or None) or None,
        "near-duplicates": _near(runs, study),
        "command": one_line(study.get("run") or "", 120),
        "model": study.get("model"),
        "design": _words(study.get("design")),
        "arms": count(len(analysis.results.arms)),
        "seeds": _seeds(analysis),
        "runs": f"{count(answers.finished(analysis.results))} of {count(analysis.results.runs_planned)} finished",
        "budget": "" if study.get("run") else budget_words(study),
        "precision": WORDS[study["precision"]] if "precision" in study else None,
        "metric": f"{_words(analysis.metric.name)} ({'higher' if analysis.metric.higher_is_better else 'lower'} is better)",
        **({"scored": window_words(over)} if (over := stored_window(analysis.results.study)) != FINAL else {}),
        "margin": f"±{number(analysis.margin * unit.scale, unit.decimals)} {unit.difference}",
        "target": plain(study["target"]) if study.get("target") is not None else None,
        "date": str(study.get("created") or "")[:10],
    }
    return {name: str(value) for name, value in every.items() if value not in (None, "")}


def _seeds(analysis: Analysis) -> str:
    """How many seeds, or when the arms are judged."""
    results = analysis.results
    if not interim.is_adaptive(results):
        return plural(len(results.study["seeds"]), "seed")
    at = f"interim analyses at {listed([str(size) for size in interim.sizes(results)], 12)}" if interim.sizes(results) else "none yet"
    return at + (f", within {interim.spend_s(results):g} s" if interim.spend_s(results) else "")


def _near(runs: Any, study: Mapping[str, Any]) -> str | None:
    """Say how many test examples have a near-duplicate in training, where any run recorded it."""
    counts = list(runs["near_duplicates"].dropna()) if "near_duplicates" in runs else []
    return f"{counts[0]} test examples{' of a fold' if study.get('folds') else ''} have one in training" if counts else None


def _words(name: Any) -> str:
    return str(name or "").replace("_", " ")
