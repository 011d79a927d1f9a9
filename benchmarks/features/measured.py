"""What is measured of a frozen arm, as plain values."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

GOAL_PASSES = 1.1
"""Passes over the data that a frozen arm may cost."""
WHOLE = "whole network"
"""What is counted of steps and evaluations that compute the base, beside the parts whose features are computed."""


@dataclass(frozen=True)
class Ran:
    """A run: its seed, how it ended, what it took, and ``examples`` that went through the base, by part of the data."""

    seed: int
    status: str
    reason: str
    wall_s: float
    processor_s: float
    examples: Mapping[str, int]


@dataclass(frozen=True)
class Timed:
    """The base on so many examples."""

    examples: int
    wall_s: float
    processor_s: float


@dataclass(frozen=True)
class Arm:
    """A frozen arm.

    Attributes:
        name: of the case.
        network: the base, in words.
        parts: part of the data -> examples.
        bytes: that all features take.
        epochs: of a run.
        runs: in the order in which one worker made them, from an empty cache of features.
        rounds: the base alone, before and after the runs.
    """

    name: str
    network: str
    parts: Mapping[str, int]
    bytes: int
    epochs: int
    runs: Sequence[Ran]
    rounds: Sequence[Timed]

    @property
    def examples(self) -> int:
        """Examples of all parts: those of one pass."""
        return sum(self.parts.values())

    def computed(self) -> Counter[str]:
        """Count the examples that went through the base in all runs, by part."""
        return sum((Counter(run.examples) for run in self.runs), Counter[str]())

    def counted_passes(self) -> float:
        """Examples that went through the base over those of one pass."""
        return self.computed().total() / self.examples

    def pass_s(self, clock: str) -> list[float]:
        """Seconds of one pass in each round, ascending; ``clock`` is ``wall_s`` or ``processor_s``."""
        return sorted(getattr(one, clock) / one.examples * self.examples for one in self.rounds)

    def arm_s(self, clock: str) -> float:
        """Seconds of all runs."""
        return sum(getattr(run, clock) for run in self.runs)

    def passes(self, clock: str) -> float:
        """Seconds of all runs over those of one pass, the median of the rounds."""
        return self.arm_s(clock) / statistics.median(self.pass_s(clock))

    def met(self, passes: float) -> bool:
        """Return whether so many passes are what the arm may cost, and every run was made."""
        return passes <= GOAL_PASSES and not self.failed()

    def failed(self) -> list[Ran]:
        """Return the runs that failed."""
        return [run for run in self.runs if run.status != "done"]
