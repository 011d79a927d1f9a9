"""Images at another size, against plain numpy."""

import numpy as np
import pytest
import tensorflow as tf

from dlbench.kernels.resize import resized

IMAGES = np.random.default_rng(0).random((3, 12, 10, 2)).astype(np.float32)


def weights(side, other):
    """How much each of ``side`` pixels weighs in each of ``other`` ones."""
    scale = side / other
    centre = (np.arange(other)[:, None] + 0.5) * scale
    share = np.maximum(0, 1 - np.abs(np.arange(side) + 0.5 - centre) / scale)
    return share / share.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("size", [(6, 5), (7, 9), (4, 3), (1, 1)], ids=str)
def test_each_pixel_is_the_weighted_mean_of_those_that_it_stands_for(size):
    wanted = np.einsum("hi,wj,bijc->bhwc", weights(12, size[0]), weights(10, size[1]), IMAGES)
    np.testing.assert_allclose(resized(tf.constant(IMAGES), size).numpy(), wanted, atol=1e-6)


def test_an_image_at_its_own_size_is_as_it_was():
    np.testing.assert_array_equal(resized(tf.constant(IMAGES), (12, 10)).numpy(), IMAGES)
