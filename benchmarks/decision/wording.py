"""How the report writes numbers and tables."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence


def count(value: float | None) -> str:
    """A number of seeds, with a decimal where it is a mean.

    >>> count(8), count(7.26), count(None)
    ('8', '7.3', 'none is enough')
    """
    return "none is enough" if value is None else f"{value:.1f}" if value != int(value) else f"{value:.0f}"


def over(values: Iterable[float | None]) -> str:
    """Median and range of numbers of seeds.

    >>> over([8, 4, 5.5])
    '5.5 (4 to 8)'
    """
    found = [math.inf if value is None else float(value) for value in values]
    middle, low, high = (count(None if value == math.inf else value) for value in (statistics.median(found), min(found), max(found)))
    return f"{middle} ({low} to {high})"


def ranged(values: Iterable[float], digits: int = 1) -> str:
    """Median and range.

    >>> ranged([3.0, 1.0, 2.0])
    '2.0 (1.0 to 3.0)'
    """
    values = list(values)
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def interval(limits: tuple[float, float]) -> str:
    """Limits of an interval: "1.0 to 2.0"."""
    return f"{limits[0]:.1f} to {limits[1]:.1f}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table, and an empty one after it."""
    lines = [heads, ["---", *("---:" for _ in heads[1:])], *rows]
    return ["| " + " | ".join(cells) + " |" for cells in lines] + [""]
