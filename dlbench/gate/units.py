"""Times and changes as text."""

from __future__ import annotations

import math


def percent(log_ratio: float) -> str:
    """Write a log-ratio as percent with its sign.

    >>> percent(math.log(1.1)), percent(0.0), percent(math.log(3))
    ('+10.0', '+0.0', '+200')
    """
    value = 100 * math.expm1(log_ratio)
    return f"{value:+.1f}" if abs(value) < 99.95 else f"{value:+.0f}"


def duration(seconds: float) -> str:
    """Write seconds in the unit that fits, with three digits.

    >>> duration(0.00012345), duration(2.5), duration(3e-9)
    ('123 µs', '2.5 s', '3 ns')
    """
    unit, scale = next((pair for pair in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)) if seconds >= pair[1]), ("ns", 1e-9))
    return f"{seconds / scale:.3g} {unit}"
