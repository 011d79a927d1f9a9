"""Views of images, and means of predictions, against plain numpy."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import expit, softmax

from dlbench.kernels.views import mean_sigmoid, mean_softmax, seen
from dlbench.values.scoring import Scoring, View, views

IMAGES = np.random.default_rng(0).random((3, 7, 5, 2), dtype=np.float32)
LOGITS = np.random.default_rng(1).normal(0, 20, (4, 50, 6)).astype(np.float32)


@pytest.mark.parametrize("pad", [1, 3, 4])
def test_ten_views_are_the_centre_and_the_four_corners_of_the_reflected_image_and_their_mirror_images(pad):
    got = seen(tf.constant(IMAGES), views(Scoring(flip=True, crop_px=pad))).numpy()
    padded = np.pad(IMAGES, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="reflect")
    corners = [(pad, pad), (0, 0), (0, 2 * pad), (2 * pad, 0), (2 * pad, 2 * pad)]
    crops = np.stack([padded[:, top : top + 7, left : left + 5] for top, left in corners])
    np.testing.assert_array_equal(got, np.concatenate([crops, crops[..., ::-1, :]]))


def test_one_view_is_the_image():
    assert views(Scoring()) == (View(False, 0, 0),)
    np.testing.assert_array_equal(seen(tf.constant(IMAGES), views(Scoring()))[0], IMAGES)


@pytest.mark.parametrize("wanted", [Scoring(), Scoring(flip=True), Scoring(crop_px=2), Scoring(flip=True, crop_px=2)], ids=str)
def test_no_view_comes_twice_and_the_set_is_closed_under_mirroring_where_images_are_mirrored(wanted):
    found = views(wanted)
    assert len(set(found)) == len(found) == (5 if wanted.crop_px else 1) * (2 if wanted.flip else 1)
    mirrored = seen(tf.constant(IMAGES[..., ::-1, :]), found).numpy()
    if wanted.flip:
        ours = {view.tobytes() for view in seen(tf.constant(IMAGES), found).numpy()}
        assert {view.tobytes() for view in mirrored} == ours


def test_the_mean_of_probabilities_is_that_of_numpy_also_of_extreme_logits():
    np.testing.assert_allclose(softmax(mean_softmax(tf.constant(LOGITS)), axis=-1), softmax(LOGITS.astype(float), axis=-1).mean(axis=0),
                               rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(expit(mean_sigmoid(tf.constant(LOGITS))), expit(LOGITS.astype(float)).mean(axis=0), rtol=1e-4, atol=1e-7)
    for mean in (mean_softmax, mean_sigmoid):
        assert np.isfinite(mean(tf.constant([[[900.0, -900.0]], [[-900.0, 900.0]]])).numpy()).all()


def test_the_mean_of_equal_views_is_one_view_and_the_order_of_views_does_not_matter():
    alike = tf.constant(np.repeat(LOGITS[:1], 3, axis=0))
    np.testing.assert_allclose(mean_softmax(alike), tf.nn.log_softmax(LOGITS[0]), atol=1e-4)
    np.testing.assert_allclose(mean_sigmoid(alike), LOGITS[0], rtol=1e-5, atol=1e-5)
    for mean in (mean_softmax, mean_sigmoid):
        np.testing.assert_allclose(mean(tf.constant(LOGITS)), mean(tf.constant(LOGITS[::-1])), rtol=1e-5, atol=1e-4)
