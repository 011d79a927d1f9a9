"""Plain numpy references of :mod:`dlbench.kernels.augment`, with the same arguments: slow, short and obvious."""

from __future__ import annotations

import numpy as np

NOISE_FACTORS = (0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35)
"""Golden ratio, and the two multipliers of MurmurHash3's finaliser."""


def warp(images: np.ndarray, affine: np.ndarray) -> np.ndarray:
    """Resample each image through its map: the four neighbours of each sampling point, weighted; zero outside.

    Args:
        images: [b, H, W, C].
        affine: [b, 8]; output pixel (x, y) is read at (a0·x + a1·y + a2, b0·x + b1·y + b2).

    Returns:
        float64 [b, H, W, C].

    Example:
        >>> warp(np.array([[[[1.0], [3.0]]]]), np.array([[1, 0, 0.5, 0, 1, 0, 0, 0.0]]))[0, 0, :, 0].tolist()
        [2.0, 1.5]
    """
    _, height, width, _ = images.shape
    y, x = np.mgrid[:height, :width]
    out = np.zeros(images.shape)
    for place, (image, row) in enumerate(zip(images, np.asarray(affine, np.float64))):
        u, v = row[0] * x + row[1] * y + row[2], row[3] * x + row[4] * y + row[5]
        for down in (0, 1):
            for right in (0, 1):
                column, line = np.floor(u).astype(int) + right, np.floor(v).astype(int) + down
                weight = (1 - np.abs(u - column)) * (1 - np.abs(v - line))
                there = (column >= 0) & (column < width) & (line >= 0) & (line < height)
                pixels = image[np.clip(line, 0, height - 1), np.clip(column, 0, width - 1)]
                out[place] += np.where(there, weight, 0)[..., None] * pixels
    return out


def tint(images: np.ndarray, colour: np.ndarray, towards_mean: np.ndarray, shift: np.ndarray, span: tuple[float, float]) -> np.ndarray:
    """Each pixel times its image's colour matrix, plus a share of the image's mean, plus a shift; clipped to the range."""
    out = np.zeros(images.shape)
    for place, image in enumerate(images.astype(np.float64)):
        offset = towards_mean[place] * image.mean() + shift[place] * span[1]
        out[place] = np.clip(image @ colour[place].astype(np.float64) + offset, span[0], span[0] + span[1])
    return out


def augment(images: np.ndarray, maps, span: tuple[float, float] = (0.0, 255.0)) -> np.ndarray:
    """Resample, colour, erase and cut out, by the :class:`dlbench.kernels.maps.Maps` of the same images."""
    out = tint(warp(images, maps.affine), maps.colour, maps.towards_mean, maps.shift, span)
    return cut_out(erase(out, maps.erased, maps.noise, span), maps.hole)


def noise(keys: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Uniform numbers in [0, 1), float32 [b, H, W, C]: a hash of each image's key and the place."""
    place = np.arange(np.prod(shape), dtype=np.uint32).reshape(shape)
    spread, first, second = map(np.uint32, NOISE_FACTORS)
    bits = np.asarray(keys, np.uint32)[:, None, None, None] + place * spread
    bits = (bits ^ (bits >> np.uint32(16))) * first
    bits = (bits ^ (bits >> np.uint32(13))) * second
    return ((bits ^ (bits >> np.uint32(16))) >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


def erase(images: np.ndarray, boxes: np.ndarray, keys: np.ndarray, span: tuple[float, float]) -> np.ndarray:
    """Each image's box replaced by noise over the range of the data."""
    out, values = images.copy(), span[0] + span[1] * noise(keys, images.shape[1:])
    for image, value, (top, left, bottom, right) in zip(out, values, boxes):
        image[top:bottom, left:right] = value[top:bottom, left:right]
    return out


def cut_out(images: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Each image's box set to zero."""
    out = images.copy()
    for image, (top, left, bottom, right) in zip(out, boxes):
        image[top:bottom, left:right] = 0
    return out


def mix(images: np.ndarray, others: np.ndarray, blend: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """blend·image + (1-blend)·other, and the other alone inside the box."""
    share = blend[:, None, None, None]
    out = share * images + (1 - share) * others
    for image, other, (top, left, bottom, right) in zip(out, others, boxes):
        image[top:bottom, left:right] = other[top:bottom, left:right]
    return out
