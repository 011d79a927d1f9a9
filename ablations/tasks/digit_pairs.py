"""Images of two handwritten digits side by side: which digits are there? High digits are rare.

The digits are those that come with dlbench: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", 1998,
https://doi.org/10.24432/C50P49. No digit's image is in both parts.
"""

import numpy as np

from dlbench.datasets.digits import load

TRAINING_DIGITS, CLASSES = 1200, 10


def pairs(images: np.ndarray, digits: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw pairs, [count, 8, 16, 1], and which digits are in each, [count, 10]; digit k is drawn in proportion to 0.8 to the power of k."""
    shares = 0.8**digits / np.bincount(digits)[digits]
    chosen = np.random.default_rng(seed).choice(len(digits), (count, 2), p=shares / shares.sum())
    there = (digits[chosen][:, :, None] == np.arange(CLASSES)).any(axis=1)
    return np.concatenate([images[chosen[:, 0]], images[chosen[:, 1]]], axis=2), there.astype(np.int64)


def images() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return 1,000 training pairs and 1,000 test pairs, each images and labels."""
    known, parts = load(), (slice(None, TRAINING_DIGITS), slice(TRAINING_DIGITS, None))
    bright = (known.x * (255 / known.full_range)).astype(np.uint8)
    train, test = (pairs(bright[part], known.y[part], 1000, seed) for seed, part in enumerate(parts))
    return train, test
