"""``tf.image`` over a whole batch, in one traced function; one strength for the batch, as it offers."""

from __future__ import annotations

import tensorflow as tf

from dlbench.kernels.peers import expected as e
from dlbench.kernels.peers.expected import BRIGHTNESS, CONTRAST, HUE, SATURATION, Peer


def _traced(change):
    run = tf.function(lambda x: change(tf.cast(x, tf.float32)), reduce_retracing=True)
    return lambda x: run(tf.constant(x)).numpy()


def _clipped(x):
    return tf.clip_by_value(x, 0.0, 255.0)


TRANSFORMS = {
    "flip": Peer(_traced(tf.image.random_flip_left_right), e.mirrored, view=e.either_way),
    "brightness": Peer(_traced(lambda x: _clipped(tf.image.adjust_brightness(x, 255 * BRIGHTNESS))), e.brighter),
    "contrast": Peer(_traced(lambda x: _clipped(tf.image.adjust_contrast(x, CONTRAST))), e.contrasted),
    "saturation": Peer(_traced(lambda x: tf.image.adjust_saturation(x, SATURATION)), lambda x: e.hsv(x, saturation=SATURATION)),
    "hue": Peer(_traced(lambda x: tf.image.adjust_hue(x, HUE)), lambda x: e.hsv(x, hue=HUE)),
}
