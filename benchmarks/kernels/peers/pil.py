"""Pillow as in the articles: an image object, a call a step, and back to an array."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageEnhance

from benchmarks.kernels.peers.expected import BRIGHTNESS, CONTRAST, DEGREES, SATURATION, SHIFT, ZOOM, each

BILINEAR = Image.Resampling.BILINEAR
COIN = np.random.default_rng(0)


def _each(*steps):
    def one(array: np.ndarray) -> np.ndarray:
        image = Image.fromarray(array)
        for step in steps:
            image = step(image)
        return np.asarray(image)

    return each(one)


def _flip(image):
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if COIN.random() < 0.5 else image


def _rotate(image):
    return image.rotate(DEGREES, BILINEAR)


def _shift(image):
    return image.transform(image.size, Image.Transform.AFFINE, (1, 0, -SHIFT * image.width, 0, 1, -SHIFT * image.height), BILINEAR)


def _zoom(image):
    by = 1 + ZOOM
    x, y = image.width * (1 - by) / 2, image.height * (1 - by) / 2
    return image.transform(image.size, Image.Transform.AFFINE, (by, 0, x, 0, by, y), BILINEAR)


def _brightness(image):
    return ImageEnhance.Brightness(image).enhance(1 + BRIGHTNESS)


def _contrast(image):
    return ImageEnhance.Contrast(image).enhance(CONTRAST)


TRANSFORMS = {
    "flip": _each(_flip), "rotate": _each(_rotate), "shift": _each(_shift), "zoom": _each(_zoom), "brightness": _each(_brightness),
    "contrast": _each(_contrast), "saturation": _each(lambda image: ImageEnhance.Color(image).enhance(SATURATION)),
    "pipeline": _each(_rotate, _shift, _brightness, _contrast, _flip),
}
