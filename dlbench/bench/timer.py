"""Times functions side by side: once a round each, in an order that rotates, so that drift and neighbours hit all alike."""

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
    """What one function took.

    Attributes:
        seconds: of one call, one number a round: the mean of ``loops`` calls.
        loops: calls a round.
    """

    seconds: tuple[float, ...]
    loops: int


def interleaved(calls: Sequence[Callable[[], Any]], rounds: int, say: Callable[[int], Any] = lambda turn: None) -> list[Timing]:
    """Time each function once a round, after one call that is not counted; the garbage collector rests meanwhile.

    Args:
        calls: what is timed; each has computed its result when it returns.
        rounds: how many.
        say: called with the number of each round before it starts, from 1.

    Example:
        >>> timings = interleaved([lambda: 1, lambda: sum(range(1000))], 3)
        >>> [len(timing.seconds) for timing in timings], timings[0].seconds < timings[1].seconds
        ([3, 3], True)
    """
    loops = [_loops(call) for call in calls]
    found: list[list[float]] = [[] for _ in calls]
    enabled = gc.isenabled()
    try:
        for turn in range(rounds):
            say(turn + 1)
            gc.enable()
            gc.collect()
            gc.disable()
            for place in range(len(calls)):
                which = (turn + place) % len(calls)
                calls[which]()  # what the function before it drove out of the caches comes back
                found[which].append(_once(calls[which], loops[which]))
    finally:
        gc.enable() if enabled else gc.disable()
    return [Timing(tuple(seconds), count) for seconds, count in zip(found, loops)]


def _loops(call: Callable[[], Any]) -> int:
    """How many calls fill a round; found by calling, which also warms up."""
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
