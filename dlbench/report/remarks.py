"""What a person has to say about results: text beside them that no number depends on."""

from __future__ import annotations

import re

from dlbench.report.textual import Section
from dlbench.store.results import Results

ORIGIN = "Written by hand (remarks.txt beside the results); nothing else in this report depends on it."


def section(results: Results) -> Section | None:
    """The remarks on a study; None where there are none."""
    told = paragraphs(results.remarks)
    return Section("remarks", "Remarks", (ORIGIN, *told), ()) if told else None


def paragraphs(text: str) -> tuple[str, ...]:
    """Plain text by paragraphs, between which there are empty lines.

    Example:
        >>> paragraphs("One\\nline.\\n\\nAnother.\\n")
        ('One line.', 'Another.')
    """
    return tuple(line for part in re.split(r"\n\s*\n", text) if (line := " ".join(part.split())))
