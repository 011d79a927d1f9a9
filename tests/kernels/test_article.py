"""What is wrong with the articles' forms, pinned down; each beside the right form."""

import os
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from dlbench.kernels import article, reference_layers
from dlbench.kernels.augment import warp
from dlbench.kernels.layers import normalize, separable_conv
from dlbench.kernels.maps import maps
from dlbench.values.augmentation import Augmentation

IMAGE = np.random.default_rng(0).integers(1, 256, (100, 100, 3)).astype(np.uint8)


def test_rotate_is_not_random_and_changes_the_size():
    first, second = article.article_rotate(IMAGE), article.article_rotate(IMAGE)
    assert first.shape == (141, 141, 3) and np.array_equal(first, second)
    angles = maps(Augmentation(rotate_degrees=45.0), 0, 0, 3, (100, 100, 3)).affine
    assert len(np.unique(angles[:, 1])) == 3


def test_rotate_by_90_degrees_is_half_a_pixel_off():
    turned = article.article_rotate(IMAGE, 90.0)
    assert turned.shape == IMAGE.shape and not np.allclose(turned, np.rot90(IMAGE))
    assert (turned == 0).all(-1).any(), "a border comes in from outside"
    # what should be the first row is the second: the whole image has moved by one pixel
    np.testing.assert_allclose(turned[1:], np.rot90(IMAGE)[:-1], atol=1e-9)


def test_crop_never_draws_the_last_offset():
    image = np.arange(5)[:, None, None] * np.ones((5, 5, 1))
    rows = {int(article.article_crop(image, (3, 3), np.random.default_rng(seed))[0, 0, 0]) for seed in range(200)}
    assert rows == {0, 1}, "offset 2 is possible and never comes"
    offsets = maps(Augmentation(crop_px=1), 0, 0, 200, (3, 3, 1)).affine[:, 5]
    assert set(offsets.tolist()) == {-1.0, 0.0, 1.0}


def test_crop_of_the_whole_image_raises():
    with pytest.raises(ValueError, match=r"high <= 0|low >= high"):
        article.article_crop(IMAGE, (100, 100), np.random.default_rng(0))


def test_crop_is_a_view():
    image = IMAGE.copy()
    article.article_crop(image, (50, 50), np.random.default_rng(0))[:] = 0
    assert not np.array_equal(image, IMAGE)


@pytest.mark.parametrize("shape", [(100, 100, 3), (30, 57, 1)])
def test_augment_is_a_constant_transform_of_the_wrong_size(shape):
    image = np.random.default_rng(1).random(shape)
    assert article.article_augment(image).shape == (124, 124, shape[2])
    assert np.array_equal(article.article_augment(image), article.article_augment(image))


def test_the_arm_that_trains_with_it_does_the_same_to_every_image_in_every_epoch():
    drawn = [maps(Augmentation(article=True), 0, epoch, 3, (224, 224, 3)).affine for epoch in (0, 1)]
    assert np.array_equal(*drawn) and len(np.unique(drawn[0], axis=0)) == 1
    image = tf.image.resize(np.random.default_rng(1).random((9, 9, 3)), (224, 224)).numpy()
    got = warp(tf.constant(image[None]), tf.constant(drawn[0][:1])).numpy()[0]
    wanted = tf.image.resize(article.article_augment(image), (224, 224)).numpy()
    np.testing.assert_allclose(got[2:-2, 2:-2], wanted[2:-2, 2:-2], atol=2e-3)  # at the border the article's has no neighbours


def test_separable_is_two_convolutions_with_one_kernel_and_mixes_no_channels_as_it_should():
    x, kernel = tf.random.stateless_normal([1, 6, 6, 3], [0, 0]), tf.random.stateless_normal([3, 3, 3, 1], [1, 1])
    dense = np.einsum("hwcm,cd->hwcd", kernel.numpy(), np.eye(3))
    twice = reference_layers.conv(reference_layers.conv(x.numpy(), dense), kernel.numpy())
    np.testing.assert_allclose(article.article_separable(x, kernel), twice, rtol=1e-4, atol=1e-4)
    assert article.article_separable(x, kernel).shape[-1] == 1, "the number of filters is the multiplier, not the model's choice"
    assert separable_conv(x, kernel, tf.ones([3, 16])).shape[-1] == 16


