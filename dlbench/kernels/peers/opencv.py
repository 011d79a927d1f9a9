"""OpenCV as in the articles: one call an image and step."""

from __future__ import annotations

import cv2
import numpy as np

from dlbench.kernels.peers import expected as e
from dlbench.kernels.peers.expected import BRIGHTNESS, CONTRAST, DEGREES, SHIFT, ZOOM, Peer

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


def _pipeline(x: np.ndarray) -> np.ndarray:
    return e.contrasted_grey(e.brighter(e.moved(e.moved(x, degrees=DEGREES), shift=SHIFT)))


TRANSFORMS = {
    "flip": Peer(e.each(_flip), e.mirrored, view=e.either_way),
    "rotate": Peer(e.each(_rotate), lambda x: e.moved(x, degrees=DEGREES), view=e.middle),
    "shift": Peer(e.each(_shift), lambda x: e.moved(x, shift=SHIFT), view=e.middle),
    "zoom": Peer(e.each(lambda image: _rotate(image, 1 / (1 + ZOOM), 0)), lambda x: e.moved(x, zoom=1 / (1 + ZOOM)), view=e.middle),
    "brightness": Peer(e.each(_brightness), e.brighter),
    "contrast": Peer(e.each(_contrast), e.contrasted_grey),
    "pipeline": Peer(e.each(lambda image: _flip(_contrast(_brightness(_shift(_rotate(image)))))), _pipeline, view=e.free, atol=12),
}
