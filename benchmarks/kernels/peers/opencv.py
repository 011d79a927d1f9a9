"""OpenCV as in the articles: one call an image and step."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.kernels.peers.expected import BRIGHTNESS, CONTRAST, DEGREES, SHIFT, ZOOM, each

COIN = np.random.default_rng(0)


def _rotate(image: np.ndarray, zoom: float = 1.0, degrees: float = DEGREES) -> np.ndarray:
    height, width = image.shape[:2]
    return cv2.warpAffine(image, cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, zoom), (width, height))


def _shift(image: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    return cv2.warpAffine(image, np.float32([[1, 0, SHIFT * width], [0, 1, SHIFT * height]]), (width, height))


def _contrast(image: np.ndarray) -> np.ndarray:
    return cv2.convertScaleAbs(image, alpha=CONTRAST, beta=(1 - CONTRAST) * cv2.mean(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))[0])


def _brightness(image: np.ndarray) -> np.ndarray:
    return cv2.convertScaleAbs(image, alpha=1, beta=255 * BRIGHTNESS)


def _flip(image: np.ndarray) -> np.ndarray:
    return cv2.flip(image, 1) if COIN.random() < 0.5 else image


TRANSFORMS = {name: each(apply) for name, apply in {
    "flip": _flip, "rotate": _rotate, "shift": _shift, "zoom": lambda image: _rotate(image, 1 / (1 + ZOOM), 0), "brightness": _brightness,
    "contrast": _contrast, "pipeline": lambda image: _flip(_contrast(_brightness(_shift(_rotate(image))))),
}.items()}
