"""Inputs that cases are timed on: the same numbers everywhere, of any size."""

from __future__ import annotations

import numpy as np


def images(shape: tuple[int, int, int], batch: int, dtype: str = "uint8") -> np.ndarray:
    """Smooth images in the middle of the range, 64 to 191, so that no resampling rule and no clipping decides the result.

    Returns:
        [batch, height, width, channels].

    Example:
        >>> images((8, 8, 3), 2).shape
        (2, 8, 8, 3)
    """
    height, width, channels = shape
    y, x = np.mgrid[:height, :width] / max(height, width)
    waves = np.random.default_rng(0).uniform(0.3, 1.2, (batch, channels, 3))[..., None, None]
    values = np.sin(2 * np.pi * (waves[:, :, 0] * y + waves[:, :, 1] * x + waves[:, :, 2]))
    return np.ascontiguousarray((127.5 + 63.5 * values).transpose(0, 2, 3, 1)).astype(dtype)


def normal(*shape: int) -> np.ndarray:
    """Standard normal numbers, float32."""
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)
