"""What the gate knows of each case, and the verdicts that it gives."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, field
from typing import Any

from dlbench.gate.pairs import Pair

VERDICTS = {
    "regression": "slower beyond the smallest effect that matters, confirmed",
    "wrong output": "its output is not what its reference says, or its test fails",
    "more memory": "it needs more memory, or more allocations, beyond the smallest growth that matters",
    "over ceiling": "a call takes longer than the project allows, whatever the base took",
    "crashed": "it raises, dies or hangs, and did not at the base",
    "accepted": "slower, which the project accepts",
    "faster": "faster beyond the smallest effect that matters, confirmed",
    "no change": "its interval lies within the smallest effect that matters",
    "suspected": "its estimate lies beyond the smallest effect that matters, its interval does not, or the budget ended",
    "undecided": "its interval reaches beyond the smallest effect that matters, or the budget ended",
    "appeared": "it is not there at the base",
    "vanished": "it is only there at the base",
    "mended": "it was wrong or crashed at the base",
    "not run": "it cannot be run on both sides here",
}
"""Verdict -> meaning, in the order of the table."""
FAILING = ("regression", "more memory", "over ceiling", "wrong output", "crashed")
DECIDED = ("regression", "accepted", "faster", "no change")
OPEN = ("suspected", "undecided")


@dataclass
class Row:
    """A case on its way to a verdict.

    Attributes:
        name: of the case.
        verdict: one of :data:`VERDICTS`; empty while it is open.
        reason: why, in a few words.
        output: of this tree, against the base's: ``same``, ``same within tolerance``, how it changed, or ``not comparable``.
        screened, confirmed: the pairs of each stage.
        low, high: interval of the mean log-ratio that the verdict rests on.
        seconds: that its last pair took, forking and warming up included.
        base_name: its name at the base, where that is another one.
        notes: what a reader has to know of it, whatever its verdict.
        copies: calls in one copy of its state; 0 where calls change nothing.
        clock: that it is judged by.
        min_effect: the smallest change that matters to it, a share; None for that of all cases.
        min_memory: the same of its memory.
        grown: functions of this tree whose own time grew most, as :func:`dlbench.gate.places.place_of` says.
        memory: metric -> what each process needed, of the base and of this tree; None where it is not known.
    """

    name: str
    verdict: str = ""
    reason: str = ""
    output: str = ""
    screened: list[Pair] = field(default_factory=list)
    confirmed: list[Pair] = field(default_factory=list)
    low: float = math.nan
    high: float = math.nan
    seconds: float = 0.0
    base_name: str = ""
    notes: list[str] = field(default_factory=list)
    copies: int = 0
    clock: str = "cpu"
    min_effect: float | None = None
    min_memory: float | None = None
    memory: dict[str, list[list[int | None]]] = field(default_factory=dict)
    grown: list[dict[str, Any]] = field(default_factory=list)

    def close(self, verdict: str, reason: str = "") -> None:
        """Give the verdict."""
        self.verdict, self.reason = verdict, reason

    @property
    def pairs(self) -> list[Pair]:
        """The pairs that the verdict rests on."""
        return self.confirmed or self.screened

    @property
    def mean(self) -> float:
        """The log-ratio in the middle of the interval; that of the pairs where there is none, NaN where there are no pairs."""
        if not math.isnan(self.low):
            return (self.low + self.high) / 2
        return statistics.fmean(pair.log_ratio for pair in self.pairs) if self.pairs else math.nan

    @property
    def base_s(self) -> float | None:
        """Seconds a call at the base, a median over the pairs; None where there are none."""
        return statistics.median(pair.base_s for pair in self.pairs) if self.pairs else None

    @property
    def idle(self) -> float:
        """The share of the time in which it only waited."""
        return statistics.median(pair.idle for pair in self.pairs) if self.pairs else 0.0

    def as_json(self) -> dict[str, Any]:
        """Everything that is known; times in seconds a call, ratios of this tree to the base, pairs as servers and log-ratio."""
        ratios = {"ratio": self.mean, "low": self.low, "high": self.high}
        return {
            "name": self.name, "verdict": self.verdict, "reason": self.reason, "output": self.output,
            "base_name": self.base_name or self.name, "notes": self.notes, "clock": self.clock,
            **({} if self.min_effect is None else {"min_effect": self.min_effect}),
            **{name: None if math.isnan(value) else round(math.exp(value), 6) for name, value in ratios.items()},
            "base_s": self.base_s, "head_s": statistics.median(pair.head_s for pair in self.pairs) if self.pairs else None,
            "idle": round(self.idle, 3), "memory": self.memory, "grown": self.grown,
            **{stage: [[*pair.servers, round(pair.log_ratio, 6)] for pair in getattr(self, stage)] for stage in ("screened", "confirmed")},
        }
