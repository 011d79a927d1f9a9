import numpy as np
import pytest
import tensorflow as tf

from dlbench.engines.keras.network.layers import StochasticDepth, dropout
from dlbench.kernels import reference_layers as reference

SEED = tf.constant([7, 1], tf.int64)


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.9])
def test_dropout_masks_have_mean_one_and_their_variance(rate):
    mask = dropout(tf.ones([400, 500]), rate, SEED).numpy().astype(np.float64)
    mean, variance = reference.dropout_moments(rate)
    n, fourth = mask.size, rate + (1 - rate) * (1 / (1 - rate) - 1) ** 4
    assert abs(mask.mean() - mean) < 5 * np.sqrt(variance / n)
    assert abs(((mask - 1) ** 2).mean() - variance) < 5 * np.sqrt(max(fourth - variance**2, 1e-12) / n) + 1e-5
    np.testing.assert_allclose(np.unique(mask), [0, 1 / (1 - rate)], rtol=1e-6)


def test_dropout_follows_its_seed_alone():
    x = tf.constant(np.random.default_rng(0).normal(size=(4, 8)).astype(np.float32))
    same, other = dropout(x, 0.5, SEED), dropout(x, 0.5, SEED + 1)
    np.testing.assert_array_equal(dropout(x, 0.5, SEED), same)
    assert not np.array_equal(same, other)
    np.testing.assert_array_equal(dropout(x, 0.0, SEED), x)


@pytest.mark.parametrize("drop, axes", [
    (lambda x: dropout(x, 0.25, SEED, (1, 2)), (1, 2)), (lambda x: dropout(x, 0.25, SEED, (1, 2, 3)), (1, 2, 3)),
    (lambda x: StochasticDepth(tf.Variable(0.5), 0.5, seed=0)(x, training=True), (1, 2, 3)),
])
def test_what_is_dropped_is_dropped_as_a_whole(drop, axes):
    mask = drop(tf.ones([600, 4, 5, 6])).numpy()
    assert (mask.min(axes) == mask.max(axes)).all()
    share = (mask.min(axes) == 0).mean()
    assert abs(share - 0.25) < 5 * np.sqrt(0.25 * 0.75 / mask.min(axes).size)
    assert drop(tf.zeros([0, 4, 5, 6])).shape == (0, 4, 5, 6)
