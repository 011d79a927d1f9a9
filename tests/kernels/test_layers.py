import numpy as np
import pytest
import tensorflow as tf

from dlbench.kernels import reference_layers as reference
from dlbench.kernels.layers import dropout, stochastic_depth
from dlbench.kernels.losses import cross_entropy, soft_threshold

SEED = tf.constant([7, 1], tf.int64)


def values(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


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


@pytest.mark.parametrize("drop, axes", [(lambda *given: dropout(*given, (1, 2)), (1, 2)), (stochastic_depth, (1, 2, 3))])
def test_what_is_dropped_is_dropped_as_a_whole(drop, axes):
    mask = drop(tf.ones([600, 4, 5, 6]), 0.25, SEED).numpy()
    assert (mask.min(axes) == mask.max(axes)).all()
    share = (mask.min(axes) == 0).mean()
    assert abs(share - 0.25) < 5 * np.sqrt(0.25 * 0.75 / mask.min(axes).size)
    assert drop(tf.zeros([0, 4, 5, 6]), 0.25, SEED).shape == (0, 4, 5, 6)


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
