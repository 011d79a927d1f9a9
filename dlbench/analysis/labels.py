"""Transfer over the number of labels: the ways of training that a study compares at several, and where their gains change sign."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dlbench.analysis.analysis import Analysis
from dlbench.values.text import missing

LABELS = "data.labels_per_class"


@dataclass(frozen=True)
class Way:
    """A way of training, run on several numbers of labels of each class.

    Attributes:
        name: of its arms, without the number of labels.
        arms: number of labels -> arm.
        gains: number of labels, ascending -> difference to the arm's reference in the stored unit; positive is better.
    """

    name: str
    arms: dict[int, str]
    gains: dict[int, float]

    @property
    def crossings(self) -> list[float]:
        """The numbers of labels at which its gain changes sign."""
        return crossings(list(self.gains), list(self.gains.values()))


def ways(analysis: Analysis) -> list[Way]:
    """Find the ways of training that were run on at least two numbers of labels, in the study's order."""
    sign, rows = 1 if analysis.metric.higher_is_better else -1, {row.arm: row for row in analysis.verdicts.itertuples()}
    found: dict[str, dict[int, str]] = {}
    for arm, recipe in zip(analysis.results.arms["arm"], analysis.results.arms["recipe"]):
        if count := recipe.get(LABELS):
            found.setdefault(arm.replace(f"labels_per_class={count}", "").strip(), {})[count] = arm
    return [Way(name, arms, {count: sign * rows[arm].difference for count, arm in sorted(arms.items()) if _known(rows.get(arm))})
            for name, arms in found.items() if len(arms) > 1]


def _known(row: Any) -> bool:
    return row is not None and not missing(row.difference)


def crossings(counts: Sequence[int], gains: Sequence[float]) -> list[float]:
    """Interpolate where gains change sign, over the logarithm of the number of labels.

    Example:
        >>> [round(place) for place in crossings([10, 100], [0.02, -0.02])]
        [32]
    """
    places = [place for place in range(len(gains) - 1) if (gains[place] > 0) != (gains[place + 1] > 0)]
    logs = [math.log(count) for count in counts]
    return [math.exp(logs[at] - gains[at] * (logs[at + 1] - logs[at]) / (gains[at + 1] - gains[at])) for at in places]
