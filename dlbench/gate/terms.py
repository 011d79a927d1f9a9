"""What a gate of training quality is to show: metrics with their margins, and when it is judged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dlbench.execution.interim import Size
from dlbench.execution.spending import Left, sized
from dlbench.stats.boundaries import Boundaries, boundaries
from dlbench.stats.equivalence import LEAST_SEEDS
from dlbench.stats.method import METHOD
from dlbench.values.errors import InputError

LOOKS = (5, 8, 12, 20)
"""Seeds at the interim analyses where none are declared."""
MOST_SEEDS = 1_000


@dataclass(frozen=True)
class Judged:
    """A metric that the new tree must not be worse in.

    Attributes:
        name: of the score.
        margin: the largest loss that does not matter, in units of the score.
        higher_is_better: the direction of the score.
    """

    name: str
    margin: float
    higher_is_better: bool = True


@dataclass(frozen=True)
class Terms:
    """How a gate of training quality decides.

    Attributes:
        metrics: of which each must be shown; the first is the score of the training.
        looks: seeds at the declared interim analyses.
        spend_s: seconds that all trainings may take, in place of ``looks``; 0 for the others.
        undecided: whether an undecided gate fails (``fail``), is warned of, or passes.
        alpha: level of each claim, over all interim analyses.
    """

    metrics: tuple[Judged, ...]
    looks: tuple[int, ...] = LOOKS
    spend_s: float = 0.0
    undecided: str = "fail"
    alpha: float = METHOD.alpha

    def plan(self, taken: Sequence[Size]) -> Boundaries:
        """Return the interim analyses and their levels: all declared ones, or those so far that the time has bought."""
        if not self.spend_s:
            return boundaries(self.looks, 1, self.alpha)
        return boundaries(tuple(size.seeds for size in taken), 1, self.alpha, shares=tuple(size.share or 1.0 for size in taken))

    def next_size(self, taken: Sequence[Size], pair_s: float, used_s: float) -> Size | None:
        """Return the next interim analysis; None where there is none.

        Args:
            taken: those before it.
            pair_s: seconds that training both trees with one seed takes.
            used_s: seconds of all trainings so far.

        Raises:
            InputError: the time buys too few seeds.
        """
        if not self.spend_s:
            return Size(self.looks[len(taken)]) if len(taken) < len(self.looks) else None
        if taken and taken[-1].share == 1:
            return None
        if not taken and self.spend_s < LEAST_SEEDS * pair_s:
            raise InputError(f"--spend {self.spend_s:g} s: a training of both trees takes {pair_s:.2g} s, and fewer than {LEAST_SEEDS} "
                             f"seeds show nothing; accepted: at least {math.ceil(LEAST_SEEDS * pair_s)} s")
        left = Left(taken[-1].seeds, self.spend_s - used_s, taken[-1].share or 0.0) if taken else Left(0, self.spend_s, 0.0)
        return sized(left, max(pair_s, 1e-9), self.spend_s, most=MOST_SEEDS)


def stated_looks(text: str | None) -> tuple[int, ...]:
    """Return the seeds at each interim analysis, as ``--looks`` states them.

    Raises:
        InputError: they are no increasing numbers, or too few.

    Example:
        >>> stated_looks(None), stated_looks("6,12")
        ((5, 8, 12, 20), (6, 12))
    """
    words = text.split(",") if text is not None else list(map(str, LOOKS))
    looks = tuple(int(word) if word.strip().isdecimal() else 0 for word in words)
    if looks[0] < LEAST_SEEDS or looks[-1] > MOST_SEEDS or any(one >= other for one, other in pairwise(looks)):
        raise InputError(f"--looks {text}: accepted: increasing numbers of seeds from {LEAST_SEEDS} to {MOST_SEEDS}, such as 5,8,12,20")
    return looks