def test_separable_with_a_multiplier_groups_the_channels_of_its_second_convolution():
    x, kernel = tf.random.stateless_normal([1, 6, 6, 3], [0, 0]), tf.random.stateless_normal([3, 3, 3, 2], [1, 1])
    dense = np.einsum("hwcm,cd->hwcdm", kernel.numpy(), np.eye(3)).reshape(3, 3, 3, 6)
    between = reference_layers.conv(x.numpy(), dense)
    halves = [reference_layers.conv(between[..., 3 * group : 3 * group + 3], kernel.numpy()[..., group : group + 1]) for group in (0, 1)]
    np.testing.assert_allclose(article.article_separable(x, kernel), np.concatenate(halves, -1), rtol=1e-4, atol=1e-4)


GRADIENT = """
import tensorflow as tf
from dlbench.kernels.article import article_separable
kernel = tf.Variable(tf.ones([3, 3, 3, 2]))
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(article_separable(tf.ones([1, 6, 6, 3]), kernel))
tape.gradient(loss, kernel)
"""


@pytest.mark.slow
def test_separable_has_no_gradient_on_a_cpu_without_onednn_for_a_multiplier_over_one():
    environment = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": "0"}
    ended = subprocess.run([sys.executable, "-c", GRADIENT], env=environment, capture_output=True, text=True, check=False)
    assert "Gradients for grouped convolutions are not supported on CPU" in ended.stderr


def test_layer_norm_is_instance_normalisation():
    x = 3 * tf.random.stateless_normal([4, 5, 5, 6], [0, 0]) + 2
    got = article.article_layer_norm(x)
    np.testing.assert_allclose(got, normalize(x, "instance", tf.ones(6), tf.zeros(6)), rtol=1e-3, atol=1e-4)
    assert not np.allclose(got, normalize(x, "layer", tf.ones(6), tf.zeros(6)), atol=0.1)


def test_layer_norm_is_zero_on_maps_of_one_place():
    x = tf.random.stateless_normal([4, 1, 1, 6], [0, 0])
    assert not np.any(article.article_layer_norm(x))
    assert np.any(normalize(x, "layer", tf.ones(6), tf.zeros(6)))


def test_min_max_of_a_constant_is_nan():
    with pytest.warns(RuntimeWarning, match="invalid value"):
        assert np.isnan(article.article_min_max(np.full(4, 7.0))).all()


def test_min_max_overflows_in_int8():
    with pytest.warns(RuntimeWarning):
        scaled = article.article_min_max(np.array([-128, 0, 127], np.int8))
    assert scaled.min() < 0 or scaled.max() > 1


def test_min_max_is_fitted_on_whatever_it_is_handed():
    train, test = np.array([0.0, 10.0]), np.array([5.0, 10.0])
    assert article.article_min_max(train)[1] == article.article_min_max(test)[1] == 1
    assert article.article_min_max(test)[0] == 0, "5 is the middle of the training range, and becomes its minimum"


def test_min_max_is_invariant_under_positive_affine_maps():
    x = np.random.default_rng(2).normal(size=50)
    np.testing.assert_allclose(article.article_min_max(3.5 * x - 2), article.article_min_max(x), atol=1e-12)


@pytest.mark.parametrize("text, got", [
    ("Hello, world! This is a sample text.", "Hello world This is a sample text"),
    ("don't", "dont"), ("state-of-the-art", "stateoftheart"), ("the cat  is\non the mat", "the cat is on the mat"), ("", ""),
])
def test_clean_text_joins_words_and_keeps_case_and_stop_words(text, got):
    assert article.article_clean_text(text) == got
