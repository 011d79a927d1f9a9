"""Keras' older ``ImageDataGenerator``, through its own transform of one image."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from dlbench.kernels.peers import expected as e
from dlbench.kernels.peers.expected import BRIGHTNESS, DEGREES, SHIFT, ZOOM, Peer

GENERATOR = tf.keras.preprocessing.image.ImageDataGenerator(fill_mode="constant")


def _each(**parameters):
    return e.each(lambda image: GENERATOR.apply_transform(image.astype(np.float32), parameters))


def _shift(x: np.ndarray) -> dict:
    return {"tx": -SHIFT * x.shape[1], "ty": -SHIFT * x.shape[2]}


def _shifted(**parameters):
    return lambda x: e.each(lambda image: GENERATOR.apply_transform(image.astype(np.float32), {**_shift(x), **parameters}))(x)


TRANSFORMS = {
    "flip": Peer(_each(flip_horizontal=True), e.mirrored),
    "rotate": Peer(_each(theta=DEGREES), lambda x: e.moved(x, degrees=DEGREES), view=e.middle),
    "shift": Peer(_shifted(), lambda x: e.moved(x, shift=SHIFT), view=e.middle),
    "zoom": Peer(_each(zx=1 + ZOOM, zy=1 + ZOOM), lambda x: e.moved(x, zoom=1 / (1 + ZOOM)), view=e.middle),
    "brightness": Peer(_each(brightness=1 + BRIGHTNESS), lambda x: e.scaled(x, 1 + BRIGHTNESS), atol=30),
    "pipeline": Peer(_shifted(theta=DEGREES, brightness=1 + BRIGHTNESS, flip_horizontal=True),
                     lambda x: e.scaled(e.moved(x, degrees=DEGREES, shift=SHIFT), 1 + BRIGHTNESS), view=e.free, atol=12),
}
