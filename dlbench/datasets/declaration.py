"""What a dataset is: arrays of examples, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Source:
    """A catalogue entry.

    Attributes:
        name: as a study file writes it; a prefix such as ``tfds:`` stands for a family.
        summary: one line.
        load: reference of the loader, ``load(name, data_dir) -> Arrays``.
        shape, classes: height, width and channels, and number of classes; None where only the data tells.
        citation: whom to credit.
    """

    name: str
    summary: str
    load: str
    citation: str
    shape: tuple[int, int, int] | None = None
    classes: int | None = None


@dataclass(frozen=True)
class Arrays:
    """A dataset in memory.

    Attributes:
        x: images [n, height, width, channels], uint8 or float32; training examples, then test examples.
        y: labels [n], int64 from 0.
        train: how many of the examples, from the first on, belong to the training part.
        classes: number of classes.
        full_range: difference between the largest and smallest possible value (255 for 8-bit images).
        low: the smallest possible value.
    """

    x: np.ndarray
    y: np.ndarray
    train: int
    classes: int
    full_range: float
    low: float = 0.0
