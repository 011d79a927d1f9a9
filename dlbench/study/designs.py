"""Designs: which combinations of a study's entries become arms."""

from __future__ import annotations

import graphlib
import itertools
import pkgutil
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from dlbench.study.parse import BASELINE
from dlbench.study.schema import CONFIRM, CROSSED, MOST_ARMS
from dlbench.study.study import Entry, Study
from dlbench.values.arms import WITHOUT
from dlbench.values.errors import InputError
from dlbench.values.text import listed

if TYPE_CHECKING:
    from dlbench.study.fractional import FractionalDesign

EVERYTHING = "everything"
"""What the name of an arm begins with that leaves a change out."""
MOST_FACTORS = 64
Combination = tuple[str, tuple[Entry, ...], "str | None"]
"""Name of the arm, the entries applied, and the arm it is compared with (None: others are compared with it)."""


def combinations(study: Study) -> list[Combination]:
    """The arms of a study's designs, in each the one that its others are compared with first.

    Raises:
        InputError: the entries do not fit the design, or there are too many.
    """
    every = (arm for design in study.designs for arm in _DESIGNS[design](study))
    found = list(itertools.islice(every, MOST_ARMS + 1))
    if len(found) > MOST_ARMS:
        raise InputError(f"{study.file}: the design has more than {MOST_ARMS:,} arms; accepted: up to {MOST_ARMS:,}")
    return found


def fraction(study: Study) -> FractionalDesign | None:
    """The fraction of the full factorial that a study runs; None where its design is another.

    Raises:
        InputError: the entries do not fit the design.
    """
    if study.designs != ("fractional",):
        return None
    where = f"{study.file}: design = 'fractional'"
    if any(len(group) > 1 for group in _factors(study)):
        raise InputError(f"{where}: an arm is a factor, off or on, and may not sweep values; state one value each")
    names = [entry.name for entry in study.entries]
    if not 2 <= len(names) <= MOST_FACTORS or len(set(names)) < len(names):
        raise InputError(f"{where}: accepted: from two to {MOST_FACTORS} arms of different names, got {len(names)}")
    make = pkgutil.resolve_name("dlbench.study.fractional:fractional_design")  # its imports take as long as all others here
    return make(names, study.resolution)


def settings(study: Study) -> dict[str, list[str]]:
    """Arm -> the factors that are on in it, for designs that set several at once; empty for the others."""
    if not set(CROSSED) & set(study.designs):
        return {}
    return {name: [entry.name for entry in applied] for name, applied, _ in combinations(study)}


def _one_at_a_time(study: Study) -> Iterator[Combination]:
    yield BASELINE, (), None
    for entry in study.entries:
        yield entry.name, (entry,), entry.reference or (None if _few_labels(entry) else BASELINE)


def _few_labels(entry: Entry) -> bool:
    """Whether an arm only trains on fewer labels: a reference for what starts from other weights on them."""
    return any(step.name == "transfer" and given["mode"] == "scratch" and given["labels_per_class"] for step, given in entry.steps)


def _leave_one_out(study: Study) -> Iterator[Combination]:
    groups = _factors(study)
    if any(len(group) > 1 for group in groups):
        raise InputError(f"{study.file}: design = 'leave_one_out': an arm may not sweep values; state one value each")
    if len(groups) < 2:
        raise InputError(f"{study.file}: design = 'leave_one_out' needs at least two arms to leave one out of")
    entries = study.entries
    yield EVERYTHING, entries, None
    for left in entries:
        yield f"{WITHOUT}{left.name}", tuple(entry for entry in entries if entry is not left), EVERYTHING


def _factorial(study: Study) -> Iterator[Combination]:
    levels = [(None, *group) for group in _factors(study)]
    for chosen in itertools.product(*levels):
        yield _combined(tuple(entry for entry in chosen if entry is not None))


def _fractional(study: Study) -> Iterator[Combination]:
    design = cast("FractionalDesign", fraction(study))
    for row in sorted(design.matrix.tolist(), key=lambda row: max(row) > 0):
        yield _combined(tuple(entry for entry, level in zip(study.entries, row) if level > 0))


def _confirm(study: Study) -> Iterator[Combination]:
    """What is to be kept against the baseline; and, against it, the same without each part, and its first part alone."""
    by_name = {entry.name: entry for entry in study.entries}
    parts = tuple(by_name[name] for name in study.keep)
    for entry in parts:
        if entry.reference is not None:
            raise InputError(f"{study.file}: keep: arm '{entry.name}' is compared with '{entry.reference}'; accepted: arms that are "
                             "compared with the baseline")
    yield BASELINE, (), None
    yield (whole := " + ".join(study.keep)), parts, BASELINE
    for left in parts if len(parts) > 1 else ():
        yield f"{WITHOUT}{left.name}", tuple(entry for entry in parts if entry is not left), whole
    if len(parts) > 2:  # of two parts, the first one alone is what is left without the other
        yield parts[0].name, parts[:1], whole


def _combined(applied: tuple[Entry, ...]) -> Combination:
    return (" + ".join(entry.name for entry in applied), applied, BASELINE) if applied else (BASELINE, (), None)


def _factors(study: Study) -> list[list[Entry]]:
    for entry in study.entries:
        if entry.reference is not None:
            raise InputError(f"{study.file}: arm '{entry.name}': reference is for design = 'one_at_a_time' only")
    return [list(group) for _, group in itertools.groupby(study.entries, key=lambda entry: entry.group)]


_DESIGNS = {"one_at_a_time": _one_at_a_time, "leave_one_out": _leave_one_out, "factorial": _factorial, "fractional": _fractional,
            CONFIRM: _confirm}


def demand_no_circle(where: str, references: Mapping[str, str | None]) -> None:
    """Refuse arms that are each other's reference: one difference would be counted as several comparisons.

    Args:
        where: begins the message.
        references: arm -> the arm that it is compared with.

    Raises:
        InputError: naming the arms of the first circle.
    """
    sorter = graphlib.TopologicalSorter({name: [reference] for name, reference in references.items() if reference is not None})
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        circle = listed([f"'{name}'" for name in dict.fromkeys(error.args[1])], most=8)
        raise InputError(f"{where}: arms {circle} are compared with each other in a circle; accepted: a chain of references that ends at "
                         "an arm without one, such as the baseline") from None
