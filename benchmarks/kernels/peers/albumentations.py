"""Albumentations, one image after the other."""

from __future__ import annotations

import albumentations as A
import cv2

from benchmarks.kernels.peers.expected import BRIGHTNESS, CONTRAST, DEGREES, HUE, SATURATION, SHIFT, ZOOM, each


def _each(*transforms):
    run = A.Compose(list(transforms), seed=0)
    return each(lambda image: run(image=image)["image"])


def _jitter(**pinned):
    strengths = {name: pinned.get(name, (0, 0) if name == "hue" else (1, 1)) for name in ("brightness", "contrast", "saturation", "hue")}
    return A.ColorJitter(**strengths, p=1)


FLIP = A.HorizontalFlip(p=0.5)
BRIGHT, SHARP = (1 + BRIGHTNESS, 1 + BRIGHTNESS), (CONTRAST, CONTRAST)
TRANSFORMS = {
    "flip": _each(FLIP), "rotate": _each(A.Rotate((DEGREES, DEGREES), border_mode=cv2.BORDER_CONSTANT, p=1)),
    "shift": _each(A.Affine(translate_percent=(SHIFT, SHIFT), p=1)), "zoom": _each(A.Affine(scale=(1 / (1 + ZOOM), 1 / (1 + ZOOM)), p=1)),
    "brightness": _each(_jitter(brightness=BRIGHT)), "contrast": _each(_jitter(contrast=SHARP)),
    "saturation": _each(_jitter(saturation=(SATURATION, SATURATION))), "hue": _each(_jitter(hue=(HUE, HUE))),
    "pipeline": _each(A.Affine(rotate=(DEGREES, DEGREES), translate_percent=(SHIFT, SHIFT), p=1),
                      _jitter(brightness=BRIGHT, contrast=SHARP), FLIP),
}
