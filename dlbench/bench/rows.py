"""From pytest-benchmark's JSON to what a table shows: medians, rates, shares of what the machine can do, ratios to the fastest."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COPY, SGEMM = "copy", "sgemm"


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
    """The rows of a file that ``dlbench bench`` wrote, in its order; what was not timed comes last.

    Args:
        data: pytest-benchmark's JSON.
    """
    timed = data["benchmarks"]
    rates = _rates(timed)
    left = [Row(item["case"], item["family"], item["task"], item["peer"], verdict=item["verdict"], reason=item["reason"])
            for item in data["dlbench"]["untimed"]]
    return [_row(item, rates) for item in timed] + left


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
        if info["family"] == "machine" and (info["bytes_moved"] or info["flops"]):
            kind = COPY if info["bytes_moved"] else SGEMM
            rates[kind] = (info["bytes_moved"] or info["flops"]) / item["stats"]["median"]
    return rates


def ratio(data: Mapping[str, Any], ours: str, theirs: str) -> tuple[float, float, float] | None:
    """How many times as fast one case is as another: median, least and most over the rounds, which ran side by side.

    Returns:
        None where either was not timed.
    """
    by_name = {item["extra_info"]["case"]: item["stats"]["data"] for item in data["benchmarks"]}
    if ours not in by_name or theirs not in by_name:
        return None
    ratios = [their / our for our, their in zip(by_name[ours], by_name[theirs])]
    return statistics.median(ratios), min(ratios), max(ratios)


def duration(seconds: float) -> str:
    """A time in the unit that suits it, three digits.

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
    """A rate with three digits, and a point for none.

    Example:
        >>> count(77_123.4), count(0.5123), count(None)
        ('77,100', '0.512', '')
    """
    if value is None:
        return ""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:.3g}"
