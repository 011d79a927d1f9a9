"""How numbers, units and changes are worded: the same words in every format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dlbench.stats.wording import format_p
from dlbench.values.metric import Metric
from dlbench.values.text import missing, one_line

NOTHING = "–"
MINUS = "−"


@dataclass(frozen=True)
class Unit:
    """How a metric's values are shown.

    Attributes:
        scale: a stored value times this is the number shown.
        level: the unit of a value, such as ``"%"``.
        difference: the unit of a difference, in words.
        short: the same where room is short.
        decimals: digits after the point.
    """

    scale: float
    level: str
    difference: str
    short: str
    decimals: int


def unit_of(metric: Metric) -> Unit:
    """Return the unit that a metric is shown in: fractions as per cent, everything else as it is.

    Example:
        >>> from dlbench.values.metric import metric
        >>> unit_of(metric("test_accuracy")).difference, unit_of(metric("test_loss")).difference
        ('percentage points', 'nats')
    """
    if metric.unit == "fraction":
        return Unit(100.0, "%", "percentage points", "pp", 2)
    return Unit(1.0, metric.unit, metric.unit, metric.unit, 4)


def margin(value: float, unit: Unit) -> str:
    """Return a margin without zeros that say nothing.

    Example:
        >>> margin(0.005, Unit(100.0, "%", "points", "pp", 2))
        '±0.5 pp'
    """
    return f"±{number(value * unit.scale, unit.decimals).rstrip('0').rstrip('.')} {unit.short}".rstrip()


def number(value: Any, decimals: int = 2, sign: bool = False) -> str:
    """Return a number with a true minus sign; an en dash where there is none. A rounded zero has no sign.

    Example:
        >>> number(-0.4149), number(0.4149, sign=True), number(float("nan")), number(-0.001, sign=True)
        ('−0.41', '+0.41', '–', '0.00')
    """
    if missing(value):
        return NOTHING
    text = f"{abs(value):,.{decimals}f}"
    if not any(digit in "123456789" for digit in text):
        return text
    return (MINUS if value < 0 else "+" if sign else "") + text


def level(value: Any, unit: Unit) -> str:
    """Return a metric's value with its unit.

    Example:
        >>> from dlbench.values.metric import metric
        >>> level(0.97123, unit_of(metric("test_accuracy")))
        '97.12 %'
    """
    return NOTHING if missing(value) else f"{number(value * unit.scale, unit.decimals)} {unit.level}".rstrip()


def difference(value: Any, unit: Unit, words: bool = False) -> str:
    """Return a signed difference with its unit, short or in words.

    Example:
        >>> from dlbench.values.metric import metric
        >>> difference(0.00412, unit_of(metric("test_accuracy")))
        '+0.41 pp'
    """
    if missing(value):
        return NOTHING
    return f"{bare(value, unit)} {unit.difference if words else unit.short}".rstrip()


def bare(value: Any, unit: Unit) -> str:
    """Return a signed difference without its unit."""
    return NOTHING if missing(value) else number(value * unit.scale, unit.decimals, sign=True)


def interval(low: Any, high: Any, unit: Unit) -> str:
    """Return an interval of a difference, without its unit; an en dash where there is none.

    Example:
        >>> from dlbench.values.metric import metric
        >>> interval(-0.001, 0.004, unit_of(metric("test_accuracy")))
        '−0.10 to +0.40'
    """
    if missing(low) or missing(high):
        return NOTHING
    return f"{bare(low, unit)} to {bare(high, unit)}"


def probability(value: Any) -> str:
    """Return a p-value, with so many digits that rounding never moves it across 0.05.

    Example:
        >>> probability(0.0312), probability(0.00002), probability(None)
        ('0.031', '< 0.001', '–')
    """
    return NOTHING if missing(value) else format_p(float(value)).removeprefix("p ")


def ratio(value: Any, low: Any = None, high: Any = None) -> str:
    """Return a ratio to the reference, with its interval where it has one.

    Example:
        >>> ratio(1.314), ratio(1.314, 1.29, 1.35), ratio(None)
        ('1.31×', '1.31× (1.29 to 1.35)', '–')
    """
    if missing(value):
        return NOTHING
    text = f"{value:.2f}×" if value >= 0.01 else f"{value:.2g}×"
    return text if missing(low) or missing(high) else f"{text} ({low:.2f} to {high:.2f})"


def count(value: Any) -> str:
    """Return a whole number with thousands separators.

    Example:
        >>> count(93322.0), count(float("nan"))
        ('93,322', '–')
    """
    return NOTHING if missing(value) else f"{round(float(value)):,}"


def milliseconds(value: Any) -> str:
    """Return a time to three significant digits.

    Example:
        >>> milliseconds(0.01234), milliseconds(1.9), milliseconds(None)
        ('0.0123 ms', '1.9 ms', '–')
    """
    return NOTHING if missing(value) else f"{value:.3g} ms"


def shortened(text: Any, most: int) -> str:
    """Return one line of at most ``most`` characters; what is cut is cut from the middle, for arms of a sweep differ at their ends.

    Example:
        >>> shortened("batch_size size=128 lr_rule=linear", 20)
        'batch_size…le=linear'
    """
    line = one_line(text)
    if len(line) <= most:
        return line
    head = most // 2
    return line[:head] + "…" + line[len(line) - (most - head - 1) :]
