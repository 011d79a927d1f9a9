"""The results of a session of benchmarks, from pytest-benchmark's JSON: times, rates, shares of the machine's rates, and tables of them."""

from __future__ import annotations

import math
import statistics
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

COPY, SGEMM = "copy", "sgemm"
HEADS = ("images/s", "Mpix/s", "roof", "time")
WIDTHS = (10, 8, 7, 9)
WIDTH = 80
LEGEND = """roof: share of the memory copy rate (c) or the SGEMM rate (s), measured in the
same rounds; over 100% where data stays in the cache. time: one call, median
over the rounds."""


@dataclass(frozen=True)
class Row:
    """One case of a session.

    Attributes:
        name, family, task, peer: of the case.
        seconds: median over rounds of one call; None where it was not timed.
        low, high: fastest and slowest round.
        images_per_s, mpixel_per_s: rates at the median; None where the case counts none.
        share: of the machine's copy bandwidth or SGEMM rate, whichever is the larger; None where the case counts neither.
        bound: ``copy`` or ``sgemm``.
        verdict: empty where it was timed; else INCORRECT, FAILED or not installed.
        reason: of the verdict.
    """

    name: str
    family: str
    task: str
    peer: str
    seconds: float | None = None
    low: float | None = None
    high: float | None = None
    images_per_s: float | None = None
    mpixel_per_s: float | None = None
    share: float | None = None
    bound: str = ""
    verdict: str = ""
    reason: str = ""


def rows(data: Mapping[str, Any]) -> list[Row]:
    """Return the rows of a file that ``dlbench bench`` wrote, in its order; cases that were not timed come last."""
    timed = data["benchmarks"]
    rates = _rates(timed)
    untimed = [Row(item["case"], item["family"], item["task"], item["peer"], verdict=item["verdict"], reason=item["reason"])
               for item in data["dlbench"]["untimed"]]
    return [_row(item, rates) for item in timed] + untimed


def _row(item: Mapping[str, Any], rates: Mapping[str, float]) -> Row:
    info, stats = item["extra_info"], item["stats"]
    seconds = stats["median"]
    work = {COPY: info["bytes_moved"], SGEMM: info["flops"]}
    shares = {kind: amount / seconds / rates[kind] for kind, amount in work.items() if amount and kind in rates}
    bound = max(shares, key=lambda kind: shares[kind], default="")
    return Row(info["case"], info["family"], info["task"], info["peer"], seconds, stats["min"], stats["max"],
               info["images"] / seconds or None, info["pixels"] / seconds / 1e6 or None, shares.get(bound), bound)


def _rates(timed: list[Mapping[str, Any]]) -> dict[str, float]:
    """Bytes and floating-point operations per second that this machine reached in the session."""
    rates = {}
    for item in timed:
        info = item["extra_info"]
        amount = info["bytes_moved"] or info["flops"]
        if info["family"] == "machine" and amount:
            rates[COPY if info["bytes_moved"] else SGEMM] = amount / item["stats"]["median"]
    return rates


def ratio(data: Mapping[str, Any], ours: str, theirs: str) -> tuple[float, float, float] | None:
    """Return how many times as fast one case is as another: median, least and most over the rounds; None if either was not timed."""
    by_name = {item["extra_info"]["case"]: item["stats"]["data"] for item in data["benchmarks"]}
    if ours not in by_name or theirs not in by_name:
        return None
    ratios = [their / our for our, their in zip(by_name[ours], by_name[theirs])]
    return statistics.median(ratios), min(ratios), max(ratios)


def duration(seconds: float) -> str:
    """Write a time in the unit that suits it, with three digits.

    Example:
        >>> duration(0.00123), duration(2.5), duration(4.2e-8)
        ('1.23 ms', '2.50 s', '42.0 ns')
    """
    units = (("s", 1), ("ms", 1e3), ("µs", 1e6), ("ns", 1e9))
    unit, scale = next((pair for pair in units if seconds * pair[1] >= 1), units[-1])
    value = seconds * scale
    digits = max(0, 2 - math.floor(math.log10(value))) if value > 0 else 2
    return f"{value:.{digits}f} {unit}"


def count(value: float | None) -> str:
    """Write a rate with three digits; nothing where there is none.

    Example:
        >>> count(77_123.4), count(0.5123), count(None)
        ('77,100', '0.512', '')
    """
    if value is None:
        return ""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:.3g}"


def tables(every: Sequence[Row]) -> str:
    """Write one table a family; within a task the fastest case comes first, and those that were not timed last."""
    families = dict.fromkeys(row.family for row in every)
    return "\n\n".join("\n".join(_family(name, [row for row in every if row.family == name])) for name in families)


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
