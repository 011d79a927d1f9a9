"""The verdicts on an arm, written once."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What a study concludes of an arm, in the order in which reports list them. Each member is its own text.

    Example:
        >>> f"{Verdict.HELPS}", Verdict("no verdict") is Verdict.NONE
        ('helps', True)
    """

    HELPS = "helps"
    HURTS = "hurts"
    EQUIVALENT = "no meaningful effect"
    INCONCLUSIVE = "inconclusive"
    NONE = "no verdict"
