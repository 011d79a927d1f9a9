"""The fused pass by OpenCV: one ``warpAffine`` and one ``transform`` an image, images over threads."""

from __future__ import annotations

import cv2
import numpy as np

from dlbench.kernels.maps import Maps
from dlbench.kernels.reference import cut_out, erase


def augment(images: np.ndarray, maps: Maps, span: tuple[float, float]) -> np.ndarray:
    """See :func:`dlbench.kernels.fused.augment`. Sampling points are rounded to 1/32 px, by OpenCV."""
    out = np.empty(images.shape, np.float32)
    for place, image in enumerate(images):
        out[place] = _one(image, place, maps, span)
    return cut_out(erase(out, maps.erased, maps.noise, span), maps.hole)


def _one(image: np.ndarray, place: int, maps: Maps, span: tuple[float, float]) -> np.ndarray:
    height, width, channels = image.shape
    matrix = maps.affine[place, :6].reshape(2, 3)
    moved = cv2.warpAffine(image.astype(np.float32), matrix, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    moved = moved.reshape(image.shape)
    offset = maps.towards_mean[place] * moved.mean() + maps.shift[place] * span[1]
    colour = np.concatenate([maps.colour[place].T, np.full((channels, 1), offset, np.float32)], axis=1)
    return np.clip(cv2.transform(moved, colour).reshape(image.shape), span[0], span[0] + span[1])
