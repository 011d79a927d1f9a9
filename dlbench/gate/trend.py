"""What a history says of each case: a level per commit with its error, the change in all, and stretches in which it drifted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scipy import stats

from dlbench.gate.history import CaseEntry, Entry, names
from dlbench.gate.units import percent
from dlbench.stats.changepoints import change_points, segments
from dlbench.stats.method import METHOD

RECENT = 200
"""Commits that are looked at: the latest ones of the chain."""
STEPS = ("regression", "faster", "accepted")
"""Verdicts of a gate that tell a change at one commit."""


@dataclass(frozen=True)
class Level:
    """How slow a case is at a commit, against the first commit of its chain.

    Attributes:
        commit: the level's.
        change: log-ratio to the first commit.
        error: standard error of that.
        step: log-ratio to the commit before in the chain.
        step_error: standard error of that.
        verdict: of the gate of this commit.
    """

    commit: str
    change: float
    error: float
    step: float = 0.0
    step_error: float = 0.0
    verdict: str = ""


@dataclass(frozen=True)
class Drift:
    """A stretch of commits over which a case changed.

    Attributes:
        since, until: the commit before the stretch, and its last one.
        commits: in the stretch.
        change, low, high: log-ratio over the stretch, with its interval.
    """

    since: str
    until: str
    commits: int
    change: float
    low: float
    high: float

    @property
    def text(self) -> str:
        """The change in words."""
        return (f"{percent(self.change)} % in total over {self.commits} commit{'s' * (self.commits != 1)} ({percent(self.low)} to "
                f"{percent(self.high)} %), {self.since[:9]} to {self.until[:9]}")


@dataclass(frozen=True)
class Trend:
    """A case over the commits.

    Attributes:
        name: of the case.
        levels: of the latest chain, the first one 0.
        total: over the whole chain; None where it has no commit but the first.
        drifts: stretches between change points whose change is beyond the margin, where there is more than one stretch.
        beyond, within: whether the total is beyond the margin, or within it; it is open where it is neither.
        chains: into how many the history falls, because a commit's base was not measured itself.
    """

    name: str
    levels: tuple[Level, ...]
    total: Drift | None
    drifts: tuple[Drift, ...]
    beyond: bool
    within: bool
    chains: int

    @property
    def notable(self) -> tuple[str, ...]:
        """What a reader has to know, in sentences; empty where nothing is beyond the margin."""
        total = [f"{self.name}: {self.total.text}"] if self.total and self.beyond else []
        return (*total, *(f"{self.name}: within that history {drift.text}" for drift in self.drifts))


def trends(entries: Sequence[Entry], line: Sequence[str] | None, min_effect: float) -> list[Trend]:
    """Return the trend of each case, those that changed most first.

    Args:
        entries: of a history, in any order.
        line: commits of the main line, the oldest first; None where they are not known, and the order of the entries counts.
        min_effect: smallest change that matters, a share.
    """
    ordered, found = _on_line(entries, line), names(entries)
    known = [_trend(name, _chains(name, ordered), math.log1p(min_effect), len(found)) for name in found]
    return sorted(known, key=lambda trend: (not trend.beyond, not trend.drifts, -abs(trend.total.change if trend.total else 0.0)))


def _on_line(entries: Sequence[Entry], line: Sequence[str] | None) -> list[Entry]:
    """The entries whose two commits are on the line, in its order."""
    if line is None:
        return list(entries)
    place = {commit: number for number, commit in enumerate(line)}
    return sorted((entry for entry in entries if entry.commit in place and entry.base in place and place[entry.base] < place[entry.commit]),
                  key=lambda entry: (place[entry.commit], -place[entry.base]))


def _chains(name: str, entries: Sequence[Entry]) -> list[list[Level]]:
    """The levels of a case, in chains: where the base of a commit has no level, a new chain begins at that base."""
    chains: list[list[Level]] = []
    for commit, (base, cases) in _edges(name, entries).items():
        step, error = _pooled(cases)
        if not chains or all(level.commit != base for level in chains[-1]):
            chains.append([Level(base, 0.0, 0.0)])
        before = next(level for level in chains[-1] if level.commit == base)
        chains[-1].append(Level(commit, before.change + step, math.hypot(before.error, error), step, error, cases[-1].verdict))
    return chains


def _edges(name: str, entries: Sequence[Entry]) -> Mapping[str, tuple[str, list[CaseEntry]]]:
    """Commit -> its base, the nearest one where there are several, and all measurements of the two."""
    edges: dict[str, tuple[str, list[CaseEntry]]] = {}
    for entry in entries:
        for case in entry.cases:
            if case.name == name and edges.setdefault(entry.commit, (entry.base, []))[0] == entry.base:
                edges[entry.commit][1].append(case)
    return edges


def _pooled(cases: Sequence[CaseEntry]) -> tuple[float, float]:
    """The log-ratio of all measurements of two commits, weighted by their precision, and its standard error."""
    weights = [1 / max(case.error, 1e-4) ** 2 for case in cases]
    mean = sum(weight * case.log_ratio for weight, case in zip(weights, cases)) / sum(weights)
    return mean, sum(weights) ** -0.5


def _trend(name: str, chains: list[list[Level]], margin: float, family: int) -> Trend:
    levels = chains[-1][-RECENT:] if chains else []
    steps = levels[1:]
    if not steps:
        return Trend(name, tuple(levels), None, (), False, False, len(chains))
    parts = segments(len(steps), change_points([step.step for step in steps]))
    total = _drift(levels, 0, len(steps), family)
    drifts = [_drift(levels, start, end, family * len(parts)) for start, end in parts] if len(parts) > 1 else []
    told = tuple(drift for drift in drifts if _beyond(drift, margin))
    return Trend(name, tuple(levels), total, told, _beyond(total, margin), max(total.high, -total.low) < margin, len(chains))


def _drift(levels: Sequence[Level], start: int, end: int, family: int) -> Drift:
    """The change over the steps from one to before another, with an interval that holds over a family of them (Bonferroni)."""
    steps = levels[1 + start : 1 + end]
    change, error = math.fsum(step.step for step in steps), math.sqrt(math.fsum(step.step_error**2 for step in steps))
    half = float(stats.norm.ppf(1 - METHOD.alpha / (2 * family))) * error
    return Drift(levels[start].commit, steps[-1].commit, len(steps), change, change - half, change + half)


def _beyond(drift: Drift, margin: float) -> bool:
    return drift.low > margin or drift.high < -margin


def steps_of(trend: Trend) -> Iterator[Level]:
    """The commits at which a gate itself told a change."""
    return (level for level in trend.levels if level.verdict in STEPS)
