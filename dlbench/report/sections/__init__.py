"""The report's sections, in order. A new one is a file beside these, and its line in ``ORDER``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from importlib import import_module

from dlbench.analysis import Analysis
from dlbench.report.document import Block, Section, Text
from dlbench.values.catalogue import Catalogue
from dlbench.values.errors import InputError

ORDER = (
    "answer",
    "verdicts",
    "published",
    "foreign",
    "trials",
    "trust",
    "metrics",
    "budgets",
    "remarks",
    "datasets",
    "tuning",
    "interim",
    "effects",
    "noise",
    "curves",
    "target",
    "examples",
    "label_effects",
    "residuals",
    "cost",
    "labels",
    "overfitting",
    "economy",
    "interactions",
    "controls",
    "runs",
    "environment",
    "reproduce",
)
"""The modules of this package that hold a ``SECTION``; formats render them in this order."""
SECTIONS: tuple[Section, ...] = tuple(import_module(f"{__name__}.{name}").SECTION for name in ORDER)
"""Every report's sections, in order."""
CATALOGUE: Catalogue[Section] = Catalogue("section", Section, SECTIONS)
"""The same, and those of installed packages (entry-point group ``dlbench.sections``)."""


def ordered(added: Iterable[Section] = ()) -> tuple[Section, ...]:
    """Return all sections in order: those of packages, and those that are added here, stand before ``Controls``.

    A section that is not dlbench's own and fails says so in its place, and the report goes on.

    Raises:
        InputError: two sections have the same id.

    Example:
        >>> mine = Section("mine", "Mine", lambda analysis: ())
        >>> [section.id for section in ordered([mine])][-6:]
        ['interactions', 'mine', 'controls', 'runs', 'environment', 'reproduce']
    """
    foreign = (*(section for section in CATALOGUE if section not in SECTIONS), *added)
    place, taken = ORDER.index("controls"), {section.id for section in SECTIONS}
    for section in foreign:
        if section.id in taken:
            raise InputError(f"section '{section.id}': the id is taken by another section; choose another")
        taken.add(section.id)
    return (*SECTIONS[:place], *map(_guarded, foreign), *SECTIONS[place:])


def _guarded(section: Section) -> Section:
    """Return the same section; where it fails, its only block says why."""
    def build(analysis: Analysis) -> tuple[Block, ...]:
        try:
            return tuple(section.build(analysis))
        except Exception as error:  # whatever a plug-in's code raises is the plug-in's to mend
            return (Text(f"This section could not be made: {type(error).__name__}: {error}", "note"),)

    return replace(section, build=build)
