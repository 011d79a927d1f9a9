"""What each library's transform must give, in plain numpy, by the library's own definition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from matplotlib.colors import hsv_to_rgb, rgb_to_hsv

from dlbench.kernels import reference
from dlbench.kernels.maps import affine_maps

DEGREES, SHIFT, ZOOM, BRIGHTNESS, CONTRAST, SATURATION, HUE = 10.0, 0.125, 0.1, 0.1, 1.2, 1.2, 0.05
"""The pinned strengths: degrees, share of the size, relative change, share of 255, factor, factor, share of the circle."""
GREY = np.array([0.299, 0.587, 0.114])
Batch = np.ndarray
LOOSE = 4.0
"""Grey levels that libraries may be off: they round to uint8 after every step, and sample at fractions of 1/32 px."""


def moved(x: Batch, degrees: float = 0.0, shift: float = 0.0, zoom: float = 1.0) -> Batch:
    """Rotated counter-clockwise about the centre, scaled, then shifted right and down by a share of the size."""
    n, height, width, _ = x.shape
    maps = affine_maps(np.full(n, degrees), np.full(n, 1 / zoom), np.ones((n, 2)), np.zeros((n, 2)), (height, width))
    maps[:, [2, 5]] -= maps[:, [0, 1, 3, 4]].reshape(-1, 2, 2) @ (shift * np.array([width, height]))
    return reference.warp(x, maps)


def mirrored(x: Batch) -> Batch:
    """Left and right exchanged."""
    return x[:, :, ::-1].astype(np.float64)


def brighter(x: Batch) -> Batch:
    """A share of the range added."""
    return np.clip(x + 255 * BRIGHTNESS, 0, 255)


def scaled(x: Batch, factor: float) -> Batch:
    """All values times a factor."""
    return np.clip(x * np.float64(factor), 0, 255)


def contrasted(x: Batch, axes: tuple[int, ...] = (1, 2)) -> Batch:
    """The distance from the mean over some axes scaled."""
    mean = x.mean(axes, keepdims=True)
    return np.clip((x - mean) * CONTRAST + mean, 0, 255)


def contrasted_grey(x: Batch) -> Batch:
    """The distance from the mean grey value scaled."""
    mean = (x @ GREY).mean((1, 2)) if x.shape[-1] == 3 else x.mean((1, 2, 3))
    return np.clip((x - mean[:, None, None, None]) * CONTRAST + mean[:, None, None, None], 0, 255)


def saturated(x: Batch) -> Batch:
    """The distance from each pixel's grey value scaled."""
    grey = (x @ GREY)[..., None]
    return np.clip((x - grey) * SATURATION + grey, 0, 255)


def hsv(x: Batch, hue: float = 0.0, saturation: float = 1.0) -> Batch:
    """Hue turned and saturation scaled in the HSV cone."""
    cone = rgb_to_hsv(x / 255.0)
    cone[..., 0] = (cone[..., 0] + hue) % 1
    cone[..., 1] = np.clip(cone[..., 1] * saturation, 0, 1)
    return 255 * hsv_to_rgb(cone)


def middle(x: Any) -> Batch:
    """Without the outer quarter, where libraries fill differently."""
    x = np.asarray(x, np.float64)
    height, width = x.shape[1] // 4, x.shape[2] // 4
    return x[:, height:-height, width:-width]


def either_way(x: Any) -> Batch:
    """What a mirror image has in common with the image."""
    x = np.asarray(x, np.float64)
    return (x + x[:, :, ::-1]) / 2


def standardised(x: Any) -> Batch:
    """Mean 127 and deviation 40 in each image and channel: the same whatever contrast was drawn."""
    x = np.asarray(x, np.float64)
    spread = x.std((1, 2), keepdims=True)
    return 127 + 40 * (x - x.mean((1, 2), keepdims=True)) / np.where(spread > 1, spread, 1)


def free(x: Any) -> Batch:
    """The middle, whatever side and contrast were drawn."""
    return standardised(either_way(middle(x)))


def each(apply: Callable[[np.ndarray], np.ndarray]) -> Callable[[Batch], Batch]:
    """One image after the other, into a batch of float32: what a data pipeline does."""

    def batch(x: Batch) -> Batch:
        out = np.empty(x.shape, np.float32)
        for target, image in zip(out, x):
            target[...] = np.reshape(apply(image), target.shape)
        return out

    return batch


@dataclass(frozen=True)
class Expected:
    """What a library's transform must give.

    Attributes:
        output: [b, H, W, C] -> the same in plain numpy.
        view: what of both is compared; all where None.
        atol: grey levels that the library may be off.
    """

    output: Callable[[Batch], Batch]
    view: Callable[[Any], Batch] | None = None
    atol: float = LOOSE


def _pipeline(brighten: Callable[[Batch], Batch], contrast: Callable[[Batch], Batch] = contrasted_grey) -> Expected:
    return Expected(lambda x: contrast(brighten(moved(moved(x, degrees=DEGREES), shift=SHIFT))), free, 12)


def _scaled(x: Batch) -> Batch:
    return scaled(x, 1 + BRIGHTNESS)


def _at_once(x: Batch) -> Batch:
    return _scaled(moved(x, degrees=DEGREES, shift=SHIFT))


EXPECTED = {
    "flip": Expected(mirrored, either_way), "rotate": Expected(partial(moved, degrees=DEGREES), middle),
    "shift": Expected(partial(moved, shift=SHIFT), middle), "zoom": Expected(partial(moved, zoom=1 / (1 + ZOOM)), middle),
    "brightness": Expected(_scaled), "contrast": Expected(contrasted_grey), "saturation": Expected(saturated),
    "hue": Expected(partial(hsv, hue=HUE)), "pipeline": _pipeline(_scaled),
}
"""Transform -> what most libraries give."""
EXCEPTIONS = {
    ("keras", "brightness"): Expected(brighter), ("keras", "contrast"): Expected(contrasted, standardised),
    ("keras", "pipeline"): _pipeline(brighter, np.asarray), ("tf.image", "brightness"): Expected(brighter),
    ("tf.image", "contrast"): Expected(contrasted), ("tf.image", "saturation"): Expected(partial(hsv, saturation=SATURATION)),
    ("opencv", "brightness"): Expected(brighter), ("opencv", "pipeline"): _pipeline(brighter),
    ("albumentations", "hue"): Expected(partial(hsv, hue=HUE), atol=8),
    ("albumentations", "pipeline"): Expected(lambda x: contrasted_grey(_at_once(x)), free, 12),
    ("generator", "flip"): Expected(mirrored), ("generator", "brightness"): Expected(_scaled, atol=30),
    ("generator", "pipeline"): Expected(_at_once, free, 12),
}
"""Library and transform -> what it gives where that is something else."""
