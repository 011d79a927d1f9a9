"""What a study's data says of itself before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Examination:
    """What the examples of a study are like.

    Attributes:
        labels: test examples of each class; empty where targets are no classes.
        duplicates: see :func:`dlbench.values.inspection.near_duplicates_text`.
        telling: features each of which alone says the class of nearly all test examples, and the share of them, the best first.
        tested: how many test examples there are.
    """

    labels: tuple[int, ...]
    duplicates: tuple[int, ...]
    telling: tuple[tuple[str, float], ...]
    tested: int
