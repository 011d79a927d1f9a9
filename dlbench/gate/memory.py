"""The memory of cases: measured in two processes of each side, and judged where these agree."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from dlbench.gate.rows import DECIDED, FAILING, OPEN, Row
from dlbench.gate.servers import Lost, Server
from dlbench.gate.units import percent

LONGEST_S = 2.0
"""A case whose calls take longer is not weighed: it would be called a dozen times more."""
PROCESSES = 2


@dataclass(frozen=True)
class Metric:
    """A metric of memory.

    Attributes:
        words: its name in texts.
        unit: ``B`` or nothing.
        floor: the smallest growth that is told, whatever share it is.
        spread: the largest share by which processes of one side may differ for it to be judged.
    """

    words: str
    unit: str
    floor: int
    spread: float


METRICS = {
    "peak_bytes": Metric("peak of Python's memory", "B", 16 * 2**10, 0.01),
    "allocations": Metric("allocations", "", 100, 0.01),
    "resident_bytes": Metric("growth of the process", "B", 4 * 2**20, 0.10),
}
"""In the order in which they are told. The resident set depends on the system, so that it takes more to be judged."""
Values = dict[str, int | None]


def weigh(rows: Sequence[Row], sides: tuple[Sequence[Server], Sequence[Server]], min_effect: float, limit_s: float,
          say: Callable[[str], None]) -> None:
    """Measure the memory of cases that were timed; one that needs more by more than its limit is ``more memory``.

    Args:
        rows: of all cases.
        sides: the servers of base and head.
        min_effect: the smallest growth that matters, a share; a row's own goes before it.
        limit_s: for every answer of a process.
        say: receives a line of progress.
    """
    timed = [row for row in rows if row.pairs and row.verdict in (*DECIDED, *OPEN, "over ceiling")]
    if timed:
        say(f"weighing the memory of {len(timed)} case{'s' * (len(timed) != 1)}")
    for row in timed:
        if (row.base_s or 0.0) > LONGEST_S:
            row.notes.append(f"its memory is not measured, for a call takes more than {LONGEST_S:g} s")
            continue
        try:
            base, head = [[_needed(server, row.name, limit_s) for server in side[:PROCESSES]] for side in sides]
        except Lost as lost:
            row.notes.append(f"its memory could not be measured: {lost}")
            continue
        judge(row, base, head, min_effect if row.min_memory is None else row.min_memory)


def _needed(server: Server, case: str, limit_s: float) -> Values:
    with server.fork(case, limit_s) as process:
        process.ready()
        return process.ask({"memory": True})


def judge(row: Row, base: Sequence[Values], head: Sequence[Values], min_effect: float) -> None:
    """Compare the memory of a case.

    Args:
        row: receives the values, notes, and perhaps the verdict; what it has of time stays.
        base, head: what each process of a side needed.
        min_effect: the smallest growth that matters, a share.
    """
    more, less = [], []
    for name, metric in METRICS.items():
        old, new = row.memory[name] = [[values[name] for values in side] for side in (base, head)]
        if _steady(old, metric) and _steady(new, metric):
            more += _growth(metric, max(old), min(new), min_effect, (max(old), min(new)))
            less += _growth(metric, max(new), min(old), min_effect, (min(old), max(new)))
    if less:
        row.notes.append(f"less memory: {', '.join(less)}")
    if more and row.verdict in FAILING:
        row.notes.append(f"more memory: {', '.join(more)}")
    elif more:
        row.notes.append(f"by its time it is {row.verdict}{f' ({row.reason})' if row.reason else ''}")
        row.close("more memory", ", ".join(more))


def _steady(values: Sequence[int | None], metric: Metric) -> TypeGuard[Sequence[int]]:
    """Whether a metric is known, and the same in all processes of a side."""
    known = [value for value in values if value is not None]
    return 0 < len(known) == len(values) and max(known) <= (1 + metric.spread) * min(known) + 1


def _growth(metric: Metric, small: int, large: int, min_effect: float, told: tuple[int, int]) -> list[str]:
    """Tell a metric's values at the base and in this tree, where one is larger than the other beyond the limit."""
    if large - small < metric.floor or large <= small * (1 + min_effect):
        return []
    old, new = told
    share = f" ({percent(math.log(new / old))} %)" if old and new else ""
    return [f"{metric.words} {amount(old, metric.unit)} -> {amount(new, metric.unit)}{share}"]


def amount(value: int, unit: str) -> str:
    """Write a number of bytes or of things with three digits.

    >>> amount(1_234_567, "B"), amount(512, "B"), amount(12_345, "")
    ('1.23 MB', '512 B', '12,345')
    """
    if not unit:
        return f"{value:,}"
    power = next((power for power in (3, 2, 1) if value >= 1000**power), 0)
    return f"{value / 1000**power:.3g} {('', 'k', 'M', 'G')[power]}{unit}"
