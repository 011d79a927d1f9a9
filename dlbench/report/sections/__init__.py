"""The report's sections, in order. A new one is a file beside these, and its line below."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dlbench.analysis import Analysis
from dlbench.report import looks, textual, tuning
from dlbench.report.document import Block, Section, Text
from dlbench.report.sections import (
    answer,
    controls,
    cost,
    curves,
    datasets,
    economy,
    effects,
    environment,
    examples,
    interactions,
    labels,
    noise,
    overfitting,
    remarks,
    reproduce,
    runs,
    target,
    verdicts,
)
from dlbench.values.catalogue import Catalogue
from dlbench.values.errors import InputError

SECTIONS = (
    answer.SECTION,
    verdicts.SECTION,
    remarks.SECTION,
    datasets.SECTION,
    Section("tuning", "Tuning", lambda analysis: textual.blocks(tuning.tuning(analysis))),
    Section("looks", "Looks", lambda analysis: textual.blocks(looks.section(analysis.results))),
    effects.SECTION,
    noise.SECTION,
    curves.SECTION,
    target.SECTION,
    examples.SECTION,
    cost.SECTION,
    labels.SECTION,
    overfitting.SECTION,
    economy.SECTION,
    interactions.SECTION,
    controls.SECTION,
    runs.SECTION,
    environment.SECTION,
    reproduce.SECTION,
)
"""Every report's sections; formats render them in this order."""
CATALOGUE: Catalogue[Section] = Catalogue("section", Section, SECTIONS)
"""The same, and those of installed packages (entry-point group ``dlbench.sections``)."""


def ordered(added: Iterable[Section] = ()) -> tuple[Section, ...]:
    """All sections in order: those of packages, and those that are added here, stand before ``Controls``.

    A section that is not dlbench's own and fails says so in its place, and the report goes on.

    Raises:
        InputError: two sections have the same id.

    Example:
        >>> mine = Section("mine", "Mine", lambda analysis: ())
        >>> [section.id for section in ordered([mine])][-6:]
        ['interactions', 'mine', 'controls', 'runs', 'environment', 'reproduce']
    """
    foreign = (*(section for section in CATALOGUE if section not in SECTIONS), *added)
    place, taken = SECTIONS.index(controls.SECTION), {section.id for section in SECTIONS}
    for section in foreign:
        if section.id in taken:
            raise InputError(f"section '{section.id}': the id is taken by another section; choose another")
        taken.add(section.id)
    return (*SECTIONS[:place], *map(_guarded, foreign), *SECTIONS[place:])


def _guarded(section: Section) -> Section:
    """The same section; where it fails, its only block says why."""
    def build(analysis: Analysis) -> tuple[Block, ...]:
        try:
            return tuple(section.build(analysis))
        except Exception as error:  # whatever a plug-in's code raises is the plug-in's to mend
            return (Text(f"This section could not be made: {type(error).__name__}: {error}", "note"),)

    return replace(section, build=build)
