"""The fused pass of augmentation, compiled by numba: each image is moved, coloured and erased while it is in the processor's cache.

Training calls it ahead of its steps; without numba the training graph does the same by :mod:`dlbench.kernels.augment`, to the same bits.
"""

from __future__ import annotations

import numpy as np

from dlbench.kernels.fused.colours import convert, erase, offset, tint
from dlbench.kernels.fused.compiled import compiled
from dlbench.kernels.fused.moves import BORDER, SEGMENT, copy, frame, resample, still, whole
from dlbench.kernels.maps import Maps


def augment(images: np.ndarray, maps: Maps, span: tuple[float, float], coloured: bool, places: np.ndarray | None = None) -> np.ndarray:
    """Move, colour and erase each image as its maps say, on one thread.

    Args:
        images: [b, H, W, C], uint8 or float32.
        maps: from :func:`dlbench.kernels.maps.maps`, one row an image; the hole of cutout is left to the caller.
        span: smallest possible value and full range; coloured values are clipped to it.
        coloured: whether any transform of colours acts; where none does, values are not clipped.
        places: int64 [b], place of each image in its batch, 0, 1, 2, ... by default: where an image has over 8192 values and not a
            multiple of 8, Eigen sums them in an order that depends on it.

    Returns:
        float32 [b, H, W, C].
    """
    images = np.ascontiguousarray(images, np.uint8 if images.dtype == np.uint8 else np.float32)
    out = np.empty(images.shape, np.float32)
    height, width, channels = images.shape[1:]
    framed = np.zeros((height + 2 * BORDER) * (width + 2 * BORDER) * channels + 1, np.float32)  # read four values at a time
    places = np.arange(len(images)) if places is None else places
    low, high = map(np.float32, span)
    _augment_all(images, places, maps.affine, maps.colour, maps.towards_mean, maps.shift, maps.erased, maps.noise, low, high, coloured,
                 framed, out)
    return out


@compiled()
def _augment_all(images, places, affine, colour, towards_mean, shift, erased, noise, low, width, coloured, framed, out):  # noqa: PLR0913
    points, corners = np.empty(4 * SEGMENT, np.float32), np.empty(SEGMENT, np.int32)
    for i in range(len(images)):
        source, target = images[i].ravel(), out[i].ravel()
        if still(affine[i]):
            if coloured:
                tint(source, target, colour[i], offset(source, places[i], towards_mean[i], shift[i] * width), low, low + width)
            else:
                convert(source, target)
        else:
            if whole(affine[i]):
                copy(images[i], affine[i], out[i])
            else:
                frame(images[i], framed)
                resample(framed, affine[i], points, corners, out[i])
            if coloured:
                tint(target, target, colour[i], offset(target, places[i], towards_mean[i], shift[i] * width), low, low + width)
        if erased[i, 2] > erased[i, 0]:
            erase(out[i], erased[i], noise[i], low, width)
