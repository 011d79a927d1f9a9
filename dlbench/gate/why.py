"""Why a case is slower: the functions whose own time grew most, by a profile of both sides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dlbench.gate.places import place_of
from dlbench.gate.rows import Row
from dlbench.gate.servers import Lost, Server
from dlbench.gate.units import duration

SHOWN = 3
"""Functions that are told."""
SHARE = 0.05
"""A function is told where its own time grew by at least this share of the whole growth."""


def explain(rows: Sequence[Row], base: Server, head: Server, limit_s: float, say: Callable[[str], None]) -> None:
    """Profile slower cases on both sides, each in a fresh process, and note what grew; a case that cannot be profiled says so."""
    if rows:
        say(f"profiling {len(rows)} slower case{'s' * (len(rows) != 1)}")
    for row in rows:
        try:
            old, new = (_profile(server, row.name, limit_s) for server in (base, head))
            before, after = ({name: seconds for name, (seconds, *_) in profile.items()} for profile in (old, new))
            names = grown(before, after)
            row.notes += [f"own time grew: {_told(name, before, after)}" for name in names]
            row.notes += ["no function's own time grew in its profile"] * (not names)
            row.grown = [place_of(name, *new[name][1:], base.side.root, head.side.root) for name in names if new[name][1]]
        except Lost as lost:
            row.notes.append(f"its profile failed: {lost}")


def grown(before: Mapping[str, float], after: Mapping[str, float]) -> list[str]:
    """Return the functions whose own time, in seconds a call under the profiler, grew most, the largest growth first.

    Example:
        >>> grown({"f (a.py)": 0.001, "g (a.py)": 0.002}, {"f (a.py)": 0.004, "g (a.py)": 0.002, "h (b.py)": 0.001})
        ['f (a.py)', 'h (b.py)']
    """
    growth = {name: seconds - before.get(name, 0.0) for name, seconds in after.items()}
    whole = sum(value for value in growth.values() if value > 0)
    told = sorted((name for name, value in growth.items() if value > SHARE * whole > 0), key=lambda name: -growth[name])
    return told[:SHOWN]


def _told(name: str, before: Mapping[str, float], after: Mapping[str, float]) -> str:
    return f"{name}, {_seconds(before.get(name, 0.0))} -> {_seconds(after[name])} a call under the profiler"


def _seconds(value: float) -> str:
    return duration(value) if value else "0"


def _profile(server: Server, case: str, limit_s: float) -> dict[str, tuple[float, str, int]]:
    with server.fork(case, limit_s) as process:
        process.ready()
        found = process.ask({"profile": str(server.side.root)})["own_s"]
    return {name: (seconds, path, line) for name, (seconds, path, line) in found.items()}
