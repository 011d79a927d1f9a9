import numpy as np
import pytest
from scipy import stats

from dlbench.kernels import reference
from dlbench.kernels.maps import maps
from dlbench.kernels.rand_augment import MOVES, OPERATIONS, extra_maps
from dlbench.values.augmentation import Augmentation

STRENGTH = Augmentation(rand_augment_ops=1, rand_augment_magnitude=5.0)


def forced(*operations, channels=3, magnitude=5.0):
    """The maps of these operations in this order, with positive signs, for one image of 9x9."""
    known = OPERATIONS if channels == 3 else OPERATIONS[:-1]
    drawn = [value for name in operations for value in ((known.index(name) + 0.5) / len(known), 0.9)]
    wanted = Augmentation(rand_augment_ops=len(operations), rand_augment_magnitude=magnitude)
    return extra_maps(wanted, lambda name, columns: np.array([drawn]), (9, 9, channels))


def coloured(image, *operations, **options):
    """An image under the composed map, not clipped."""
    _, colour, mean, _ = forced(*operations, **options)
    return image @ colour[0] + mean[0] * image.mean()


@pytest.mark.parametrize("operation, wanted", [
    ("rotate", [np.cos(np.radians(15)), -np.sin(np.radians(15)), np.sin(np.radians(15)), np.cos(np.radians(15))]),
    ("shear_x", [1, 0.15, 0, 1]), ("shear_y", [1, 0, 0.15, 1]), ("identity", [1, 0, 0, 1]), ("translate_x", [1, 0, 0, 1]),
])
def test_moves_have_their_strength_and_keep_the_centre(operation, wanted):
    affine, colour, mean, grey = forced(operation)
    np.testing.assert_allclose(affine[0, :2, :2].ravel(), wanted, atol=1e-12)
    moved = affine[0] @ [4, 4, 1]
    np.testing.assert_allclose(moved, [4 + (9 * 0.225 if operation == "translate_x" else 0), 4, 1], atol=1e-12)
    assert np.array_equal(colour[0], np.eye(3)) and mean[0] == 0 and grey[0] == 1


def test_colours_equal_their_definitions():
    image = np.random.default_rng(0).random((9, 9, 3))
    np.testing.assert_allclose(coloured(image, "brightness"), 1.45 * image)
    np.testing.assert_allclose(coloured(image, "contrast"), 1.45 * image - 0.45 * image.mean())
    grey = (image @ [0.299, 0.587, 0.114])[..., None]
    np.testing.assert_allclose(coloured(image, "saturation"), 1.45 * image - 0.45 * grey)


@pytest.mark.parametrize("order", [("brightness", "contrast"), ("contrast", "brightness"), ("contrast", "contrast", "brightness")])
def test_colours_compose_in_the_order_drawn(order):
    image = np.random.default_rng(1).random((9, 9, 1))
    wanted = image
    for name in order:
        wanted = 1.45 * wanted - (0.45 * wanted.mean() if name == "contrast" else 0)
    np.testing.assert_allclose(coloured(image, *order, channels=1), wanted)


def test_operations_are_uniform_and_signs_fair():
    rng = np.random.default_rng(2)
    affine, *_ = extra_maps(STRENGTH, lambda name, columns: rng.random((9_000, columns)), (8, 8, 3))
    turned = affine[:, 1, 0] - affine[:, 0, 1] > 0.4
    assert stats.binomtest(int(turned.sum()), 9_000, 0.5 / len(OPERATIONS)).pvalue > 0.001
    still = (affine == np.eye(3)).all((1, 2))
    assert stats.binomtest(int(still.sum()), 9_000, 1 - (len(MOVES) - 1) / len(OPERATIONS)).pvalue > 0.001


@pytest.mark.parametrize("shape", [(8, 8, 1), (9, 7, 3)])
def test_it_composes_with_the_other_transforms(shape):
    """One pass with both equals the other transforms first and RandAugment after them, where nothing is clipped."""
    images = np.random.default_rng(3).uniform(120, 130, (20, *shape))
    both = maps(Augmentation(brightness=0.1, contrast=0.2, rand_augment_ops=2, rand_augment_magnitude=2.0), 0, 0, 20, shape)
    base = maps(Augmentation(brightness=0.1, contrast=0.2), 0, 0, 20, shape)
    extra = maps(Augmentation(rand_augment_ops=2, rand_augment_magnitude=2.0), 0, 0, 20, shape)
    span = (-1e4, 2e4)

    def tinted(x, drawn, width=255.0):
        return reference.tint(x, drawn.colour, drawn.towards_mean, drawn.shift * width / span[1], span)

    np.testing.assert_allclose(tinted(images, both), tinted(tinted(images, base), extra), rtol=2e-3)
    assert np.array_equal(both.affine, extra.affine)
