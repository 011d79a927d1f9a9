"""Remarks: what a person has to say about results, on which no number depends."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dlbench.analysis import Analysis
from dlbench.report.document import Block, Section, Text


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield the remarks on a study, and whose they are; nothing where there are none."""
    texts = paragraphs(analysis.results.remarks)
    if texts:
        yield Text("Written by hand (remarks.txt beside the results); nothing else in this report depends on it.")
        yield from map(Text, texts)


def paragraphs(text: str) -> tuple[str, ...]:
    """Split plain text into its paragraphs, between which there are empty lines.

    Example:
        >>> paragraphs("One\\nline.\\n\\nAnother.\\n")
        ('One line.', 'Another.')
    """
    return tuple(line for part in re.split(r"\n\s*\n", text) if (line := " ".join(part.split())))


SECTION = Section("remarks", "Remarks", build)
