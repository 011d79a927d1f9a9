"""Which commit made a case fail: a search in halves, by the gate's own verdicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dlbench.gate.rows import DECIDED, FAILING

Judge = Callable[[int, Sequence[str]], Mapping[str, str]]
"""Measures the commit at a place against the base; verdicts of these cases, by name."""


@dataclass
class Range:
    """Where the first failing commit of a case lies.

    Attributes:
        name: of the case.
        passing: place of the last commit that is known to pass; -1 for the base.
        failing: place of the first commit that is known to fail.
        open: places of commits without a verdict.
    """

    name: str
    passing: int
    failing: int
    open: set[int] = field(default_factory=set)

    @property
    def next(self) -> int | None:
        """The place to measure next: the nearest to the middle that was not measured; None where there is none."""
        waiting = [place for place in range(self.passing + 1, self.failing) if place not in self.open]
        middle = (self.passing + self.failing) / 2
        return min(waiting, key=lambda place: (abs(place - middle), place), default=None)

    def learn(self, place: int, verdict: str) -> None:
        """Narrow the range by a verdict."""
        if not self.passing < place < self.failing:
            return
        if verdict in FAILING:
            self.failing = place
        elif verdict in DECIDED:
            self.passing = place
        else:
            self.open.add(place)

    def told(self, commits: Sequence[str], describe: Callable[[str], str]) -> dict[str, Any]:
        """Return the case, the first failing commit, and those before it that could not be decided."""
        between = [commits[place] for place in sorted(self.open) if self.passing < place < self.failing]
        return {"case": self.name, "commit": commits[self.failing], "described": describe(commits[self.failing]), "undecided": between}


def search(commits: int, failing: Sequence[str], judge: Judge) -> list[Range]:
    """Return for each case where the first commit that fails lies.

    Args:
        commits: how many there are after the base; the last one fails in all of these cases.
        failing: names of the cases.
        judge: measures a commit.

    Example:
        >>> [found] = search(8, ["a"], lambda place, names: {"a": "regression" if place >= 5 else "no change"})
        >>> found.passing, found.failing
        (4, 5)
    """
    ranges = [Range(name, -1, commits - 1) for name in failing]
    while (place := next((place for one in ranges if (place := one.next) is not None), None)) is not None:
        wanted = [one for one in ranges if one.passing < place < one.failing and place not in one.open]
        verdicts = judge(place, [one.name for one in wanted])
        for one in wanted:
            one.learn(place, verdicts.get(one.name, "not run"))
    return ranges
