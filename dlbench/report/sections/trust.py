"""Can this be trusted: what speaks against reading the verdicts as they stand."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.analysis import Analysis
from dlbench.analysis.diagnosis import diagnose
from dlbench.report.document import Block, Row, Section, Table, columns

CAPTION = "What in the runs speaks against reading the verdicts as they stand, what shows it, and what to do; dlbench doctor DIR prints it."


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield the findings; nothing where there are none."""
    findings = diagnose(analysis)
    if findings:
        yield Table("findings", "Findings", CAPTION, columns("Finding", "Evidence", "Remedy", wide=(1, 2)),
                    tuple(Row((found.subject, found.evidence, found.remedy)) for found in findings))


SECTION = Section("trust", "Can this be trusted?", build)
