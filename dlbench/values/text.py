"""Values, counts and names as text for reports, reasons and messages."""

from __future__ import annotations

import math
import re
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import Any, cast

from dlbench.values.command import field_name
from dlbench.values.field import Traits
from dlbench.values.recipe import TRAITS

SEQUENCES = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]")
"""What styles text on a terminal, moves its cursor or clears it (ECMA-48's control sequences)."""


def missing(value: Any) -> bool:
    """Return whether a value is no finite number: None, NaN, NA or infinite.

    Example:
        >>> [missing(value) for value in (None, float("nan"), float("inf"), 0, 0.5)]
        [True, True, True, False, False]
    """
    try:
        return not math.isfinite(value)
    except (TypeError, ValueError):
        return True


def plain(value: Any) -> str:
    """Write the value of a recipe field as text.

    Example:
        >>> plain(0.0), plain(1e-3), plain(None), plain((0, 1)), plain(True)
        ('0', '0.001', 'none', '0, 1', 'on')
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple | list):
        return ", ".join(map(plain, cast("Sequence[Any]", value))) or "none"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def changed(changes: Any) -> str:
    """Write what an arm changed as text.

    Example:
        >>> changed({"model.dropout": (0.0, 0.5), "training.batch_size": (32, 64)})
        'model.dropout 0 → 0.5; training.batch_size 32 → 64'
    """
    shown = {path: TRAITS.get(path, Traits()).words or plain for path in dict(changes or {})}
    return "; ".join(f"{field_name(path)} {shown[path](old)} → {shown[path](new)}" for path, (old, new) in dict(changes or {}).items())


def listed(words: Sequence[str], most: int = 4) -> str:
    """Enumerate names in a sentence, and count those beyond ``most``.

    Example:
        >>> listed(["a", "b", "c"]), listed(list("abcdef"), most=3), listed(["a"])
        ('a, b and c', 'a, b, c and 3 more', 'a')
    """
    words = list(words)
    if len(words) > most:
        words = [*words[:most], f"{len(words) - most} more"]
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def plural(amount: int, noun: str) -> str:
    """Write a number with its noun.

    Example:
        >>> plural(1, "seed"), plural(8, "seed")
        ('1 seed', '8 seeds')
    """
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"


def one_line(text: Any, most: int | None = None) -> str:
    """Write text without line breaks and control characters, cut to ``most`` characters with an ellipsis.

    Example:
        >>> one_line("a\\n b\\x00", most=10), one_line("abcdefgh", most=5)
        ('a b', 'abcd…')
    """
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in str(text)).split())
    return line if most is None or len(line) <= most else line[: most - 1] + "…"


def visible(text: str) -> str:
    r"""Leave out what steers a terminal, cannot be seen or turns the direction of other characters; line breaks and tabs stay.

    Example:
        >>> visible("a\u202eb\x1b[2J\x1b[1mc\n")
        'abc\n'
    """
    return "".join(sign for sign in SEQUENCES.sub("", text) if sign.isprintable() or sign in "\n\t")


def wrapped(line: str, hanging: str = "", width: int = 80) -> str:
    """Break a line at spaces, so that no line is wider than ``width`` and those after the first stand behind ``hanging``.

    Example:
        >>> wrapped("within a margin of ±2 points", "  ", width=22)
        'within a margin of ±2\\n  points'
    """
    return textwrap.fill(line, width, subsequent_indent=hanging, expand_tabs=False, replace_whitespace=False, break_long_words=False,
                         break_on_hyphens=False)


def fitted(text: str, err: bool = False) -> str:
    """Break the lines that are wider than the terminal at spaces; what goes to a file or a program stays in long lines."""
    if not (sys.stderr if err else sys.stdout).isatty():
        return text
    width = shutil.get_terminal_size().columns
    return "\n".join(wrapped(line, "  ", width) if len(line) > width else line for line in text.split("\n"))
