"""Numbers in the compiled loop depend on the example alone, and are as random as they should be."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from dlbench.kernels.draws import Draws

SEEDS = tf.constant(np.random.default_rng(0).integers(0, 2**32, (2000, 2), dtype=np.uint32))


def test_an_example_draws_the_same_in_any_batch_and_place():
    whole = Draws(SEEDS, "a").uniform((3, 2)).numpy()
    turned = Draws(SEEDS[::-1][:7], "a").uniform((3, 2)).numpy()
    assert (turned == whole[::-1][:7]).all()


def test_every_call_stream_and_example_draws_its_own():
    draws = Draws(SEEDS, "a")
    first, second, other = draws.uniform((4,)).numpy(), draws.uniform((4,)).numpy(), Draws(SEEDS, "b").uniform((4,)).numpy()
    together = np.concatenate([first, second, other], axis=1)
    assert abs(np.corrcoef(together.T) - np.eye(12)).max() < 0.1
    assert len(np.unique(together)) > 0.99 * together.size


def test_a_traced_call_draws_what_an_eager_one_does():
    eager = Draws(SEEDS, "a").normal((2,))
    traced = tf.function(lambda seeds: Draws(seeds, "a").normal((2,)))(SEEDS)
    np.testing.assert_allclose(traced, eager, atol=1e-6)


@pytest.mark.parametrize("seeds", [SEEDS, tf.constant(np.stack([np.arange(2000), np.zeros(2000)], 1), tf.uint32)], ids=["any", "in a row"])
def test_numbers_are_uniform_and_normal(seeds):
    draws = Draws(seeds, "a")
    uniform, normal = draws.uniform((50,)).numpy().ravel(), draws.normal((50,)).numpy().ravel()
    assert uniform.min() >= 0 and uniform.max() < 1 and np.isfinite(normal).all()
    assert stats.kstest(uniform, "uniform").pvalue > 1e-3
    assert stats.kstest(normal, "norm").pvalue > 1e-3
    bits = np.floor(uniform * 16).astype(int)
    assert stats.chisquare(np.bincount(bits[:-1] * 16 + bits[1:], minlength=256)).pvalue > 1e-3
