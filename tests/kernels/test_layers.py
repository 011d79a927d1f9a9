import keras
import numpy as np
import pytest
import tensorflow as tf

from dlbench.kernels import reference_layers as reference
from dlbench.kernels.layers import dropout, normalize, penalty, separable_conv, spatial_dropout, stochastic_depth
from dlbench.kernels.losses import cross_entropy, soft_threshold

SHAPES = [(0, 8, 8, 4), (1, 7, 9, 1), (2, 5, 5, 3), (3, 1, 1, 8)]
shapes = pytest.mark.parametrize("shape", SHAPES, ids=str)
SEED = tf.constant([7, 1], tf.int64)


def values(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@shapes
@pytest.mark.parametrize("multiplier", [1, 2])
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_a_separable_convolution_is_a_dense_one(shape, multiplier, padding):
    if padding == "VALID" and min(shape[1:3]) < 3:
        return
    x, depthwise, pointwise = values(*shape), values(3, 3, shape[3], multiplier, seed=1), values(shape[3] * multiplier, 6, seed=2)
    got = separable_conv(tf.constant(x), tf.constant(depthwise), tf.constant(pointwise), padding)
    np.testing.assert_allclose(got, reference.separable_conv(x, depthwise, pointwise, padding), rtol=1e-4, atol=1e-4)


def test_a_separable_convolution_is_kerass():
    layer = keras.layers.SeparableConv2D(5, 3, padding="same", depth_multiplier=2, use_bias=False)
    x = tf.constant(values(2, 6, 6, 3))
    wanted = layer(x)
    got = separable_conv(x, layer.depthwise_kernel, layer.pointwise_kernel[0, 0])
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.9])
def test_dropout_masks_have_mean_one_and_their_variance(rate):
    mask = dropout(tf.ones([400, 500]), rate, SEED).numpy().astype(np.float64)
    mean, variance = reference.dropout_moments(rate)
    n, fourth = mask.size, rate + (1 - rate) * (1 / (1 - rate) - 1) ** 4
    assert abs(mask.mean() - mean) < 5 * np.sqrt(variance / n)
    assert abs(((mask - 1) ** 2).mean() - variance) < 5 * np.sqrt(max(fourth - variance**2, 1e-12) / n) + 1e-5
    np.testing.assert_allclose(np.unique(mask), [0, 1 / (1 - rate)], rtol=1e-6)


def test_dropout_follows_its_seed_alone():
    x = tf.constant(values(4, 8))
    same, other = dropout(x, 0.5, SEED), dropout(x, 0.5, SEED + 1)
    np.testing.assert_array_equal(dropout(x, 0.5, SEED), same)
    assert not np.array_equal(same, other)
    np.testing.assert_array_equal(dropout(x, 0.0, SEED), x)


@pytest.mark.parametrize("drop, axes", [(spatial_dropout, (1, 2)), (stochastic_depth, (1, 2, 3))])
def test_what_is_dropped_is_dropped_as_a_whole(drop, axes):
    mask = drop(tf.ones([600, 4, 5, 6]), 0.25, SEED).numpy()
    assert (mask.min(axes) == mask.max(axes)).all()
    share = (mask.min(axes) == 0).mean()
    assert abs(share - 0.25) < 5 * np.sqrt(0.25 * 0.75 / mask.min(axes).size)
    assert drop(tf.zeros([0, 4, 5, 6]), 0.25, SEED).shape == (0, 4, 5, 6)


@shapes
@pytest.mark.parametrize("kind", ["batch", "layer", "layer_all", "instance", "group"])
def test_normalisation_equals_plain_numpy(shape, kind):
    if kind == "batch" and not shape[0]:
        return
    x, gamma, beta = 3 * values(*shape) + 2, values(shape[3], seed=1), values(shape[3], seed=2)
    groups = 2 if shape[3] % 2 == 0 else 1
    got = normalize(tf.constant(x), kind, tf.constant(gamma), tf.constant(beta), groups)
    np.testing.assert_allclose(got, reference.normalize(x, kind, gamma, beta, groups), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("kind, layer", [
    ("layer", keras.layers.LayerNormalization(axis=-1, epsilon=1e-5)),
    ("layer_all", keras.layers.LayerNormalization(axis=[1, 2, 3], epsilon=1e-5)),
    ("instance", keras.layers.GroupNormalization(groups=8, epsilon=1e-5)),
    ("group", keras.layers.GroupNormalization(groups=2, epsilon=1e-5)),
])
def test_normalisation_is_that_of_the_layers_that_techniques_insert(kind, layer):
    x = tf.constant(3 * values(4, 5, 5, 8) + 2)
    got = normalize(x, kind, tf.ones(8), tf.zeros(8), 2)
    np.testing.assert_allclose(got, layer(x), rtol=1e-3, atol=1e-4)


def test_layer_norm_has_mean_zero_and_variance_v_over_v_plus_epsilon():
    x = 0.01 * values(20, 6, 6, 16)
    got = normalize(tf.constant(x), "layer", tf.ones(16), tf.zeros(16)).numpy().astype(np.float64)
    variance = x.astype(np.float64).var(-1)
    np.testing.assert_allclose(got.mean(-1), 0, atol=1e-5)
    np.testing.assert_allclose(got.var(-1), variance / (variance + 1e-5), rtol=1e-3)


def test_the_l2_gradient_has_no_half():
    w = tf.Variable(values(3, 3, 2, 4))
    with tf.GradientTape() as tape:
        loss = penalty([w], 0.0, 0.1)
    np.testing.assert_allclose(tape.gradient(loss, w), 0.2 * w.numpy(), rtol=1e-6)


def test_penalty_equals_plain_numpy():
    kernels = [values(3, 3, 2, 4), values(7, 5, seed=1), np.zeros((0, 3), np.float32)]
    assert float(penalty([tf.constant(w) for w in kernels], 0.3, 0.7)) == pytest.approx(reference.penalty(kernels, 0.3, 0.7), rel=1e-5)


@pytest.mark.parametrize("size", [0, 1, 1001])
def test_the_proximal_step_equals_plain_numpy(size):
    w = values(size)
    np.testing.assert_allclose(soft_threshold(tf.constant(w), 0.5), reference.soft_threshold(w, 0.5), atol=1e-7)


@pytest.mark.parametrize("examples, classes", [(0, 10), (1, 3), (33, 10), (4, 1000)])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_equals_plain_numpy(examples, classes, smoothing):
    logits, labels = 5 * values(examples, classes), np.random.default_rng(1).integers(0, classes, examples)
    got = cross_entropy(tf.constant(logits), tf.constant(labels), smoothing)
    np.testing.assert_allclose(got, reference.cross_entropy(logits, labels, smoothing), rtol=1e-4, atol=1e-5)
