"""The order of measurements: screening, then confirmation; what the budget does not allow for stays undecided."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dlbench.gate.pairs import Cores, Pair, Timer
from dlbench.gate.rows import Row
from dlbench.gate.servers import Lost, Server
from dlbench.gate.survey import check
from dlbench.stats.method import METHOD
from dlbench.stats.nested import beyond, clipped, nested_mean

SCREEN_PAIRS = (3, 6)
"""Pairs of the first screening, and of the second one of cases that the first could not clear."""
JUDGED_PAIRS = 2
"""The fewest pairs that a screening judges by, where the budget allows for no more."""
SCREEN_SHARE = 0.6
"""Share of the budget that the survey and the screening may use."""
FLOOR = 0.002
"""The smallest spread that a screening assumes: three pairs may agree by chance."""
SAFE = 0.8
"""Share of the remaining budget that a confirmation may need, as predicted from its last pair."""
FEWEST_PAIRS = 12
MOSTLY = 0.5
"""A case waits "mostly" where it is idle for a larger share of the time."""


@dataclass(frozen=True)
class Settings:
    """How sure the gate has to be.

    Attributes:
        min_effect: smallest change that matters; 0.05 is 5 % slower.
        alpha: family-wise error of the confirmed verdicts.
        servers: on each side.
        rounds: of a confirmation; a round pairs every server of one side with every one of the other.
        budget_s: for everything after the servers have started; in proportion to the number of cases where unset.
        timer: measures a pair.
        undecided: whether cases that stay open ``fail`` the gate, are warned of, or ``pass``.
        min_memory: smallest growth of memory that matters, a share.
    """

    min_effect: float = 0.05
    alpha: float = METHOD.alpha
    servers: int = 3
    rounds: int = 2
    budget_s: float | None = None
    timer: Timer = field(default_factory=Timer)
    undecided: str = "warn"
    min_memory: float = 0.10

    @property
    def margin(self) -> float:
        """The smallest effect on the log scale."""
        return math.log1p(self.min_effect)

    @property
    def pairs(self) -> int:
        """How many pairs a confirmation has.

        >>> Settings().pairs
        18
        """
        return self.rounds * self.servers**2


def budget(cases: int) -> float:
    """Return the seconds that a number of cases gets: enough to screen all of them twice, and to confirm a few.

    >>> budget(3), budget(64)
    (120.0, 700.0)
    """
    return max(120.0, 60.0 + 10.0 * cases)


def crossed(turn: int, servers: int) -> tuple[int, int]:
    """Return the base and the head server of a turn: ``servers**2`` turns pair each server of one side with each of the other.

    >>> [crossed(turn, 3) for turn in range(5)]
    [(0, 0), (1, 1), (2, 2), (0, 1), (1, 2)]
    """
    return turn % servers, (turn + turn // servers) % servers


class Schedule:
    """Measures rows until each has a verdict or the budget ends.

    Args:
        sides: the servers of the base and of the head.
        settings: how sure to be.
        scratch: a folder for outputs.
        say: receives lines of progress.
    """

    def __init__(self, sides: tuple[Sequence[Server], Sequence[Server]], settings: Settings, scratch: Path,
                 say: Callable[[str], None]) -> None:
        self.base, self.head = sides
        self.settings, self.scratch, self.say = settings, scratch, say
        self.cores, self.started, self.budget_s = Cores(), time.monotonic(), 0.0

    def run(self, rows: Sequence[Row]) -> None:
        """Give every open row its verdict."""
        self.budget_s = self.settings.budget_s or budget(len(_open(rows)))
        self._survey(_open(rows))
        for share in (SCREEN_SHARE, 1.0):  # what confirmations leave is for cases that were not screened
            for pairs in SCREEN_PAIRS:
                self._screen(_open(rows), pairs, share)
                self._clear(_open(rows))
            self._confirm(_open(rows))
        self._judge([row for row in _open(rows) if len(row.confirmed) == self.settings.pairs], _open(rows))
        for row in _open(rows):
            self._leave(row, "the budget ended" if row.pairs else "the budget ended before it was measured")

    def _leave(self, row: Row, reason: str) -> None:
        row.close("suspected" if row.mean > self._margin(row) else "undecided", reason)

    def _margin(self, row: Row) -> float:
        """The smallest effect that matters to a case, on the log scale."""
        return self.settings.margin if row.min_effect is None else math.log1p(row.min_effect)

    def _remaining_s(self, share: float = 1.0) -> float:
        return share * self.budget_s - (time.monotonic() - self.started)

    def _survey(self, rows: Sequence[Row]) -> None:
        self.say(f"checking the output of {len(rows)} cases")
        for number, row in enumerate(rows):
            if self._remaining_s() <= 0:
                return
            server = number % self.settings.servers
            check(row, self.base[server], self.head[server], self.scratch, self.settings.timer.limit_s)
            if row.copies:
                for side in (*self.base, *self.head):
                    side.copies[row.name] = row.copies

    def _screen(self, rows: Sequence[Row], pairs: int, share: float) -> None:
        rows = [row for row in rows if len(row.screened) < pairs and not row.confirmed]
        if rows and self._remaining_s(share) > 0:
            self.say(f"screening {len(rows)} cases, {pairs} pairs each")
        for turn in range(pairs):
            for row in rotated(rows, turn):
                if self._remaining_s(share) <= 0:
                    return
                if not row.verdict and len(row.screened) == turn:
                    self._measure(row, row.screened, turn)

    def _measure(self, row: Row, pairs: list[Pair], turn: int) -> None:
        base, head = crossed(turn, self.settings.servers)
        began = time.monotonic()
        try:
            pair = self.settings.timer.measure(row.name, self.base[base], self.head[head], self.cores)
            self._choose_clock(row, pair)
            pairs.append(pair.on_wall() if row.clock == "wall" else pair)
        except Lost as lost:
            of_head = lost.server is self.head[head]
            row.close("crashed" if of_head else "undecided", f"while it was timed{'' if of_head else ' at the base'}: {lost}")
        row.seconds = time.monotonic() - began

    def _choose_clock(self, row: Row, first: Pair) -> None:
        """Judge a case by wall time where its first pair mostly waited, unless the user chose."""
        clock = self.settings.timer.clock
        if clock == "wall" or (clock == "auto" and not row.pairs and first.idle > MOSTLY):
            row.clock = "wall"
            if clock == "auto":
                row.notes.append("it mostly waits, so it is judged by wall time (--clock cpu for processor time)")

    def _clear(self, rows: Iterable[Row]) -> None:
        """Close the rows whose screening shows that they did not change beyond the margin."""
        screened = [row for row in rows if len(row.screened) >= JUDGED_PAIRS and not row.confirmed]
        spreads = [statistics.stdev(pair.log_ratio for pair in row.screened) for row in screened]
        for row, spread in zip(screened, spreads):
            half = 2 * max(spread, statistics.median(spreads), FLOOR) / math.sqrt(len(row.screened))
            centre = statistics.fmean(pair.log_ratio for pair in row.screened)
            row.low, row.high = centre - half, centre + half
            if max(-row.low, row.high) < self._margin(row):
                row.close("no change")

    def _confirm(self, rows: Iterable[Row]) -> None:
        """Measure the flagged rows on fresh pairs, the slowest first, until the budget allows for no more."""
        waiting = [row for row in rows if len(row.screened) >= JUDGED_PAIRS and not row.confirmed]
        waiting.sort(key=lambda row: (-row.mean, row.name))
        while waiting and self._remaining_s() > 0:
            costs = np.cumsum([row.seconds * self.settings.pairs for row in waiting])
            number = max(1, int(np.searchsorted(costs, SAFE * self._remaining_s(), "right")))
            chosen, waiting = waiting[:number], waiting[number:]
            self.say(f"confirming {len(chosen)} of {len(chosen) + len(waiting)} flagged cases, {self.settings.pairs} pairs each")
            for turn in range(self.settings.pairs):
                for row in rotated(chosen, turn):
                    if self._remaining_s() > 0 and not row.verdict:
                        self._measure(row, row.confirmed, turn)

    def _judge(self, rows: list[Row], flagged: Sequence[Row]) -> None:
        """Give the rows that were confirmed their verdicts; the other flagged ones count as hypotheses too."""
        untested = sum(len(row.screened) >= JUDGED_PAIRS for row in flagged) - len(rows)
        k = self.settings.servers
        means = [nested_mean(clipped(_grid(row.confirmed, k))) for row in rows]
        for row, result in zip(rows, beyond(means, [*map(self._margin, rows)], self.settings.alpha, untested)):
            row.low, row.high = result.low, result.high
            if result.beyond:
                row.close("regression" if row.mean > 0 else "faster")
            elif max(-row.low, row.high) < self._margin(row):
                row.close("no change")
            else:
                self._leave(row, f"its interval reaches across {100 * math.expm1(self._margin(row)):g} %")


def _open(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if not row.verdict]


def rotated(rows: Sequence[Row], turn: int) -> list[Row]:
    """Return the rows, starting with another one each turn."""
    start = turn % max(len(rows), 1)
    return [*rows[start:], *rows[:start]]


def _grid(pairs: Sequence[Pair], servers: int) -> np.ndarray:
    """Log-ratios of shape (base server, head server, pair of the two)."""
    cells: dict[tuple[int, int], list[float]] = {}
    for pair in pairs:
        cells.setdefault(pair.servers, []).append(pair.log_ratio)
    return np.array([[cells[base, head] for head in range(servers)] for base in range(servers)])
