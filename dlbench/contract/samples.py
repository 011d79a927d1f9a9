"""Small made-up data on which techniques and models are tried."""

from __future__ import annotations

import numpy as np

Sample = tuple[np.ndarray, np.ndarray]
SIZES_PX = (8, 32, 224)


def colour_8() -> Sample:
    """200 images of 8x8 pixels in three channels and ten classes, brighter the higher the class.

    Example:
        >>> x, y = colour_8()
        >>> x.shape, x.dtype.name, sorted(set(y.tolist())) == list(range(10))
        ((200, 8, 8, 3), 'uint8', True)
    """
    return _colour(200, 8)


def colour_32() -> Sample:
    """100 such images of 32x32 pixels."""
    return _colour(100, 32)


def colour_224() -> Sample:
    """50 such images of 224x224 pixels."""
    return _colour(50, 224)


def _colour(count: int, size_px: int) -> Sample:
    generator = np.random.default_rng(0)
    y = np.arange(count) % 10
    x = generator.integers(0, 200, (count, size_px, size_px, 3)) + 5 * y[:, None, None, None]
    return x.astype(np.uint8), y
