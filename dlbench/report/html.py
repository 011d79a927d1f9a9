"""The report as one self-contained page: no network, and all of its content without JavaScript."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jinja2
from markupsafe import Markup, escape

from dlbench import __version__
from dlbench.analysis import Analysis
from dlbench.report import (
    answers,
    captions,
    datasets,
    economy,
    interactions,
    labels,
    looks,
    noise,
    overfitting,
    pages,
    plates,
    remarks,
    rows,
    sides,
    tuning,
)
from dlbench.report.figures.canvas import inline
from dlbench.report.wording import unit_of, visible
from dlbench.values.text import missing, one_line

TEMPLATES = Path(__file__).parent / "templates"
SECTIONS = (
    ("answer", "Answer"),
    ("verdicts", "Verdicts"),
    ("remarks", "Remarks"),
    ("datasets", "Across datasets"),
    ("tuning", "Tuning"),
    ("looks", "Looks"),
    ("effects", "Effects"),
    ("curves", "Learning curves"),
    ("examples", "Examples"),
    ("cost", "Cost"),
    ("labels-per-class", "Labels per class"),
    ("overfitting", "Over-fitting"),
    ("economy", "Size, compute and gradients"),
    ("interactions", "Interactions"),
    ("controls", "Controls"),
    ("runs", "Runs"),
    ("environment", "Environment"),
    ("reproduce", "Reproduce"),
)
EXAMPLES = ("turned", "confusion", "augmentation")
PLATES = ("datasets", "effects", "curves", "target", *EXAMPLES, "cost", "labels-per-class", "interactions")
"""The parts that figures belong to."""


def environment() -> jinja2.Environment:
    """Templates that escape all they are given and fail on a name that does not exist."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        finalize=finalize,
    )
    made.filters["breakable"] = breakable
    return made


def finalize(value: Any) -> Any:
    """What a page prints: text of the user's only as far as it can be seen."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def breakable(text: str) -> Markup:
    """Escaped text whose dotted names may break after a dot or an underscore.

    Example:
        >>> breakable("a.b <i>")
        Markup('a.<wbr>b &lt;i&gt;')
    """
    return Markup(re.sub(r"(?<=[a-z])([._])(?=[a-z])", r"\1<wbr>", str(escape(visible(text)))))


def asset(name: str) -> Markup:
    """A style sheet or script of ours, as it is."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def script_hash(script: str) -> str:
    """What the page's security policy allows to run: this script and nothing else."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def page(template: str, **content: Any) -> str:
    """A whole HTML document.

    Args:
        template: its file.
        content: what the template asks for; ``reload_s``: after how many seconds the page loads itself anew (0: never).
    """
    script = asset("report.js")
    shared = {"style": asset("style.css"), "script": script, "script_hash": script_hash(script), "version": __version__, "reload_s": 0}
    return environment().get_template(template).render(**(shared | content))


def render(analysis: Analysis, reload_s: int = 0) -> str:
    """The page of a study.

    Args:
        analysis: the study, complete or partial.
        reload_s: after how many seconds the page loads itself anew; 0: never.

    Returns:
        A whole HTML document.
    """
    drawn: dict[str, list[dict[str, Any]]] = {name: [] for name in PLATES}
    for plate in (*plates.overview(analysis), *plates.panels(analysis)):
        drawn[plate.section].append(inlined(plate))
    content = _content(analysis)
    shown = captions.families(analysis)
    return page("report.html", **content, plates=drawn, captions=shown, sections=_sections(drawn, content), reload_s=reload_s)


def inlined(plate: plates.Plate) -> dict[str, Any]:
    """A figure as part of a page."""
    return {
        "name": plate.name,
        "title": plate.title,
        "caption": plate.caption,
        "arm": plate.arm,
        "svg": Markup(inline(plate.svg, plate.alt)),
    }


def _sections(drawn: dict[str, list], content: dict[str, Any]) -> list[tuple[str, str]]:
    """The sections that this report has."""
    there = {
        "remarks": content["remarks"],
        "datasets": content["datasets"],
        "tuning": content["tuning"],
        "looks": content["looks"],
        "effects": drawn["effects"],
        "curves": drawn["curves"] or drawn["target"],
        "examples": any(drawn[name] for name in EXAMPLES),
        "cost": drawn["cost"],
        "labels-per-class": content["labels"],
        "overfitting": content["overfitting"],
        "economy": content["economy"],
        "interactions": content["factors"],
    }
    return [(id_, title) for id_, title in SECTIONS if there.get(id_, True)]


def _content(analysis: Analysis) -> dict[str, Any]:
    """What the template asks for, but for figures."""
    study, table = analysis.results.study, rows.rows(analysis)
    groups = rows.groups(table)
    return {
        **_words(analysis),
        **_runs(analysis),
        "study": {name: one_line(study.get(name) or "") for name in ("name", "question", "command", "hash")}
        | {"text": study.get("text") or ""},
        "facts": pages.facts(analysis),
        "partial": pages.partial(analysis),
        "rows": table,
        "groups": groups,
        "choices": choices(groups),
        "axis": rows.axis(analysis),
        "noise": noise.content(analysis),
        "remarks": remarks.section(analysis.results),
        "datasets": datasets.section(analysis),
        "tuning": tuning.tuning(analysis),
        "looks": looks.section(analysis.results),
        "labels": labels.section(analysis),
        "overfitting": overfitting.section(analysis.results),
        "economy": economy.section(analysis.results),
        "factors": interactions.content(analysis),
        "sides": sides.sides(analysis),
        "references": pages.references(analysis),
        "controls": pages.controls(analysis),
        "targets": pages.targets(analysis),
        "environments": pages.environments(analysis),
        "timed": any(not missing(value) for value in analysis.verdicts["step_ratio"]),
    }


def _words(analysis: Analysis) -> dict[str, Any]:
    """The answer, and the words that captions are made of."""
    return {
        "answer": answers.answer(analysis),
        "notes": [note for note in answers.notes(analysis) if note != answers.partial(analysis.results)],
        "metric": analysis.metric.name.replace("_", " "),
        "unit": unit_of(analysis.metric).difference,
        "short": unit_of(analysis.metric).short,
        "higher": analysis.metric.higher_is_better,
        "adjustment": captions.adjustment(analysis),
        "baseline": analysis.results.arms["arm"].iloc[0],
        "sides_caption": sides.CAPTION,
    }


def _runs(analysis: Analysis) -> dict[str, Any]:
    """The runs one by one or, where they are too many, by arm; and those that failed."""
    found = analysis.results.runs
    listed = pages.runs(analysis) if len(found) <= pages.MOST_RUNS else []
    return {
        "runs": listed,
        "counts": [] if listed else pages.counts(analysis),
        "failures": pages.failures(analysis),
        "recorded": len(found),
        "lost": len(analysis.failures),
        "scored": int((found["status"] == "done").sum()) if len(found) else 0,
        "statuses": [{"value": name, "shown": name} for name in dict.fromkeys(run["status"] for run in listed)],
    }


def choices(groups: dict[str, list[rows.Row]], words: Mapping[str, str] = MappingProxyType({})) -> list[dict[str, Any]]:
    """The check boxes that filter a table by verdict.

    Args:
        groups: verdict -> the rows that have it.
        words: verdict -> what it is called, where that is something else.
    """
    shown = Markup('<span class="v" data-verdict="{0}" data-sign="{1}">{2}</span> ({3})')
    return [{"value": name, "shown": shown.format(name, members[0].sign, words.get(name, name), len(members))}
            for name, members in groups.items()]
