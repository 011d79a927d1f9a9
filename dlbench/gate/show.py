"""The gate's result as a table for a terminal of 80 columns, and as Markdown for a pull request."""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from collections.abc import Sequence

from dlbench.gate.measure import Result
from dlbench.gate.rows import FAILING, Row
from dlbench.gate.units import duration, percent

WIDTH = 80
COLUMNS = (("case", 28), ("base", 8), ("change", 8), ("interval, %", 14), ("pairs", 5), ("verdict", 12))
COMMON = ("suspected", "undecided", "not run")
"""Verdicts whose reasons are counted, not listed case by case."""
WAITS = 0.2
"""A case that is judged by processor time is named where it waits for a larger share of the time."""
MARK = "<!-- dlbench gate -->"
"""Tells the gate's comment from those of other programs."""
NAME = 120
"""The longest name in a comment."""
BYTES = 60_000
"""The longest comment; GitHub takes 65,536 characters."""
MOST_REMARKS = 40
QUIET = ("undecided", "no change", "appeared", "vanished", "not run")
"""Verdicts that a pull request's comment shows only when it is unfolded."""


def table(result: Result) -> str:
    """Write the result as text: a line a case, then reasons, remarks and the answer."""
    lines = [_line([title for title, _ in COLUMNS]), _line(["-" * width for _, width in COLUMNS])]
    lines += [_line(_cells(row, label)) for row, label in zip(result.rows, labels([row.name for row in result.rows], COLUMNS[0][1]))]
    for title, text in _remarks(result.rows):
        lines += textwrap.wrap(f"{title}: {text}", WIDTH, subsequent_indent="  ", break_long_words=False)
    lines += [line for text in result.remarks for line in textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_long_words=False)]
    return "\n".join([*lines, "", *textwrap.wrap(f"{result.headline} ({_how(result)})", WIDTH)])


def markdown(result: Result, most_bytes: int = BYTES) -> str:
    """Write the result as a pull-request comment: the answer, the cases that need attention, and the others folded; never too long."""
    rows = list(result.rows)
    while len((text := _markdown(result, rows)).encode()) > most_bytes and rows:
        rows = rows[: len(rows) * most_bytes // len(text.encode())] if len(rows) > 1 else []
    return text


def _markdown(result: Result, shown: Sequence[Row]) -> str:
    loud = [row for row in shown if row.verdict not in QUIET]
    quiet = [row for row in shown if row.verdict in QUIET]
    left_out = len(result.rows) - len(shown)
    parts = [MARK, f"### Performance gate: {escaped(result.headline)}", ""]
    parts += [f"{escaped(result.head)} against {escaped(result.base)}.", ""]
    parts += [*_markdown_table(loud), ""] if loud else []
    parts += [f"- {escaped(text)}" for text in result.remarks[:MOST_REMARKS]]
    parts += [f"- {escaped(title)}: {escaped(text)}" for title, text in _remarks(shown)]
    if quiet:
        counted = Counter(row.verdict for row in quiet)
        counts = ", ".join(f"{counted[verdict]} {verdict}" for verdict in QUIET if counted[verdict])
        parts += ["", f"<details><summary>{counts}</summary>", "", *_markdown_table(quiet), "", "</details>"]
    parts += ["", f"{left_out} more cases are in `gate.json`, which the job keeps."] if left_out else []
    return "\n".join([*parts, "", f"<sub>{_how(result)}.</sub>"]) + "\n"


def _markdown_table(rows: Sequence[Row]) -> list[str]:
    lines = [[title for title, _ in COLUMNS], ["---", "---:", "---:", "---:", "---:", "---"]]
    for row, label in zip(rows, labels([row.name for row in rows], NAME)):
        name, *cells = _cells(row, label)
        verdict = f"**{row.verdict}**" if row.verdict in FAILING else row.verdict
        lines.append([f"`{name.replace('`', chr(39))}`".replace("|", "\\|"), *cells[:-1], verdict])
    return ["| " + " | ".join(cells) + " |" for cells in lines]


def escaped(text: str) -> str:
    """Escape what Markdown would interpret.

    >>> escaped("a_b < c")
    'a\\\\_b &lt; c'
    """
    return text.translate({ord(mark): f"\\{mark}" for mark in "\\`*_{}[]|#"} | {ord("<"): "&lt;", ord(">"): "&gt;"})


def _cells(row: Row, label: str) -> list[str]:
    limits = "" if math.isnan(row.low) else f"{percent(row.low)} to {percent(row.high)}"
    base, change = ("", "") if row.base_s is None else (duration(row.base_s), f"{percent(row.mean)} %")
    return [label, base, change, limits, str(len(row.pairs) or ""), row.verdict]


def _line(cells: Sequence[str]) -> str:
    kinds = "<>>>><"
    return " ".join(f"{cell:{kind}{width}}" for cell, kind, (_, width) in zip(cells, kinds, COLUMNS)).rstrip()


def _remarks(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Reasons of verdicts, changed outputs, and cases that mostly wait, each with its title."""
    remarks = [(row.name, row.reason) for row in rows if row.reason and row.verdict not in COMMON]
    for verdict in COMMON:
        counts = Counter(row.reason for row in rows if row.verdict == verdict and row.reason)
        remarks += [(f"{count} {verdict}", reason) for reason, count in counts.items()]
    remarks += [(row.name, f"its output {row.output}") for row in rows if row.output.startswith("changed")]
    notes = Counter(note for row in rows for note in row.notes)
    for note, count in notes.items():
        remarks.append((f"{count} cases" if count > 1 else next(row.name for row in rows if note in row.notes), note))
    waiting = [f"{row.name} ({100 * row.idle:.0f} %)" for row in rows if row.idle > WAITS and row.clock != "wall"]
    return remarks + [("waits, which --clock wall would count", ", ".join(waiting))] * bool(waiting)


def _how(result: Result) -> str:
    s = result.settings
    clock = {"cpu": "processor time", "wall": "wall time", "auto": "processor time, wall time of cases that mostly wait"}[s.timer.clock]
    return (f"{clock}; {s.servers} servers a side; verdicts beyond {100 * s.min_effect:g} % at {100 * s.alpha:g} %, Holm, "
            f"{s.pairs} pairs; {result.seconds[1]:.0f} s after {result.seconds[0]:.0f} s to start")


def elided(name: str, width: int) -> str:
    """Shorten a long name by leaving out its middle.

    >>> elided("augment[224x224x3-uint8-b16]", 16)
    'augment…nt8-b16]'
    """
    keep = width - 1
    return name if len(name) <= width else f"{name[: keep // 2]}…{name[-(keep - keep // 2):]}"



def labels(names: Sequence[str], width: int) -> list[str]:
    """Shorten names so that they stay different.

    >>> labels(["a" * 20 + "x" + "b" * 20, "a" * 20 + "y" + "b" * 20, "c"], 12)
    ['aaaa…bbbbb~1', 'aaaa…bbbbb~2', 'c']
    """
    short, seen = [elided(name, width) for name in names], Counter()
    counts, found = Counter(short), []
    for name, label in zip(names, short):
        seen[label] += 1
        mark = f"~{seen[label]}"
        found.append(label if counts[label] == 1 else elided(name, width - len(mark)) + mark)
    return found
