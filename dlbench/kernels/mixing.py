"""The random numbers of mixup and CutMix: with which other example, how much of it, and where. No TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlbench.kernels.maps import PerExample, draws, generator
from dlbench.values.augmentation import Augmentation, is_mixing


@dataclass(frozen=True)
class Mixing(PerExample):
    """With what each training example is mixed in an epoch, one row an example.

    Attributes:
        partner: int32 [n], row of the other example among those that are trained on.
        blend: float32 [n], share of the example's own pixels outside the box; 1 in CutMix.
        share: float32 [n], share of the example's own label; the other label has the rest.
        box: int32 [n, 4], where the other image stands alone: top, left, bottom, right; all zero in mixup.
    """

    partner: np.ndarray
    blend: np.ndarray
    share: np.ndarray
    box: np.ndarray


NO_MIXING = Mixing(*(np.zeros(shape, kind) for shape, kind in (
    ((0,), np.int32), ((0,), np.float32), ((0,), np.float32), ((0, 4), np.int32))))


def mixing(a: Augmentation, seed: int, epoch: int, positions: np.ndarray, image_px: tuple[int, int]) -> Mixing:
    """Draw an epoch's mixing; where both kinds are on, each example gets one or the other with equal probability.

    Args:
        a: strengths: α of the two Beta(α, α) distributions; zero is off.
        seed: of the run's ``augment`` stream.
        epoch: from 0.
        positions: place of each training example in the whole dataset; the draws follow it.
        image_px: height and width.

    Source: H. Zhang et al., "mixup: beyond empirical risk minimization", 2018, https://arxiv.org/abs/1710.09412;
    S. Yun et al., "CutMix", 2019, https://arxiv.org/abs/1905.04899.
    """
    if not is_mixing(a):
        return NO_MIXING
    everyone = int(positions.max()) + 1 if len(positions) else 0
    uniform = draws(seed, "mixing", epoch, everyone, 4)[positions]
    partner = np.minimum((uniform[:, 0] * np.float64(len(positions))).astype(np.int32), len(positions) - 1)
    cut = uniform[:, 1] < (0.5 if a.mixup else 1.0) if a.cutmix else np.zeros(len(positions), bool)
    share = np.ones(len(positions), np.float32)
    for name, alpha, rows in (("mixup", a.mixup, ~cut), ("cutmix", a.cutmix, cut)):
        if alpha:
            drawn = generator(seed, name, epoch).beta(alpha, alpha, everyone).astype(np.float32)[positions]
            share = np.where(rows, drawn, share)
    box = np.where(cut[:, None], _boxes(share, uniform[:, 2:], image_px), 0).astype(np.int32)
    blend = np.where(cut, np.float32(1), share)
    return Mixing(partner, blend, np.where(cut, 1 - _area(box) / np.float32(np.prod(image_px)), share).astype(np.float32), box)


def _boxes(share: np.ndarray, centre: np.ndarray, image_px: tuple[int, int]) -> np.ndarray:
    """A box of area 1 - share around a uniform centre, clipped at the border."""
    half = np.sqrt(1 - share)[:, None] * np.array(image_px) / 2
    middle = np.floor(centre * np.array(image_px))
    corners = np.concatenate([middle - half, middle + half], axis=1)
    return np.clip(np.round(corners), 0, np.tile(image_px, 2)).astype(np.int32)


def _area(box: np.ndarray) -> np.ndarray:
    return ((box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])).astype(np.float32)
