"""Keras' preprocessing layers, in one traced function."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from keras import layers

from dlbench.kernels.peers import expected as e
from dlbench.kernels.peers.expected import BRIGHTNESS, CONTRAST, DEGREES, SHIFT, ZOOM, Peer

TURN = (DEGREES / 360, DEGREES / 360)
BY, OUT = (SHIFT, SHIFT), (ZOOM, ZOOM)


def _layers(*build):
    def make(shape):
        stack = [item() for item in build]
        for layer in stack:
            layer.build((None, *shape))

        @tf.function(reduce_retracing=True)
        def run(x):
            x = tf.cast(x, tf.float32)
            for layer in stack:
                x = layer(x, training=True)
            return x

        return lambda x: run(tf.constant(x)).numpy()

    return make


def _flip():
    return layers.RandomFlip("horizontal", seed=0)


def _rotate():
    return layers.RandomRotation(TURN, fill_mode="constant", seed=0)


def _shift():
    return layers.RandomTranslation(BY, BY, fill_mode="constant", seed=0)


def _zoom():
    return layers.RandomZoom(OUT, OUT, fill_mode="constant", seed=0)


def _brightness():
    return layers.RandomBrightness((BRIGHTNESS, BRIGHTNESS), value_range=(0, 255), seed=0)


def _contrast():
    return layers.RandomContrast(CONTRAST - 1, value_range=(0, 255), seed=0)


def _pipeline(x: np.ndarray) -> np.ndarray:
    return e.brighter(e.moved(e.moved(x, degrees=DEGREES), shift=SHIFT))


TRANSFORMS = {
    "flip": Peer(None, e.mirrored, view=e.either_way, make=_layers(_flip)),
    "rotate": Peer(None, lambda x: e.moved(x, degrees=DEGREES), view=e.middle, make=_layers(_rotate)),
    "shift": Peer(None, lambda x: e.moved(x, shift=SHIFT), view=e.middle, make=_layers(_shift)),
    "zoom": Peer(None, lambda x: e.moved(x, zoom=1 / (1 + ZOOM)), view=e.middle, make=_layers(_zoom)),
    "brightness": Peer(None, e.brighter, make=_layers(_brightness)),
    "contrast": Peer(None, e.contrasted, view=e.standardised, make=_layers(_contrast)),
    "pipeline": Peer(None, _pipeline, view=e.free, atol=12, make=_layers(_rotate, _shift, _brightness, _contrast, _flip)),
}
