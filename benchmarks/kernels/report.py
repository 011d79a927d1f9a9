"""``reports/kernels.md`` from the rounds of a session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.kernels.goals import goals, spread
from dlbench.bench.rows import Row, count, duration, rows

ALT = {
    "pipeline-32": "Images per second of the whole pipeline at 32x32x3, one bar a library",
    "pipeline-224": "Images per second of the whole pipeline at 224x224x3, one bar a library",
    "single": "Each single transform: how many times as fast as the fastest peer",
}
MET = {True: "yes", False: "**no**", None: "–"}


def render(data: Mapping[str, Any], figures: Sequence[str]) -> str:
    """The report, in Markdown."""
    found = rows(data)
    parts = ["# Kernels\n", _how(data), "## Goals\n", _goals(data), "## Figures\n", *map(_figure, figures)]
    parts += [*_families(found), _untimed(found)]
    return "\n".join(parts).rstrip() + "\n"


def _how(data: Mapping[str, Any]) -> str:
    facts = data["dlbench"]
    packages = ", ".join(f"{name} {version}" for name, version in facts["packages"].items())
    return f"""Made by `python -m benchmarks.kernels` on {facts["date"]}: {facts["cpu"]}, {facts["threads"]} thread(s) each,
Python {facts["python"]}, {packages}.

Every case is checked against plain numpy first. Then all are timed side by side: once a round each, in an order that rotates,
after one call that is not counted; n = {facts["rounds"]} rounds. A time is the median of one call over the rounds, the range is
the fastest and the slowest. Over cases, the rounds of one differ by {100 * spread(data):.0f} % (median of range / median). A
ratio is taken within each round, where both ran side by side; its range is over rounds. The clock includes drawing the random
numbers and, for every library, a float32 batch as the result. *roof* is the share of the copy bandwidth (c) or SGEMM rate (s)
that this machine reached in the same rounds. Random strengths of peers are pinned to one value, so that their output can be
checked; they still draw.
"""


def _goals(data: Mapping[str, Any]) -> str:
    lines = [f"| {goal.text} | {goal.measured} | {MET[goal.met]} |" for goal in goals(data)]
    return "\n".join(["| goal, side by side in one session | measured | met |", "|---|---|---|", *lines]) + "\n"


def _figure(path: str) -> str:
    return f"![{ALT[path.rpartition('/')[2].removesuffix('.svg')]}]({path})\n"


def _families(found: list[Row]) -> Iterator[str]:
    timed = [row for row in found if row.seconds]
    for family in dict.fromkeys(row.family for row in timed):
        yield f"## {family.capitalize()}\n"
        yield "| case | images/s | Mpixel/s | roof | time | range |\n|---|---:|---:|---:|---:|---|"
        members = [row for row in timed if row.family == family]
        for task in dict.fromkeys(row.task for row in members):
            yield from map(_line, sorted((row for row in members if row.task == task), key=lambda row: row.seconds))
        yield ""


def _line(row: Row) -> str:
    share = f"{100 * row.share:.0f} % {row.bound[0]}" if row.share is not None else ""
    name = f"{row.name}" if row.peer else f"**{row.name}**"
    cells = (name, count(row.images_per_s), count(row.mpixel_per_s), share, duration(row.seconds),
             f"{duration(row.low)} to {duration(row.high)}")
    return "| " + " | ".join(cells) + " |"


def _untimed(found: list[Row]) -> str:
    lines = [f"| {row.name} | {row.verdict} | {row.reason.replace('|', '/')} |" for row in found if row.verdict]
    return "\n".join(["## Not timed\n", "| case | verdict | reason |", "|---|---|---|", *lines]) + "\n" if lines else ""
