"""Times functions side by side: each once a round, in an order that rotates, so that drift and neighbours affect all alike."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

ROUND_S = 0.01
"""How long one measurement should last; a faster function is called several times in it."""
LOOPS = 10_000


@dataclass(frozen=True)
class Timing:
    """Seconds a call of one function, one number a round: the mean of ``loops`` calls."""

    seconds: tuple[float, ...]
    loops: int


def interleaved(calls: Sequence[Callable[[], Any]], rounds: int, say: Callable[[int], Any] = lambda turn: None) -> list[Timing]:
    """Time each function once a round, after one call that is not counted, with the garbage collector switched off.

    Args:
        calls: the functions; each has computed its result when it returns.
        rounds: how many.
        say: receives the number of each round before it starts, from 1.

    Example:
        >>> timings = interleaved([lambda: 1, lambda: sum(range(1000))], 3)
        >>> [len(timing.seconds) for timing in timings], timings[0].seconds < timings[1].seconds
        ([3, 3], True)
    """
    loops = [_loops(call) for call in calls]
    seconds: list[list[float]] = [[] for _ in calls]
    enabled = gc.isenabled()
    try:
        for turn in range(rounds):
            say(turn + 1)
            gc.enable()
            gc.collect()
            gc.disable()
            for position in range(len(calls)):
                index = (turn + position) % len(calls)
                calls[index]()  # refills the caches after the function before it
                seconds[index].append(_once(calls[index], loops[index]))
    finally:
        gc.enable() if enabled else gc.disable()
    return [Timing(tuple(of_call), count) for of_call, count in zip(seconds, loops)]


def _loops(call: Callable[[], Any]) -> int:
    """Find by trial how many calls fill a round; this also warms up."""
    call()
    count = 1
    while True:
        seconds = _once(call, count) * count
        if seconds >= ROUND_S / 2 or count >= LOOPS:
            return max(1, min(LOOPS, round(count * ROUND_S / max(seconds, 1e-9))))
        count = min(LOOPS, max(2 * count, math.ceil(count * ROUND_S / max(seconds, 1e-9))))


def _once(call: Callable[[], Any], count: int) -> float:
    started = time.perf_counter_ns()
    for _ in range(count):
        call()
    return (time.perf_counter_ns() - started) / count / 1e9
