import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from dlbench.kernels import reference
from dlbench.kernels.augment import cut_out, erase, mix, noise, tint, warp
from dlbench.kernels.maps import affine_maps, draws, maps
from dlbench.kernels.mixing import mixing
from dlbench.values.augmentation import Augmentation

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 9, 9, 3)).astype(np.float32)


def turned(images, degrees=0.0, mirror=(1, 1), scale=1.0, moved=(0, 0)):
    n = len(images)
    rows = affine_maps(np.full(n, degrees), np.full(n, scale), np.tile(mirror, (n, 1)), np.tile(moved, (n, 1)), images.shape[1:3])
    return warp(tf.constant(images), tf.constant(rows)).numpy()


@pytest.mark.parametrize("size", [(8, 8), (9, 9), (28, 28)])
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_quarter_turns_are_numpys_to_the_bit(size, quarters):
    images = np.random.default_rng(1).random((2, *size, 3), dtype=np.float32)
    np.testing.assert_array_equal(turned(images, 90.0 * quarters), np.rot90(images, quarters, axes=(1, 2)))


@pytest.mark.parametrize("mirror, axis", [((-1, 1), 2), ((1, -1), 1)])
@pytest.mark.parametrize("shape", [(1, 8, 8, 1), (3, 7, 10, 3)])
def test_flips_are_numpys_and_undo_themselves(mirror, axis, shape):
    images = np.random.default_rng(2).random(shape, dtype=np.float32)
    once = turned(images, mirror=mirror)
    np.testing.assert_array_equal(once, np.flip(images, axis))
    np.testing.assert_array_equal(turned(once, mirror=mirror), images)


def test_any_map_equals_the_plain_loop():
    augmentation = Augmentation(2, 30.0, 0.5, 0.5, 1.5, 0.2)
    drawn = maps(augmentation, 7, 0, len(IMAGES), IMAGES.shape[1:])
    got = warp(tf.constant(IMAGES), tf.constant(drawn.affine)).numpy()
    np.testing.assert_allclose(got, reference.warp(IMAGES, drawn.affine), atol=0.05)


def test_empty_and_single_batches_keep_their_shape():
    for n in (0, 1):
        assert turned(IMAGES[:n], 10.0).shape == (n, 9, 9, 3)


def test_crops_of_32_with_pad_4_are_uniform_over_81_offsets():
    drawn = maps(Augmentation(crop_px=4), 0, 0, 20_000, (32, 32, 3)).affine
    offsets = drawn[:, [2, 5]]
    assert set(np.unique(offsets)) == set(range(-4, 5))
    counts = np.unique(offsets, axis=0, return_counts=True)[1]
    assert len(counts) == 81 and stats.chisquare(counts).pvalue > 0.001


def test_the_default_crop_follows_the_size():
    for size, pad in ((8, 1), (28, 2), (32, 4)):
        drawn = maps(Augmentation(crop_px="auto"), 0, 0, 2_000, (size, size, 1)).affine
        assert np.abs(drawn[:, [2, 5]]).max() == pad


def test_what_happens_to_an_example_depends_on_seed_epoch_and_example_alone():
    augmentation = Augmentation("auto", 15.0, 0.5, 0.5, 1.0, 0.1, 0.2, 0.2, 0.2, 0.1)
    few, many = (maps(augmentation, 3, 2, n, (8, 8, 3)) for n in (5, 500))
    for name in ("affine", "colour", "towards_mean", "shift"):
        np.testing.assert_array_equal(getattr(few, name), getattr(many, name)[:5])
    for seed, epoch in ((4, 2), (3, 1)):
        assert not np.array_equal(maps(augmentation, seed, epoch, 5, (8, 8, 3)).affine, few.affine)


def test_each_transform_has_a_stream_of_its_own():
    alone = maps(Augmentation(rotate_degrees=10.0), 0, 0, 9, (8, 8, 1)).affine
    with_colour = maps(Augmentation(rotate_degrees=10.0, brightness=0.5, contrast=0.5), 0, 0, 9, (8, 8, 1)).affine
    np.testing.assert_array_equal(alone, with_colour)


@pytest.mark.parametrize("field, amount, measured", [
    ("rotate_degrees", 15.0, lambda m: np.degrees(np.arctan2(m.affine[:, 3], m.affine[:, 0]))),
    ("zoom", 0.1, lambda m: 1 / m.affine[:, 0] - 1), ("shift_px", 2.0, lambda m: m.affine[:, 2]),
    ("brightness", 0.2, lambda m: m.shift), ("contrast", 0.2, lambda m: -m.towards_mean),
])
def test_strengths_are_uniform_in_plus_minus_their_amount(field, amount, measured):
    values = measured(maps(Augmentation(**{field: amount}), 0, 0, 5_000, (8, 8, 1)))
    assert stats.kstest(values, stats.uniform(-amount, 2 * amount).cdf).pvalue > 0.001


