"""Designs: which combinations of a study's entries become arms."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

from dlbench.study.parse import BASELINE
from dlbench.study.schema import Entry, Study
from dlbench.values.errors import InputError

EVERYTHING = "everything"
Combination = tuple[str, tuple[Entry, ...], "str | None"]
"""Name of the arm, the entries applied, and the arm it is compared with (None: it is the baseline itself)."""


def combinations(study: Study) -> list[Combination]:
    """The arms of a study's design, the one that the others are compared with first.

    Raises:
        InputError: the entries do not fit the design.
    """
    return list(_DESIGNS[study.design](study))


def _one_at_a_time(study: Study) -> Iterator[Combination]:
    yield BASELINE, (), None
    for entry in study.entries:
        yield entry.name, (entry,), entry.reference or BASELINE


def _leave_one_out(study: Study) -> Iterator[Combination]:
    groups = _factors(study)
    if any(len(group) > 1 for group in groups):
        raise InputError(f"{os.path.basename(study.origin)}: design = 'leave_one_out': an arm may not sweep values; state one value each")
    if len(groups) < 2:
        raise InputError(f"{os.path.basename(study.origin)}: design = 'leave_one_out' needs at least two arms to leave one out of")
    entries = study.entries
    yield EVERYTHING, entries, None
    for left in entries:
        yield f"without {left.name}", tuple(entry for entry in entries if entry is not left), EVERYTHING


def _factorial(study: Study) -> Iterator[Combination]:
    levels = [(None, *group) for group in _factors(study)]
    for chosen in itertools.product(*levels):
        applied = tuple(entry for entry in chosen if entry is not None)
        if applied:
            yield " + ".join(entry.name for entry in applied), applied, BASELINE
        else:
            yield BASELINE, (), None


def _factors(study: Study) -> list[list[Entry]]:
    for entry in study.entries:
        if entry.reference is not None:
            raise InputError(f"{os.path.basename(study.origin)}: arm '{entry.name}': reference is for design = 'one_at_a_time' only")
    return [list(group) for _, group in itertools.groupby(study.entries, key=lambda entry: entry.group)]


_DESIGNS = {"one_at_a_time": _one_at_a_time, "leave_one_out": _leave_one_out, "factorial": _factorial}
