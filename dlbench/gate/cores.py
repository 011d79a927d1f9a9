"""Which core to measure on: the one that others use least."""

from __future__ import annotations

import os
from pathlib import Path

TICK_S = 0.01
"""The unit of /proc/stat."""
MEMORY = 0.5
"""Weight of what was seen before, against the newest look."""


class Cores:
    """Watches how much of each core is used by others. Where the system does not tell (not Linux), no core is chosen.

    Args:
        stat: the system's counters.
    """

    def __init__(self, stat: Path = Path("/proc/stat")) -> None:
        self.stat = stat
        self.others = dict.fromkeys(sorted(os.sched_getaffinity(0)), 0.0) if hasattr(os, "sched_getaffinity") and stat.is_file() else {}
        self.before = self._ticks()

    def quietest(self) -> int | None:
        """The core to measure the next pair on."""
        return min(self.others, key=lambda core: self.others[core], default=None)

    def begin(self) -> None:
        """A stretch begins in which only one process of ours computes, on one core."""
        self.before = self._ticks()

    def end(self, core: int | None, own_s: float) -> float:
        """The stretch ends; so many seconds of the core were ours.

        Returns:
            The share of it in which nobody used the core.
        """
        now, idle = self._ticks(), 0.0
        for place in self.others:
            busy, total = (new - old for new, old in zip(now[place], self.before[place]))
            if total > 0:
                share = max(0.0, busy - (own_s / TICK_S if place == core else 0.0)) / total
                self.others[place] = MEMORY * self.others[place] + (1 - MEMORY) * share
                idle = 1 - busy / total if place == core else idle
        return idle

    def _ticks(self) -> dict[int, tuple[int, int]]:
        """Busy and all ticks of each core since the machine started."""
        if not self.others:
            return {}
        rows = (line.split() for line in self.stat.read_text(encoding="ascii").splitlines() if line.startswith("cpu"))
        counts = {row[0][3:]: list(map(int, row[1:9])) for row in rows}
        return {core: (sum(found) - found[3] - found[4], sum(found)) for core in self.others if (found := counts.get(str(core)))}
