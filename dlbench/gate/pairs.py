"""One pair: two fresh processes, one of each side, on one core, in turns."""

from __future__ import annotations

import math
import statistics
from contextlib import ExitStack
from dataclasses import dataclass

from dlbench.gate.cores import Cores
from dlbench.gate.servers import Process, Server

SLICE_S = 0.01
"""How long a process works before it is the other one's turn."""
COLD_S = 0.002
"""A subject that is faster than this is called once, untimed, at the begin of a turn: the other one took the caches."""
TURNS = (3, 41)
"""Fewest and most turns of a pair; a call that takes more than a second gets one."""


@dataclass(frozen=True)
class Pair:
    """What a pair left.

    Attributes:
        servers: of the base and of this tree, numbered from 0.
        log_ratio: median over the turns of log(this tree / base).
        base_s, head_s: medians over the turns, seconds a call.
        idle: share of the time in which nobody used the core, because the subject waited.
    """

    servers: tuple[int, int]
    log_ratio: float
    base_s: float
    head_s: float
    idle: float


@dataclass(frozen=True)
class Timer:
    """How pairs are measured.

    Attributes:
        clock: ``cpu`` (processor time of a process with all its threads) or ``wall``.
        seconds: of both processes together, about; preparing and warming up not counted.
        limit_s: for every answer of a process.
    """

    clock: str = "cpu"
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
                process.hear()
            core = cores.quietest()
            cores.begin()
            warm = [process.ask({"core": core}) for process in sides]
            turns = self._turns(sides, statistics.fmean(found["call_ns"] for found in warm) / 1e9)
        spent = sum(found["cpu_ns"] for found in warm) + sum(part["cpu_ns"] for turn in turns for part in turn)
        idle = cores.end(core, spent / 1e9)
        return self._pair((base.number, head.number), turns, idle)

    def _turns(self, sides: list[Process], call_s: float) -> list[list[dict[str, float]]]:
        """(base, head) of each turn; who begins alternates."""
        calls = max(1, round(SLICE_S / call_s))
        number = 1 if call_s > 1 else min(max(round(self.seconds / (2 * calls * call_s)), TURNS[0]), TURNS[1])
        request = {"calls": calls, "first": call_s < COLD_S}
        found = []
        for turn in range(number):
            order = sides if turn % 2 == 0 else sides[::-1]
            answers = {process: {**process.ask(request), "calls": calls} for process in order}
            found.append([answers[process] for process in sides])
        return found

    def _pair(self, servers: tuple[int, int], turns: list[list[dict[str, float]]], idle: float) -> Pair:
        seconds = [[max(part[f"{self.clock}_ns"], 1) / part["calls"] / 1e9 for part in turn] for turn in turns]
        base, head = (statistics.median(side) for side in zip(*seconds))
        return Pair(servers, statistics.median(math.log(head / base) for base, head in seconds), base, head, idle)
