"""Elastic distortion against scipy: the field of displacements, and what is read at them."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from dlbench.engines.keras.data.batches import Acting, Epoch, batch
from dlbench.kernels.augment import displacements, distort, tint, warp
from dlbench.kernels.draws import Draws
from dlbench.kernels.maps import maps
from dlbench.kernels.mixing import mixing
from dlbench.values.augmentation import Augmentation, parts

COUNT = 12
SEEDS = np.random.default_rng(0).integers(0, 2**32, (COUNT, 2), dtype=np.uint32)
IMAGES = np.random.default_rng(1).integers(0, 256, (COUNT, 11, 8, 3)).astype(np.uint8)
ROWS = np.arange(COUNT, dtype=np.int32)
SCALING = tf.constant([0.5, 1.0, 2.0]), tf.constant([-1.0, 0.0, 1.0]), tf.constant([0.0, 255.0])


def field(alpha, sigma, size_px, seeds=SEEDS):
    return displacements(tf.constant(seeds), tf.constant([[alpha, sigma]] * len(seeds), tf.float32), size_px).numpy()


def read_at(images, moved):
    """The images read at each pixel's displaced place, by scipy."""
    height, width = images.shape[1:3]
    out = np.zeros(images.shape)
    for place in np.ndindex(len(images), images.shape[3]):
        i, channel = place
        at = np.mgrid[:height, :width] + np.moveaxis(moved[i], -1, 0)
        out[i, :, :, channel] = ndimage.map_coordinates(images[i, :, :, channel].astype(float), at, order=1, mode="grid-constant")
    return out


def consumed(strengths, rows=ROWS, epoch=0, seed=0):
    """What a batch of some rows is trained on, [b, H, W, C]."""
    wanted, size = Augmentation(**strengths), IMAGES.shape[1:]
    drawn = Epoch(rows, np.zeros(1), maps(wanted, seed, epoch, COUNT, size), mixing(wanted, seed, epoch, ROWS, size[:2]))
    data = tf.constant(IMAGES), tf.constant(ROWS)
    return batch(Acting(parts(wanted)), data, SCALING, tf.constant(drawn.rows), drawn.drawn())[0].numpy()


@pytest.mark.parametrize("size", [(11, 8), (28, 28), (1, 5)], ids=str)
@pytest.mark.parametrize("sigma", [0.5, 4.0, 30.0])
def test_displacements_are_uniform_numbers_smoothed_by_scipys_gaussian_filter(size, sigma):
    drawn = 2 * Draws(tf.constant(SEEDS), "elastic_distortion").uniform((*size, 2)).numpy() - 1
    reach = tuple(places - 1 for places in size)
    smooth = [ndimage.gaussian_filter(one, sigma, mode="constant", radius=reach, axes=(0, 1)) for one in drawn.astype(np.float64)]
    np.testing.assert_allclose(field(34.0, sigma, size), 34 * np.array(smooth), rtol=1e-4, atol=1e-4)


def test_far_from_the_border_they_have_the_deviation_of_smoothed_uniform_numbers():
    inside = field(34.0, 4.0, (80, 80))[:, 16:-16, 16:-16]
    assert inside.std() == pytest.approx(34 / np.sqrt(3) / (2 * 4 * np.sqrt(np.pi)), rel=0.15) and abs(inside.mean()) < 0.3


def test_a_wider_gaussian_gives_smoother_displacements():
    roughness = [np.diff(moved, axis=1).std() / moved.std() for moved in (field(34.0, sigma, (40, 40)) for sigma in (1.0, 2.0, 4.0, 8.0))]
    assert roughness == sorted(roughness, reverse=True)


@pytest.mark.parametrize("scale", [0.3, 3.0, 40.0])
def test_pixels_are_read_as_scipy_reads_them_also_beyond_the_border(scale):
    moved = np.random.default_rng(2).normal(0, scale, (COUNT, 11, 8, 2)).astype(np.float32)
    got = distort(tf.constant(IMAGES, tf.float32), tf.constant(moved)).numpy()
    np.testing.assert_allclose(got, read_at(IMAGES, moved), atol=0.01)


def test_whole_pixels_are_exact_and_no_displacement_changes_no_bit():
    images, moved = tf.constant(IMAGES, tf.float32), np.zeros((COUNT, 11, 8, 2), np.float32)
    np.testing.assert_array_equal(distort(images, tf.constant(moved)), images)
    moved[..., 0], moved[..., 1] = 2, -1
    wanted = np.zeros(images.shape)
    wanted[:, :-2, 1:] = IMAGES[:, 2:, :-1]
    np.testing.assert_array_equal(distort(images, tf.constant(moved)), wanted)


def test_a_batch_is_moved_then_distorted_then_coloured():
    strengths = {"elastic_alpha_px": 20.0, "elastic_sigma_px": 2.0, "rotate_degrees": 30.0, "brightness": 0.3}
    drawn = maps(Augmentation(**strengths), 0, 0, COUNT, IMAGES.shape[1:])
    moved = displacements(tf.constant(drawn.seeds), tf.constant(drawn.elastic), IMAGES.shape[1:3]).numpy()
    assert np.abs(moved).max() > 1
    distorted = tf.constant(read_at(warp(tf.constant(IMAGES, tf.float32), drawn.affine).numpy(), moved), tf.float32)
    wanted = tint(distorted, drawn.colour, drawn.towards_mean, drawn.shift, SCALING[2]) * SCALING[0] + SCALING[1]
    np.testing.assert_allclose(consumed(strengths), wanted, atol=0.05)


def test_what_happens_to_an_image_depends_on_seed_epoch_and_example_alone():
    strengths = {"elastic_alpha_px": 20.0, "elastic_sigma_px": 2.0}
    whole = consumed(strengths)
    np.testing.assert_allclose(consumed(strengths, ROWS[5:7]), whole[5:7], rtol=1e-5, atol=1e-3)
    for other in ({"epoch": 1}, {"seed": 1}):
        assert np.abs(consumed(strengths, **other) - whole).max() > 10


def test_each_image_is_distorted_in_its_own_way_and_a_mixed_ones_partner_as_it_is_itself():
    same = consumed({"elastic_alpha_px": 20.0})
    drawn = maps(Augmentation(elastic_alpha_px=20.0), 0, 0, COUNT, IMAGES.shape[1:])
    assert len(np.unique(drawn.seeds, axis=0)) == COUNT
    mixed, wanted = consumed({"elastic_alpha_px": 20.0, "mixup": 0.4}), mixing(Augmentation(mixup=0.4), 0, 0, ROWS, (11, 8))
    share = wanted.blend[:, None, None, None]
    np.testing.assert_allclose(mixed, share * same + (1 - share) * same[wanted.partner], atol=0.01)