def test_alternating_flips_show_each_image_in_both_ways_in_any_two_epochs_that_follow_each_other():
    signs = np.array([maps(Augmentation(alternating_flip=True), 3, epoch, 2_000, (8, 8, 1)).affine[:, 0] for epoch in range(4)])
    assert set(np.unique(signs)) == {-1.0, 1.0} and np.mean(signs[0] == 1) == pytest.approx(0.5, abs=0.05)
    np.testing.assert_array_equal(signs[1:], -signs[:-1])
    assert not np.array_equal(signs[0], maps(Augmentation(alternating_flip=True), 4, 0, 2_000, (8, 8, 1)).affine[:, 0])
    both = [maps(Augmentation(alternating_flip=True, flip_horizontal=1.0), 3, epoch, 2_000, (8, 8, 1)).affine[:, 0] for epoch in range(2)]
    np.testing.assert_array_equal(both, -signs[:2])


def test_flips_come_with_their_probability():
    signs = maps(Augmentation(flip_horizontal=0.3), 0, 0, 5_000, (8, 8, 1)).affine
    assert stats.binomtest(int((signs[:, 0] == -1).sum()), 5_000, 0.3).pvalue > 0.001
    assert (signs[:, 4] == 1).all()


def coloured(images, **amounts):
    drawn = maps(Augmentation(**amounts), 5, 0, len(images), images.shape[1:])
    out = tint(tf.constant(images), *(tf.constant(part) for part in (drawn.colour, drawn.towards_mean, drawn.shift)),
               tf.constant([0.0, 255.0]))
    return out.numpy(), drawn


def test_off_is_the_identity():
    out, _ = coloured(IMAGES)
    np.testing.assert_allclose(out, IMAGES, atol=1e-4)


def test_brightness_adds_and_clips():
    out, drawn = coloured(IMAGES, brightness=0.3)
    np.testing.assert_allclose(out, np.clip(IMAGES + 255 * drawn.shift[:, None, None, None], 0, 255), atol=1e-3)


def test_contrast_keeps_the_mean_of_the_image():
    grey = np.random.default_rng(3).uniform(100, 150, (6, 8, 8, 1)).astype(np.float32)
    out, drawn = coloured(grey, contrast=0.5)
    np.testing.assert_allclose(out.mean((1, 2, 3)), grey.mean((1, 2, 3)), rtol=1e-5)
    np.testing.assert_allclose(out.std((1, 2, 3)) / grey.std((1, 2, 3)), 1 - drawn.towards_mean, rtol=1e-4)


@pytest.mark.parametrize("amounts", [{"saturation": 0.5}, {"hue": 0.1}])
def test_saturation_and_hue_keep_the_grey_value(amounts):
    soft = np.random.default_rng(4).uniform(110, 140, (6, 8, 8, 3)).astype(np.float32)
    out, _ = coloured(soft, **amounts)
    weights = np.array([0.299, 0.587, 0.114])
    assert np.abs(out - soft).max() > 1
    np.testing.assert_allclose(out @ weights, soft @ weights, atol=0.05)


def test_saturation_equals_tensorflows():
    images = np.random.default_rng(4).uniform(0, 255, (1, 8, 8, 3)).astype(np.float32)
    out, drawn = coloured(images, saturation=0.5)
    factor = drawn.colour[0, 0, 0] - drawn.colour[0, 0, 1]
    grey = tf.image.rgb_to_grayscale(tf.constant(images)).numpy()
    np.testing.assert_allclose(out, np.clip(grey + factor * (images - grey), 0, 255), atol=0.3)


@pytest.mark.parametrize("off, on", [
    (Augmentation(), Augmentation(rotate_degrees=1e-300, zoom=1e-300)), (Augmentation(), Augmentation(saturation=1e-300)),
    (Augmentation(contrast=0.5), Augmentation(contrast=0.5, hue=1e-300)),
])
def test_what_is_off_gives_what_the_smallest_strength_does(off, on):
    for nothing, least in zip(maps(off, 0, 0, 9, (8, 8, 3)).arrays(), maps(on, 0, 0, 9, (8, 8, 3)).arrays()):
        np.testing.assert_allclose(nothing, least, rtol=1e-6, atol=1e-9)


def test_draws_of_different_names_differ():
    assert not np.array_equal(draws(0, "flip", 0, 4, 2), draws(0, "crop", 0, 4, 2))


