"""Reproduce: the one line that runs the study again, and its file."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.analysis import Analysis
from dlbench.report import tested
from dlbench.report.document import Block, Code, Details, Section, Text
from dlbench.values.text import one_line


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield the command and the study's text."""
    study = analysis.results.study
    yield Code(one_line(study.get("command") or ""), "Command", command=True)
    if tested.control(analysis):
        yield Text("On a CPU, a run of the same identity in the same environment gives the same scores to the bit.")
    file = "study file" if tested.control(analysis) else "file"
    yield Details(f"The {file} (SHA-256 {study.get('hash') or ''})", (Code(study.get("text") or "", file.capitalize()),), unfolded=True)


SECTION = Section("reproduce", "Reproduce", build)
