"""One table a family, 80 columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from dlbench.bench.rows import Row, count, duration

HEADS = ("images/s", "Mpix/s", "roof", "time")
WIDTHS = (10, 8, 7, 9)
WIDTH = 80


def tables(found: Sequence[Row]) -> str:
    """All families, each with a heading; within a task the fastest first, and what was not timed last."""
    families = list(dict.fromkeys(row.family for row in found))
    return "\n\n".join("\n".join(_family(name, [row for row in found if row.family == name])) for name in families)


def _family(name: str, members: list[Row]) -> Iterator[str]:
    first = WIDTH - sum(WIDTHS) - len(WIDTHS)
    yield f"{name:<{first}}" + "".join(f" {head:>{width}}" for head, width in zip(HEADS, WIDTHS))
    for task in dict.fromkeys(row.task for row in members):
        rivals = sorted((row for row in members if row.task == task), key=lambda row: (row.seconds is None, row.seconds or 0))
        alone = len(rivals) == 1
        if not alone:
            yield f"  {task}"
        for row in rivals:
            label = row.name if alone else "  " + (row.peer or row.name.partition("[")[0])
            yield from _line(f"  {label}", row, first)


def _line(label: str, row: Row, first: int) -> Iterator[str]:
    label = label if len(label) <= first else label[: first - 1] + "…"
    if row.seconds is None:
        yield f"{label:<{first}} {row.verdict}"
        if row.verdict != "not installed":
            yield from textwrap.wrap(row.reason, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)
        return
    share = f"{100 * row.share:.0f}% {row.bound[0]}" if row.share is not None else ""
    cells = (count(row.images_per_s), count(row.mpixel_per_s), share, duration(row.seconds))
    yield f"{label:<{first}}" + "".join(f" {cell:>{width}}" for cell, width in zip(cells, WIDTHS))


LEGEND = """roof: share of the memory copy rate (c) or the SGEMM rate (s), measured in the
same rounds; over 100% where data stays in the cache. time: one call, median
over the rounds."""
