"""The embedded default: 8x8 handwritten digits."""

from __future__ import annotations

from importlib import resources

import numpy as np

from dlbench.datasets.declaration import Arrays
from dlbench.datasets.places import Places
from dlbench.values.recipe import Data


def load(data: Data | None = None, places: Places | None = None) -> Arrays:
    """The 1,797 digits; values 0 to 16. The set has no test part of its own.

    Example:
        >>> load().x.shape
        (1797, 8, 8, 1)

    Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
    https://doi.org/10.24432/C50P49.
    """
    with resources.files("dlbench.datasets").joinpath("data/digits.npz").open("rb") as file:
        stored = np.load(file, allow_pickle=False)
        x, y = stored["x"], stored["y"]
    return Arrays(x[..., None], y.astype(np.int64), train=len(x), classes=10, full_range=16.0)
