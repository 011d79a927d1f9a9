"""Operations are counted in the traced graph, whoever wrote the layers."""

import keras
import pytest
import tensorflow as tf
from keras import layers

from dlbench.engines.keras.network.cost import macs


class Own(layers.Layer):
    """A product of matrices of its own making."""

    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], 7))

    def call(self, x):
        return tf.einsum("bi,ij->bj", x, self.w)


LAYERS = {
    "dense": (layers.Dense(5), (12,), 12 * 5),
    "dense on every place": (layers.Dense(5), (6, 12), 6 * 12 * 5),
    "convolution with strides": (layers.Conv2D(8, 3, strides=2, padding="same"), (9, 9, 4), 25 * 9 * 4 * 8),
    "convolution in groups": (layers.Conv2D(8, 3, groups=2), (8, 8, 4), 36 * 9 * 2 * 8),
    "convolution over words": (layers.Conv1D(8, 3), (10, 4), 8 * 3 * 4 * 8),
    "depthwise": (layers.DepthwiseConv2D(3, depth_multiplier=2), (8, 8, 4), 36 * 9 * 4 * 2),
    "separable": (layers.SeparableConv2D(8, 3), (8, 8, 4), 36 * (9 * 4 + 4 * 8)),
    "of its own": (Own(), (12,), 12 * 7),
    "none": (layers.BatchNormalization(), (8, 8, 4), 0),
}


@pytest.mark.parametrize("layer, shape, wanted", LAYERS.values(), ids=LAYERS)
def test_layers(layer, shape, wanted):
    assert macs(keras.Sequential([keras.Input(shape), layer]), shape) == wanted


def test_attention_counts_its_projections_and_its_products():
    inputs = keras.Input((6, 8))
    model = keras.Model(inputs, layers.MultiHeadAttention(2, 4)(inputs, inputs))
    assert macs(model, (6, 8)) == 4 * 6 * 8 * 8 + 2 * 2 * 6 * 6 * 4
