"""Albumentations, one image after the other."""

from __future__ import annotations

import albumentations as A
import cv2

from dlbench.kernels.peers import expected as e
from dlbench.kernels.peers.expected import BRIGHTNESS, CONTRAST, DEGREES, HUE, SATURATION, SHIFT, ZOOM, Peer


def _each(*transforms):
    run = A.Compose(list(transforms), seed=0)
    return e.each(lambda image: run(image=image)["image"])


def _jitter(**pinned):
    strengths = {name: pinned.get(name, (0, 0) if name == "hue" else (1, 1)) for name in ("brightness", "contrast", "saturation", "hue")}
    return A.ColorJitter(**strengths, p=1)


FLIP = A.HorizontalFlip(p=0.5)
TURN = A.Rotate((DEGREES, DEGREES), border_mode=cv2.BORDER_CONSTANT, p=1)
BY = A.Affine(translate_percent=(SHIFT, SHIFT), p=1)
OUT = A.Affine(scale=(1 / (1 + ZOOM), 1 / (1 + ZOOM)), p=1)
BRIGHT, SHARP = (1 + BRIGHTNESS, 1 + BRIGHTNESS), (CONTRAST, CONTRAST)


def _pipeline(x):
    return e.contrasted_grey(e.scaled(e.moved(x, degrees=DEGREES, shift=SHIFT), 1 + BRIGHTNESS))


TRANSFORMS = {
    "flip": Peer(_each(FLIP), e.mirrored, view=e.either_way),
    "rotate": Peer(_each(TURN), lambda x: e.moved(x, degrees=DEGREES), view=e.middle),
    "shift": Peer(_each(BY), lambda x: e.moved(x, shift=SHIFT), view=e.middle),
    "zoom": Peer(_each(OUT), lambda x: e.moved(x, zoom=1 / (1 + ZOOM)), view=e.middle),
    "brightness": Peer(_each(_jitter(brightness=BRIGHT)), lambda x: e.scaled(x, 1 + BRIGHTNESS)),
    "contrast": Peer(_each(_jitter(contrast=SHARP)), e.contrasted_grey),
    "saturation": Peer(_each(_jitter(saturation=(SATURATION, SATURATION))), e.saturated),
    "hue": Peer(_each(_jitter(hue=(HUE, HUE))), lambda x: e.hsv(x, hue=HUE), atol=8),
    "pipeline": Peer(_each(A.Affine(rotate=(DEGREES, DEGREES), translate_percent=(SHIFT, SHIFT), p=1),
                           _jitter(brightness=BRIGHT, contrast=SHARP), FLIP), _pipeline, view=e.free, atol=12),
}
