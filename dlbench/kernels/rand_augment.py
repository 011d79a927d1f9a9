"""RandAugment, as maps: its operations that are affine or linear in colour compose with everything else into one pass."""

from __future__ import annotations

import numpy as np

from dlbench.values.augmentation import Augmentation

GREY = np.array([0.299, 0.587, 0.114])
"""Luma of red, green and blue (ITU-R BT.601)."""
MOVES = ("identity", "rotate", "shear_x", "shear_y", "translate_x", "translate_y")
TINTS = ("brightness", "contrast", "saturation")
OPERATIONS = MOVES + TINTS
"""Nine of the paper's fourteen; left out are those that no affine and no colour map expresses: autocontrast, equalize,
posterize, solarize and sharpness."""
LARGEST = {"rotate": 30.0, "shear_x": 0.3, "shear_y": 0.3, "translate_x": 0.45, "translate_y": 0.45, **dict.fromkeys(TINTS, 0.9)}
"""At magnitude 10: degrees, tangents, shares of the image's size, and relative changes."""


def extra_maps(a: Augmentation, uniform, shape: tuple[int, int, int]) -> tuple[np.ndarray, ...]:
    """Draw ``rand_augment_ops`` operations an image, each of one magnitude and a random sign, and compose them.

    Args:
        a: strengths.
        uniform: ``uniform(name, columns)`` gives [n, columns] in [0, 1).
        shape: height, width and channels; on images of other than three channels, saturation is left out.

    Returns:
        affine [n, 3, 3] output -> input, colour [n, C, C], share of the image's mean [n], factor of grey values [n].

    Source: E. D. Cubuk et al., "RandAugment: practical automated data augmentation with a reduced search space", 2020,
    https://arxiv.org/abs/1909.13719; magnitudes as in timm's "increasing" set.
    """
    drawn = uniform("rand_augment", 2 * a.rand_augment_ops).astype(np.float64)
    known = OPERATIONS if shape[-1] == 3 else OPERATIONS[:-1]
    n, channels = len(drawn), shape[-1]
    affine, colour = np.tile(np.eye(3), (n, 1, 1)), np.tile(np.eye(channels), (n, 1, 1))
    mean, grey = np.zeros(n), np.ones(n)
    for step in range(a.rand_augment_ops):
        which = np.floor(drawn[:, 2 * step] * len(known)).astype(int)
        strength = np.where(drawn[:, 2 * step + 1] < 0.5, -1.0, 1.0) * a.rand_augment_magnitude / 10
        amount = {name: np.where(which == place, strength * LARGEST.get(name, 0.0), 0.0) for place, name in enumerate(known)}
        affine = affine @ _move(amount, shape[:2])
        bright, contrast = 1 + amount["brightness"], 1 + amount["contrast"]
        colour = colour @ _tint(bright * contrast, amount.get("saturation", np.zeros(n)), channels)
        mean = mean * bright * contrast + (1 - contrast) * bright * (grey + mean)
        grey = grey * bright * contrast
    return affine, colour, mean, grey


def _move(amount: dict[str, np.ndarray], size_px: tuple[int, int]) -> np.ndarray:
    """One affine map an image, about the centre; at most one of the amounts is not zero."""
    y, x = (size_px[0] - 1) / 2, (size_px[1] - 1) / 2
    turn = np.deg2rad(amount["rotate"])
    move = np.zeros((len(turn), 3, 3))
    move[:, 0, 0] = move[:, 1, 1] = np.cos(turn)
    move[:, 0, 1], move[:, 1, 0] = amount["shear_x"] - np.sin(turn), amount["shear_y"] + np.sin(turn)
    move[:, 0, 2] = x - move[:, 0, 0] * x - move[:, 0, 1] * y + amount["translate_x"] * size_px[1]
    move[:, 1, 2] = y - move[:, 1, 0] * x - move[:, 1, 1] * y + amount["translate_y"] * size_px[0]
    move[:, 2, 2] = 1
    return move


def _tint(factor: np.ndarray, saturation: np.ndarray, channels: int) -> np.ndarray:
    """factor · ((1 + saturation) · x - saturation · grey), as a matrix for row vectors."""
    same = np.tile(np.eye(channels), (len(factor), 1, 1))
    if channels == 3:
        same = same + saturation[:, None, None] * (np.eye(3) - np.repeat(GREY[:, None], 3, axis=1))
    return factor[:, None, None] * same
