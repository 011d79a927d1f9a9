"""How a command ended, and the exit code that follows from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from dlbench.values.controls import BROKEN
from dlbench.values.errors import STOPPED_CODE

FAIL_ON = ("hurts", "inconclusive", "uncontrolled")
"""The conditions that a CI job can fail on."""


class Exit(IntEnum):
    """The exit codes of ``dlbench``."""

    DONE = 0
    HELD = 1
    USAGE = 2
    FAILED = STOPPED_CODE
    NOTHING = 4
    INTERRUPTED = 130


@dataclass(frozen=True)
class Outcome:
    """What the exit code of a command follows from.

    Attributes:
        failed: whether a run failed, or stored results are damaged.
        held: conditions that fail a CI job, such as ``hurts`` -> the arms that they hold for.
        nothing: whether nothing was measured, or nothing can be compared.
        faulty: arms that changed nothing, so that they have no verdict; they count as failed.

    Example:
        >>> Outcome().code, Outcome(held={"hurts": ["dropout"]}, nothing=True).code, Outcome(failed=True, nothing=True).code
        (<Exit.DONE: 0>, <Exit.HELD: 1>, <Exit.FAILED: 3>)
    """

    failed: bool = False
    held: Mapping[str, Sequence[str]] = field(default_factory=dict)
    nothing: bool = False
    faulty: Sequence[str] = ()

    @property
    def code(self) -> Exit:
        """The exit code: a failure goes before a condition that held, and that before "nothing was measured"."""
        if self.failed or self.faulty:
            return Exit.FAILED
        return Exit.HELD if self.held else Exit.NOTHING if self.nothing else Exit.DONE


def worst(codes: Collection[Exit]) -> Exit:
    """The exit code of several studies.

    Example:
        >>> worst([Exit.DONE, Exit.HELD, Exit.NOTHING]), worst([Exit.NOTHING, Exit.FAILED])
        (<Exit.NOTHING: 4>, <Exit.FAILED: 3>)
    """
    return next(code for code in (Exit.FAILED, Exit.NOTHING, Exit.HELD, Exit.DONE) if code in codes)


def held_conditions(table: Any, conditions: Iterable[str]) -> dict[str, list[str]]:
    """The conditions that hold for any arm -> those arms.

    Args:
        table: verdicts, a data frame with columns ``arm, verdict, control``.
        conditions: of :data:`FAIL_ON`.
    """
    bad = {word: table["control"].isin(BROKEN) if word == "uncontrolled" else table["verdict"] == word for word in conditions}
    return {word: list(table["arm"][rows]) for word, rows in bad.items() if rows.any()}
