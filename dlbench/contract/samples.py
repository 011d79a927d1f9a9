"""Small made-up data on which techniques and models are tried."""

from __future__ import annotations

from functools import partial

import numpy as np

Sample = tuple[np.ndarray, np.ndarray]
SIZES_PX = (8, 32, 224)


def colour_images(count: int, size_px: int) -> Sample:
    """Make square images in three channels and ten classes; the higher the class, the brighter the image.

    Example:
        >>> x, y = colour_images(200, 8)
        >>> x.shape, x.dtype.name, sorted(set(y.tolist())) == list(range(10))
        ((200, 8, 8, 3), 'uint8', True)
    """
    generator = np.random.default_rng(0)
    y = np.arange(count) % 10
    x = generator.integers(0, 200, (count, size_px, size_px, 3)) + 5 * y[:, None, None, None]
    return x.astype(np.uint8), y


colour_8, colour_32, colour_224 = (partial(colour_images, count, size_px) for count, size_px in zip((200, 100, 50), SIZES_PX))
"""Datasets that recipes name by reference."""
