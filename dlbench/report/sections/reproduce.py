"""Reproduce: the one line that runs the study again, and its file."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.analysis import Analysis
from dlbench.report.document import Block, Code, Details, Section, Text
from dlbench.values.text import one_line


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield the command and the study's text."""
    study = analysis.results.study
    yield Code(one_line(study.get("command") or ""), "Command", command=True)
    yield Text("On a CPU, a run of the same identity in the same environment gives the same scores to the bit.")
    yield Details(f"The study file (SHA-256 {study.get('hash') or ''})", (Code(study.get("text") or "", "Study file"),), unfolded=True)


SECTION = Section("reproduce", "Reproduce", build)
