"""Digits whose training part has a long tail: 120 zeros, and of each next digit fewer, down to 6 nines; all digits are tested alike.

Source: Y. Cui, M. Jia, T.-Y. Lin, Y. Song, S. Belongie, "Class-balanced loss based on effective number of samples", 2019,
https://arxiv.org/abs/1901.05555, for the numbers that fall exponentially; the digits are the embedded ones.
"""

import numpy as np

from dlbench.datasets.digits import load

MOST, LEAST, TESTED = 120, 6, 50


def images() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return the training part, of 120 to 6 images a digit, and the test part, of 50 images of each: [n, 8, 8, 1] and [n]."""
    digits, order = load(), np.random.default_rng(0).permutation(1797)
    of_each = [order[digits.y[order] == digit] for digit in range(10)]
    counts = np.round(MOST * (LEAST / MOST) ** (np.arange(10) / 9)).astype(int)
    test = np.concatenate([rows[:TESTED] for rows in of_each])
    train = np.concatenate([rows[TESTED : TESTED + count] for rows, count in zip(of_each, counts)])
    bright = (digits.x * (255 / digits.full_range)).astype(np.uint8)
    return (bright[train], digits.y[train]), (bright[test], digits.y[test])
