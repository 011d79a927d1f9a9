"""Whether the machine kept its speed during a session, as told by fixed work that is timed in every round."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlbench.bench.rows import WIDTH

LIMIT = 0.10
"""A machine whose speed differs by a larger share between parts of a session, or between most of its rounds, has moved."""
PARTS = ("start", "middle", "end")
MOST = (10, 90)
"""Percentiles between which most rounds lie: a single odd round does not matter to a median."""


@dataclass(frozen=True)
class Steadiness:
    """How much longer fixed work took than its median over the session.

    Attributes:
        cases: number of calibration cases.
        parts: log-ratio at the start, in the middle and at the end of the session: medians over a third of the rounds.
        rounds: log-ratios between which most rounds lie.
    """

    cases: int
    parts: tuple[float, ...]
    rounds: tuple[float, float]

    @property
    def moved(self) -> bool:
        """Whether the speed changed by more than :data:`LIMIT`."""
        return max(max(self.parts) - min(self.parts), self.rounds[1] - self.rounds[0]) > math.log1p(LIMIT)

    @property
    def text(self) -> str:
        """The spread, and a warning where the machine moved; lines of 80 columns."""
        names = PARTS if len(self.parts) == len(PARTS) else ("start", "end")
        parts = ", ".join(f"{name} {_percent(value)}" for name, value in zip(names, self.parts))
        low, high = map(_percent, self.rounds)
        said = f"calibration: {self.cases} cases of fixed work took, against their median: {parts}; most rounds {low} to {high}."
        moved = (f"The machine moved by more than {100 * LIMIT:g} % during the session: other sessions will give other times. "
                 "Cases of this session are comparable with each other, for they took turns; two versions are compared by `dlbench gate`.")
        return "\n".join(line for part in (said, *([moved] * self.moved)) for line in textwrap.wrap(part, WIDTH))


def _percent(log_ratio: float) -> str:
    return f"{100 * math.expm1(log_ratio):+.1f} %"


def steadiness(data: Mapping[str, Any]) -> Steadiness | None:
    """Return how steady the machine was in a session; None where no fixed work was timed.

    Args:
        data: the JSON of ``dlbench bench``, with seconds of each round.

    Example:
        >>> fixed = {"extra_info": {"case": "fixed[sort]", "family": "machine"}, "stats": {"data": [1.0, 1.0, 1.0, 1.0, 1.5, 1.5]}}
        >>> steadiness({"benchmarks": [fixed]}).moved
        True
    """
    fixed = [item["stats"]["data"] for item in data["benchmarks"] if item["extra_info"]["case"].startswith("fixed[")]
    if not fixed:
        return None
    rounds = np.mean([_log_ratios(seconds) for seconds in fixed], axis=0)
    parts = np.array_split(rounds, min(len(PARTS), len(rounds)))
    low, high = np.percentile(rounds, MOST)
    return Steadiness(len(fixed), tuple(float(np.median(part)) for part in parts), (float(low), float(high)))


def _log_ratios(seconds: Sequence[float]) -> np.ndarray:
    """Of each round to the median."""
    times = np.asarray(seconds, float)
    return np.log(times / np.median(times))
