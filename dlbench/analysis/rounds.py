"""Whole rounds of folds: what the seeds of one round answer, side by side, are the answers to every example that is tested."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlbench.stats.crossed import by_fold
from dlbench.store.results import Answers

Round = tuple[int, ...]
"""Seeds that test each fold once, in the order of the folds; where there are no folds, one seed."""


def whole_rounds(seeds: Iterable[int], folds: int) -> list[Round]:
    """Put seeds together to rounds in which every fold is tested; seeds that are left over are left out.

    Example:
        >>> whole_rounds([0, 1, 2, 3, 4], 2), whole_rounds([0, 1], 0), whole_rounds([0, 1], 4)
        ([(0, 1), (2, 3)], [(0,), (1,)], [])
    """
    tested = by_fold(seeds, folds)
    return list(zip(*tested)) if len(tested) == (folds or 1) else []


def stacked(kept: Mapping[str, NDArray[Any]], ids: Mapping[int, str], rounds: Sequence[Round]) -> NDArray[Any] | None:
    """Lay out a value of each test example, shape (rounds, examples); None where rounds differ in how many examples they test.

    Args:
        kept: run id -> the values of its test examples, shape (examples of its fold,).
        ids: seed -> run id.
        rounds: of these seeds.

    Example:
        >>> stacked({"a": np.array([1]), "b": np.array([0, 1])}, {0: "a", 1: "b"}, [(0, 1)]).tolist()
        [[1, 0, 1]]
    """
    if len({tuple(kept[ids[seed]].shape for seed in one) for one in rounds}) != 1:
        return None
    return np.stack([np.concatenate([kept[ids[seed]] for seed in one]) for one in rounds])


def true_classes(answers: Answers, ids: Mapping[int, str], one: Round) -> NDArray[Any] | None:
    """Return the true classes of all examples that a round tests; None where they were not kept."""
    known = [found for seed in one if (found := answers.labels(ids[seed])) is not None]
    return np.concatenate(known) if len(known) == len(one) else None
