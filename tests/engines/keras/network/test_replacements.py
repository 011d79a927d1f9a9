"""The layers that techniques insert compute what plain numpy says."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlbench.engines.keras.network.layers import Penalty
from dlbench.engines.keras.network.replacements import norm_layer, separable
from dlbench.kernels import reference_layers as reference

shapes = pytest.mark.parametrize("shape", [(1, 7, 9, 1), (2, 5, 5, 3), (3, 1, 1, 8)], ids=str)


def values(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@shapes
@pytest.mark.parametrize("multiplier", [1, 2])
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_a_separable_convolution_is_a_dense_one(shape, multiplier, padding):
    if padding == "valid" and min(shape[1:3]) < 3:
        return
    layer = separable(keras.layers.Conv2D(6, 3, padding=padding, use_bias=False).get_config(), multiplier)
    x = values(*shape)
    output = layer(x)
    weights = layer.depthwise_kernel.numpy(), layer.pointwise_kernel.numpy()[0, 0]
    np.testing.assert_allclose(output, reference.separable_conv(x, *weights, padding.upper()), rtol=1e-4, atol=1e-4)


@shapes
@pytest.mark.parametrize("kind", ["batch", "layer", "layer_all", "instance", "group"])
def test_normalisation_equals_plain_numpy(shape, kind):
    layer = norm_layer(kind, (None, *shape[1:]), "norm")
    layer.build((None, *shape[1:]))
    gamma, beta, x = values(shape[3], seed=1), values(shape[3], seed=2), 3 * values(*shape) + 2
    for weight, value in ((layer.gamma, gamma), (layer.beta, beta)):
        weight.assign(np.broadcast_to(value, weight.shape))
    tolerance = 1e-2 if kind == "batch" else 1e-3  # it adds Keras' 1e-3 to the variance, not 1e-5
    expected = reference.normalize(x, kind, gamma, beta, getattr(layer, "groups", 1))
    np.testing.assert_allclose(layer(x, training=True), expected, rtol=tolerance, atol=tolerance)


def test_layer_norm_has_mean_zero_and_variance_v_over_v_plus_epsilon():
    x = 0.01 * values(20, 6, 6, 16)
    output = norm_layer("layer", (None, 6, 6, 16), "norm")(x).numpy().astype(np.float64)
    variance = x.astype(np.float64).var(-1)
    np.testing.assert_allclose(output.mean(-1), 0, atol=1e-5)
    np.testing.assert_allclose(output.var(-1), variance / (variance + 1e-5), rtol=1e-3)


def test_instance_normalisation_is_zero_on_maps_of_one_place():
    assert not np.any(norm_layer("instance", (None, 1, 1, 8), "norm")(values(4, 1, 1, 8)))
    assert np.any(norm_layer("layer", (None, 1, 1, 8), "norm")(values(4, 1, 1, 8)))


def penalty(l1, l2):
    return Penalty(tf.Variable(l1), tf.Variable(l2), None)


def test_the_l2_gradient_has_no_half():
    w = tf.Variable(values(3, 3, 2, 4))
    with tf.GradientTape() as tape:
        loss = penalty(0.0, 0.1)(w)
    np.testing.assert_allclose(tape.gradient(loss, w), 0.2 * w.numpy(), rtol=1e-6)


@pytest.mark.parametrize("size", [(3, 3, 2, 4), (7, 5), (0, 3)], ids=str)
def test_penalty_equals_plain_numpy(size):
    w = values(*size)
    assert float(penalty(0.3, 0.7)(tf.constant(w))) == pytest.approx(reference.penalty([w], 0.3, 0.7), rel=1e-5)
