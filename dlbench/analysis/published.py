"""What was published of an arm's change, held against what the study found."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pandas as pd

from dlbench.analysis.analysis import Analysis
from dlbench.values.verdict import Verdict

COLUMNS = ("arm", "reference", "verdict", "published", "difference", "low", "high", "agreement", "source", "place", "link")


class Agreement(StrEnum):
    """How far a study's finding agrees with a published difference."""

    SIZE = "same direction and size"
    DIRECTION = "same direction"
    NOT_SHOWN = "not shown"
    CONTRADICTED = "contradicted"


def published(analysis: Analysis) -> pd.DataFrame:
    """Hold each published difference against the verdict on its arm, in the study's order.

    Returns:
        One row an arm of which something was published, columns :data:`COLUMNS`; differences in the metric's own unit. Empty where
        the study states nothing of the kind, or has compared none of these arms.
    """
    stated: dict[str, dict[str, Any]] = analysis.results.study.get("published") or {}
    rows = [(row.arm, row.reference, row.verdict, told["difference"], row.difference, row.low, row.high,
             agreement(told["difference"], row.verdict, (row.difference, row.low, row.high), analysis.margin),
             told["source"], told.get("place", ""), told.get("link", ""))
            for row in analysis.verdicts.itertuples() if (told := stated.get(row.arm)) is not None]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def agreement(published: float, verdict: str, found: tuple[float, float, float], margin: float) -> Agreement:
    """Say how far a finding agrees with a published difference.

    Args:
        published: the published difference.
        verdict: on the arm.
        found: the study's difference and the ends of its interval, in the same unit.
        margin: of the study, in the same unit.

    Returns:
        ``SIZE``: the effect is shown, or shown not to matter, and the interval holds the published difference; ``DIRECTION``: it is shown,
        with the published sign and another size; ``CONTRADICTED``: the opposite is shown, or that an effect of the published size, at
        least the margin, is not there; else ``NOT_SHOWN``.

    Example:
        >>> agreement(0.02, "helps", (0.03, 0.01, 0.05), 0.01).value
        'same direction and size'
        >>> agreement(0.02, "no meaningful effect", (0.0, -0.005, 0.005), 0.01).value
        'contradicted'
    """
    difference, low, high = found
    rounding = 1e-9 * max(abs(published), margin)
    if verdict not in (Verdict.HELPS, Verdict.HURTS, Verdict.EQUIVALENT):
        return Agreement.NOT_SHOWN
    if verdict == Verdict.EQUIVALENT and abs(published) >= margin:
        return Agreement.CONTRADICTED
    if low - rounding <= published <= high + rounding:
        return Agreement.SIZE
    if verdict == Verdict.EQUIVALENT:
        return Agreement.NOT_SHOWN
    return Agreement.DIRECTION if published * difference > 0 else Agreement.CONTRADICTED