EVERYTHING = Augmentation("auto", 15.0, 0.5, 0.5, 1.0, 0.1, 0.2, 0.2, 0.2, 0.1, 2, 5.0, 4, 0.7, 0.4)


@pytest.mark.parametrize("shape", [(0, 8, 8, 3), (1, 7, 9, 1), (5, 28, 28, 1), (4, 33, 32, 3)], ids=str)
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_the_whole_of_it_equals_plain_numpy(shape, kind):
    images = np.random.default_rng(5).integers(0, 256, shape).astype(kind)
    drawn = maps(EVERYTHING, 1, 2, len(images), shape[1:])
    span = tf.constant([0.0, 255.0])
    got = tint(warp(tf.cast(images, tf.float32), drawn.affine), drawn.colour, drawn.towards_mean, drawn.shift, span)
    got = cut_out(erase(got, tf.constant(drawn.erased), tf.constant(drawn.noise), span), tf.constant(drawn.hole))
    np.testing.assert_allclose(got, reference.augment(images, drawn), atol=0.1)
    assert got.dtype == tf.float32


def test_everything_depends_on_seed_epoch_and_example_alone():
    few, many, other = (maps(EVERYTHING, seed, 2, n, (8, 8, 3), functions=True) for seed, n in ((3, 5), (3, 500), (4, 5)))
    for mine, same, another in zip(few.arrays()[:-2], many.rows(slice(5)).arrays(), other.arrays()):  # the last two are strengths, no draws
        np.testing.assert_array_equal(mine, same)
        assert not np.array_equal(mine, another)


def test_noise_is_uniform_and_plain_numpys_to_the_bit():
    keys = np.random.default_rng(6).integers(0, 2**32, 50, dtype=np.uint32)
    got = noise(tf.constant(keys), (16, 16, 3)).numpy()
    np.testing.assert_array_equal(got, reference.noise(keys, (16, 16, 3)))
    assert stats.kstest(got.ravel(), "uniform").pvalue > 0.001 and abs(np.corrcoef(got[0].ravel(), got[1].ravel())[0, 1]) < 0.15


@pytest.mark.parametrize("size, image, wanted", [(16, 32, 0.191406), (32, 32, 0.5625), (1, 8, 1 / 64)])
def test_cutout_covers_the_expected_share_with_border_clipping(size, image, wanted):
    boxes = maps(Augmentation(cutout_px=size), 0, 0, 40_000, (image, image, 1)).hole
    shares = 1 - cut_out(tf.ones([2_000, image, image, 1]), tf.constant(boxes[:2_000])).numpy().mean((1, 2, 3))
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) / image**2
    np.testing.assert_allclose(shares, areas[:2_000], atol=1e-7)
    assert areas.mean() == pytest.approx(wanted, abs=5 * areas.std() / 200 + 1e-6)


def test_erasing_comes_with_its_probability_and_stays_within_its_area():
    boxes = maps(Augmentation(erasing=0.3, erasing_area=0.2), 0, 0, 20_000, (32, 32, 3)).erased
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) / 32**2
    assert stats.binomtest(int((area > 0).sum()), 20_000, 0.3).pvalue > 0.001
    assert boxes.min() >= 0 and boxes.max() <= 32 and area[area > 0].min() > 0.015 and area.max() < 0.22


def test_mixing_equals_plain_numpy():
    images = np.random.default_rng(7).random((6, 9, 9, 3), dtype=np.float32)
    drawn = mixing(Augmentation(mixup=0.4, cutmix=1.0), 0, 0, np.arange(6), (9, 9))
    got = mix(tf.constant(images), tf.constant(images[drawn.partner]), tf.constant(drawn.blend), tf.constant(drawn.box))
    np.testing.assert_allclose(got, reference.mix(images, images[drawn.partner], drawn.blend, drawn.box), atol=1e-6)


def test_the_articles_transform_is_the_same_for_every_image_in_every_epoch():
    drawn = [maps(Augmentation(article=True), 0, epoch, 3, (224, 224, 3)).affine for epoch in (0, 1)]
    assert np.array_equal(*drawn) and len(np.unique(drawn[0], axis=0)) == 1
    image = tf.image.resize(np.random.default_rng(1).random((9, 9, 3)), (224, 224)).numpy()
    got = warp(tf.constant(image[None]), tf.constant(drawn[0][:1])).numpy()[0]
    wanted = tf.image.resize(np.rot90(image)[50:174, 50:174], (224, 224)).numpy()
    np.testing.assert_allclose(got[2:-2, 2:-2], wanted[2:-2, 2:-2], atol=2e-3)  # at the border the article's has no neighbours
