"""How numbers, units and changes are worded: the same words in every format."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dlbench.stats.wording import format_p
from dlbench.values.field import Traits
from dlbench.values.metric import Metric
from dlbench.values.recipe import TRAITS

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
    """The unit that a metric is shown in: fractions as per cent, everything else as it is.

    Example:
        >>> from dlbench.values.metric import metric
        >>> unit_of(metric("test_accuracy")).difference, unit_of(metric("test_loss")).difference
        ('percentage points', 'nats')
    """
    if metric.unit == "fraction":
        return Unit(100.0, "%", "percentage points", "pp", 2)
    return Unit(1.0, metric.unit, metric.unit, metric.unit, 4)


def missing(value: Any) -> bool:
    """Whether there is no number: None, NaN, NA or infinite.

    Example:
        >>> [missing(value) for value in (None, float("nan"), float("inf"), 0, 0.5)]
        [True, True, True, False, False]
    """
    try:
        return not math.isfinite(value)
    except (TypeError, ValueError):
        return True


def number(value: Any, decimals: int = 2, sign: bool = False) -> str:
    """A number with a true minus sign; an en dash where there is none. A rounded zero has no sign.

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
    """A metric's value with its unit.

    Example:
        >>> from dlbench.values.metric import metric
        >>> level(0.97123, unit_of(metric("test_accuracy")))
        '97.12 %'
    """
    return NOTHING if missing(value) else f"{number(value * unit.scale, unit.decimals)} {unit.level}".rstrip()


def difference(value: Any, unit: Unit, words: bool = False) -> str:
    """A signed difference with its unit, short or in words.

    Example:
        >>> from dlbench.values.metric import metric
        >>> difference(0.00412, unit_of(metric("test_accuracy")))
        '+0.41 pp'
    """
    if missing(value):
        return NOTHING
    return f"{bare(value, unit)} {unit.difference if words else unit.short}".rstrip()


def bare(value: Any, unit: Unit) -> str:
    """A signed difference without its unit."""
    return NOTHING if missing(value) else number(value * unit.scale, unit.decimals, sign=True)


def interval(low: Any, high: Any, unit: Unit) -> str:
    """An interval of a difference, without its unit; an en dash where there is none.

    Example:
        >>> from dlbench.values.metric import metric
        >>> interval(-0.001, 0.004, unit_of(metric("test_accuracy")))
        '−0.10 to +0.40'
    """
    if missing(low) or missing(high):
        return NOTHING
    return f"{bare(low, unit)} to {bare(high, unit)}"


def probability(value: Any) -> str:
    """A p-value, with so many digits that rounding never moves it across 0.05.

    Example:
        >>> probability(0.0312), probability(0.00002), probability(None)
        ('0.031', '< 0.001', '–')
    """
    return NOTHING if missing(value) else format_p(float(value)).removeprefix("p ")


def ratio(value: Any, low: Any = None, high: Any = None) -> str:
    """A ratio to the reference, with its interval where it has one.

    Example:
        >>> ratio(1.314), ratio(1.314, 1.29, 1.35), ratio(None)
        ('1.31×', '1.31× (1.29 to 1.35)', '–')
    """
    if missing(value):
        return NOTHING
    text = f"{value:.2f}×" if value >= 0.01 else f"{value:.2g}×"
    return text if missing(low) or missing(high) else f"{text} ({low:.2f} to {high:.2f})"


def count(value: Any) -> str:
    """A whole number with thousands separators.

    Example:
        >>> count(93322.0), count(float("nan"))
        ('93,322', '–')
    """
    return NOTHING if missing(value) else f"{round(float(value)):,}"


def plain(value: Any) -> str:
    """A recipe field's value as text.

    Example:
        >>> plain(0.0), plain(1e-3), plain(None), plain((0, 1)), plain(True)
        ('0', '0.001', 'none', '0, 1', 'on')
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (tuple, list)):
        return ", ".join(plain(item) for item in value) or "none"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def changed(changes: Any) -> str:
    """What an arm changed, as text.

    Example:
        >>> changed({"model.dropout": (0.0, 0.5), "training.batch_size": (32, 64)})
        'model.dropout 0 → 0.5; training.batch_size 32 → 64'
    """
    shown = {path: TRAITS.get(path, Traits()).words or plain for path in dict(changes or {})}
    return "; ".join(f"{path} {shown[path](old)} → {shown[path](new)}" for path, (old, new) in dict(changes or {}).items())


def listed(words: Sequence[str], most: int = 4) -> str:
    """Names in a sentence; what is beyond ``most`` is counted.

    Example:
        >>> listed(["a", "b", "c"]), listed(list("abcdef"), most=3), listed(["a"])
        ('a, b and c', 'a, b, c and 3 more', 'a')
    """
    words = list(words)
    if len(words) > most:
        words = [*words[:most], f"{len(words) - most} more"]
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def milliseconds(value: Any) -> str:
    """A time to three significant digits.

    Example:
        >>> milliseconds(0.01234), milliseconds(1.9), milliseconds(None)
        ('0.0123 ms', '1.9 ms', '–')
    """
    return NOTHING if missing(value) else f"{value:.3g} ms"


def plural(amount: int, noun: str) -> str:
    """A counted noun.

    Example:
        >>> plural(1, "seed"), plural(8, "seed")
        ('1 seed', '8 seeds')
    """
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"


def one_line(text: Any, most: int | None = None) -> str:
    """Text without line breaks and control characters, cut to ``most`` characters with an ellipsis.

    Example:
        >>> one_line("a\\n b\\x00", most=10), one_line("abcdefgh", most=5)
        ('a b', 'abcd…')
    """
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in str(text)).split())
    return line if most is None or len(line) <= most else line[: most - 1] + "…"


def shortened(text: Any, most: int) -> str:
    """One line of at most ``most`` characters; what is cut is cut from the middle, for arms of a sweep differ at their ends.

    Example:
        >>> shortened("batch_size size=128 lr_rule=linear", 20)
        'batch_size…le=linear'
    """
    line = one_line(text)
    if len(line) <= most:
        return line
    head = most // 2
    return line[:head] + "…" + line[len(line) - (most - head - 1) :]


def visible(text: str) -> str:
    r"""Text without characters that cannot be seen or turn the direction of others; line breaks and tabs stay.

    Example:
        >>> visible("a\u202eb\n")
        'ab\n'
    """
    return "".join(sign for sign in text if sign.isprintable() or sign in "\n\t")
