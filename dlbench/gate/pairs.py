"""One pair: two fresh processes, one of each side, take turns on the core that others use least."""

from __future__ import annotations

import math
import os
import statistics
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from dlbench.gate.servers import Process, Server

TICK_S = 0.01
"""The unit of /proc/stat."""
MEMORY = 0.5
"""Weight of earlier observations of a core against the newest one."""
SLICE_S = 0.01
"""How long a process works before it is the other one's turn."""
COLD_S = 0.002
"""A subject that is faster than this is called once, untimed, at the beginning of a turn: the other process displaced its caches."""
TURNS = (3, 41)
"""Fewest and most turns of a pair; a call that takes more than a second gets one."""


class Cores:
    """Watches how much of each core other processes use. Where the system does not say (not Linux), no core is chosen.

    Args:
        stat: the file of the system's counters.
    """

    def __init__(self, stat: Path = Path("/proc/stat")) -> None:
        self.stat = stat
        self.others = dict.fromkeys(sorted(os.sched_getaffinity(0)), 0.0) if hasattr(os, "sched_getaffinity") and stat.is_file() else {}
        self.begin()

    def quietest(self) -> int | None:
        """The core to measure the next pair on."""
        return min(self.others, key=lambda core: self.others[core], default=None)

    def begin(self) -> None:
        """Begin a stretch of time in which only one of our processes computes, on one core."""
        self.before = self._ticks()

    def end(self, core: int | None, used_s: float) -> float:
        """End the stretch, of which we used so many seconds of the core; return the share in which nobody used that core."""
        now, idle = self._ticks(), 0.0
        for number in self.others:
            busy, total = (new - old for new, old in zip(now[number], self.before[number]))
            if total > 0:
                share = max(0.0, busy - (used_s / TICK_S if number == core else 0.0)) / total
                self.others[number] = MEMORY * self.others[number] + (1 - MEMORY) * share
                idle = 1 - busy / total if number == core else idle
        return idle

    def _ticks(self) -> dict[int, tuple[int, int]]:
        """Busy and all ticks of each core since the machine started."""
        if not self.others:
            return {}
        rows = (line.split() for line in self.stat.read_text(encoding="ascii").splitlines() if line.startswith("cpu"))
        counts = {row[0][3:]: list(map(int, row[1:9])) for row in rows}
        return {core: (sum(ticks) - ticks[3] - ticks[4], sum(ticks)) for core in self.others if (ticks := counts.get(str(core)))}


@dataclass(frozen=True)
class Pair:
    """The times of one pair.

    Attributes:
        servers: of the base and of this tree, numbered from 0.
        log_ratio: median over the turns of log(this tree / base).
        base_s, head_s: medians over the turns, seconds a call.
        idle: share of the time in which the subject waited, on the side where that is more.
        wall: ``log_ratio``, ``base_s`` and ``head_s`` on the wall clock.
    """

    servers: tuple[int, int]
    log_ratio: float
    base_s: float
    head_s: float
    idle: float
    wall: tuple[float, float, float] | None = None

    def on_wall(self) -> Pair:
        """The pair by the wall clock."""
        return self if self.wall is None else Pair(self.servers, *self.wall, self.idle)


@dataclass(frozen=True)
class Timer:
    """How pairs are measured.

    Attributes:
        clock: ``cpu`` (processor time of a process with all its threads and children), ``wall``, or ``auto``: wall time of cases that
            mostly wait.
        seconds: that both processes take together, about; preparing and warming up are not counted.
        limit_s: for every answer of a process.
    """

    clock: str = "auto"
    seconds: float = 0.4
    limit_s: float = 60.0

    def measure(self, case: str, base: Server, head: Server, cores: Cores) -> Pair:
        """Fork a process from each server and measure them in turns.

        Raises:
            Lost: one of them failed.
        """
        with ExitStack() as stack:
            sides = [stack.enter_context(server.fork(case, self.limit_s)) for server in (base, head)]
            for process in sides:
                process.ready()
            core = cores.quietest()
            cores.begin()
            warm = [process.ask({"core": core}) for process in sides]
            call_s = statistics.fmean(answer["call_ns"] for answer in warm) / 1e9
            calls = max(1, round(SLICE_S / call_s))
            turns = self._turns(sides, calls, call_s)
        used_ns = sum(answer["cpu_ns"] for answer in chain(warm, *turns))
        cores.end(core, used_ns / 1e9)
        measured = {clock: _medians(turns, f"{clock}_ns", calls) for clock in ("cpu", "wall")}
        idle = max(sum(answer["waited_ns"] for answer in side) / max(sum(answer["wall_ns"] for answer in side), 1) for side in zip(*turns))
        return Pair((base.number, head.number), *measured["wall" if self.clock == "wall" else "cpu"], idle, measured["wall"])

    def _turns(self, sides: list[Process], calls: int, call_s: float) -> list[list[dict[str, float]]]:
        """The answers of base and head in each turn; the two alternate in who begins."""
        number = 1 if call_s > 1 else min(max(round(self.seconds / (2 * calls * call_s)), TURNS[0]), TURNS[1])
        request = {"calls": calls, "first": call_s < COLD_S}
        turns = []
        for turn in range(number):
            answers = {process: process.ask(request) for process in (sides if turn % 2 == 0 else sides[::-1])}
            turns.append([answers[process] for process in sides])
        return turns


def _medians(turns: list[list[dict[str, float]]], clock: str, calls: int) -> tuple[float, float, float]:
    """The log-ratio, and the seconds a call of base and head; medians over the turns."""
    seconds = [[max(answer[clock], 1) / calls / 1e9 for answer in turn] for turn in turns]
    base_s, head_s = (statistics.median(side) for side in zip(*seconds))
    return statistics.median(math.log(new / old) for old, new in seconds), base_s, head_s
