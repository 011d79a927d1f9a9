"""Reports: of a results folder, of one that is still being written to, and of a folder of results folders."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dlbench.analysis import Analysis, analyse
from dlbench.app.outcome import Outcome, held_conditions
from dlbench.app.result import load
from dlbench.report import FORMATS, render_analysis, render_index, render_live, render_overview
from dlbench.report.afterwards import afterwards
from dlbench.report.closing import closing
from dlbench.store.database import FILE
from dlbench.store.lock import held
from dlbench.store.read import progress, read
from dlbench.values.controls import Control
from dlbench.values.errors import InputError

__all__ = ["DEFAULT_FORMATS", "FORMATS", "Report", "follow", "index", "report", "results_folders"]

DEFAULT_FORMATS = ("html", "md")
POLL_S = 2.0
ALONE = 3
"""How often in a row nobody must be found writing to a folder, before it is no longer followed."""
REST = 4
"""Between two renderings at least so many times as long as one takes: the machine is there for the runs."""


@dataclass(frozen=True)
class Report:
    """A rendered report.

    Attributes:
        paths: the files written, the one to open first.
        verdicts: of every comparison that the study makes, at default and tuned, on each dataset; columns ``arm`` (with the
            dataset and "tuned" where there are several), ``verdict, reason, control``.
        outcome: what the exit code follows from.
        closing: the verdicts for a terminal, what would decide the open ones, and the next command.
        afterwards: that metric or margin were chosen when results had been seen, and what the declared ones say; empty where not.
    """

    paths: tuple[Path, ...]
    verdicts: pd.DataFrame
    outcome: Outcome
    closing: str
    afterwards: str = ""


def report(folder: Path, formats: Sequence[str] = DEFAULT_FORMATS, fail_on: Sequence[str] = (), failed: bool = False,
           **judged: Any) -> Report:
    """Render the report of a results folder; nothing is written where no format is given.

    Args:
        folder: of results.
        formats: of :data:`FORMATS`.
        fail_on: conditions, of :data:`dlbench.app.outcome.FAIL_ON`.
        failed: whether runs failed.
        **judged: the ``metric`` or ``margin`` to judge by instead of the study's; the report is then written beside the study's own.

    Raises:
        InputError: there are no results, they are damaged, or they cannot be judged so.
    """
    result = load(folder)
    if chosen := {name: value for name, value in judged.items() if value is not None}:
        result = result.rejudged(**chosen)
    verdicts = _all_verdicts(result.analysis)
    faulty = tuple(verdicts.loc[verdicts["control"] == Control.FAULT, "arm"])
    return Report(tuple(result.report(*formats)) if formats else (), verdicts,
                  Outcome(failed, held_conditions(verdicts, fail_on), not len(result.results.runs), faulty),
                  closing(result.analysis, result.folder), afterwards(result.analysis))


def _all_verdicts(analysis: Analysis) -> pd.DataFrame:
    tables = []
    for part in analysis.parts:
        dataset = f", on {part.results.study['dataset']}" if analysis.others else ""
        tables += [one.verdicts.assign(arm=one.verdicts["arm"].astype(str) + suffix)
                   for one, suffix in ((part, dataset), (part.tuned, f", tuned{dataset}")) if one is not None]
    return pd.concat(tables, ignore_index=True)


def follow(folder: Path, note: Callable[[str], None]) -> None:
    """Render the page anew whenever runs have ended, until every planned run has been tried, or nobody writes to the folder.

    Args:
        folder: where ``dlbench run`` writes; its first results are waited for.
        note: receives a line a rendering.
    """
    seen, rest_until, alone = None, 0.0, 0
    if not (folder / FILE).is_file():
        note(f"waiting for the first results in {folder} (Ctrl-C ends the wait)")
    while (counts := _counts(folder)) is None or counts[1] or held(folder):
        alone = 0 if held(folder) or not (folder / FILE).is_file() else alone + 1
        if alone == ALONE:
            if counts is None:
                progress(folder)  # it says why the results cannot be read
            note(f"nobody writes to {folder} any more; `dlbench run` goes on with what is missing")
            return
        if counts is not None and counts != seen and time.monotonic() >= rest_until:
            seen, began = counts, time.monotonic()
            path = render_live(read(folder), folder, reload_s=5)
            rest_until = time.monotonic() + REST * (time.monotonic() - began)
            note(f"{path}: {counts[0]} of {sum(counts)} runs")
        time.sleep(POLL_S)


def _counts(folder: Path) -> tuple[int, int] | None:
    """How many runs were tried and how many are still missing; None before there is anything."""
    try:
        status = progress(folder)
    except InputError:
        return None
    missing = status["statuses"].get("missing", 0)
    return status["planned"] - missing, missing or int(not status["decided"])


def results_folders(folder: Path) -> list[Path]:
    """The results folders in a folder that is none itself, by name."""
    return [] if (folder / FILE).is_file() else sorted(path.parent for path in folder.glob(f"*/{FILE}"))


def index(folder: Path, formats: Sequence[str], note: Callable[[str], None], anew: bool = False) -> Outcome:
    """Write the pages of a folder of studies: ``index.html`` (html) and ``README.md`` (md).

    Args:
        folder: of results folders; one that cannot be read is named and left out.
        formats: of the pages, and of the studies' own reports.
        note: receives a line a page, and a line a folder that is left out.
        anew: render the studies' own reports too.
    """
    analyses: dict[str, Analysis] = {}
    unread: dict[str, str] = {}
    for study in results_folders(folder):
        name = str(study.relative_to(folder))
        try:
            analyses[name] = analyse(read(study))
        except InputError as error:
            unread[name] = str(error)
            note(f"{name} is left out: {error}")
            continue
        if anew and study.is_symlink():
            note(f"{name} is a link to another folder: its own report stays as it is")
        elif anew:
            render_analysis(analyses[name], study, formats)
    if "html" in formats:
        note(f"index: {render_index(analyses, folder, unread)}")
    if "md" in formats:
        page = render_overview(analyses, folder, unread)
        note(f"index: {page}" if page else f"{folder / 'README.md'} is not of dlbench's making and stays as it is")
    return Outcome(nothing=not analyses)
