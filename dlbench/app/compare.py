"""The comparison of two results folders, or of two files of benchmarks: B against A."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlbench.analysis.comparison import Side, as_json, compare_results
from dlbench.app.outcome import Outcome, held_conditions
from dlbench.gate.stored import compare_files
from dlbench.report.comparison import render, text
from dlbench.store.read import finished, read
from dlbench.values.errors import InputError
from dlbench.values.files import write
from dlbench.values.text import one_line

MIN_EFFECT = 0.05


@dataclass(frozen=True)
class Compared:
    """A comparison.

    Attributes:
        text: for a terminal; empty where nothing can be compared.
        data: the same as JSON.
        outcome: what the exit code follows from.
        problem: why the two cannot be compared in full; empty where they can.
        page: the HTML page that was written, if any.
    """

    text: str
    data: Any
    outcome: Outcome
    problem: str = ""
    page: Path | None = None


def compare(a: Path, b: Path, fail_on: Sequence[str] = (), page: Path | None = None,  # noqa: PLR0913
            min_effect: float | None = None, command: str = "") -> Compared:
    """Compare two results folders of one study, or two JSON files of pytest-benchmark.

    Args:
        a, b: two folders, or two files.
        fail_on: of folders: conditions that fail.
        page: of folders: where an HTML page goes; none is written where unset.
        min_effect: of files: the smallest change that matters, a share; 5 % where unset.
        command: what reproduces the comparison, for the page.

    Raises:
        InputError: a file and a folder, one and the same, an option of the other kind, or nothing that can be read.
    """
    files = [path.is_file() for path in (a, b)]
    if any(files) and not all(files):
        raise InputError(f"{a}, {b}: a file and a folder; accepted: two results folders, or two JSON files of pytest-benchmark")
    if a.resolve() == b.resolve():
        raise InputError(f"{a}, {b}: one and the same; accepted: two of them")
    if all(files) and (fail_on or page):
        raise InputError("--fail-on and --format are for results folders; of two benchmark files, a slower case ends with 1")
    if min_effect and not all(files):
        raise InputError("--min-effect is for two benchmark files; a study has a margin of its own")
    return _files(a, b, min_effect or MIN_EFFECT) if all(files) else _folders(a, b, fail_on, page, command)


def _files(a: Path, b: Path, min_effect: float) -> Compared:
    comparison = compare_files(a, b, min_effect)
    if isinstance(comparison, str):
        return Compared("", None, Outcome(nothing=True), f"nothing to compare: {comparison}")
    slower = [change.name for change in comparison.changes if change.verdict == "slower"]
    return Compared(comparison.text, comparison.as_json(), Outcome(held={"slower": slower} if slower else {}))


def _folders(a: Path, b: Path, fail_on: Sequence[str], page: Path | None, command: str) -> Compared:
    one, other = (Side(str(path), read(path), finished(path)) for path in (a, b))
    comparison = compare_results(one, other)
    problem = "" if comparison.comparable else one_line(comparison.times_note)
    if comparison.empty:
        problem = "nothing to compare: no arm has the same name, recipe and a completed seed in both"
    held = held_conditions(comparison.verdicts, fail_on)
    written = write(page, render(comparison, one, other, command)) if page else None
    return Compared(text(comparison), as_json(comparison), Outcome(held=held, nothing=bool(problem)), problem, written)
