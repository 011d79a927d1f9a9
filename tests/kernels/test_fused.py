"""Every way of the one interface against plain numpy, over shapes and dtypes."""

import importlib.util

import numpy as np
import pytest
import tensorflow as tf

from dlbench.kernels import reference
from dlbench.kernels.augment import warp
from dlbench.kernels.fused import WAYS, augment, fastest
from dlbench.kernels.maps import maps
from dlbench.values.augmentation import Augmentation

PACKAGES = {"numba": "numba", "opencv": "cv2"}
INSTALLED = [pytest.param(way, marks=pytest.mark.skipif(
    way in PACKAGES and importlib.util.find_spec(PACKAGES[way]) is None, reason=f"needs {PACKAGES.get(way)}")) for way in WAYS]
KINDS = {
    "nothing": Augmentation(), "flips": Augmentation(0, 0.0, 0.5, 0.5), "crop": Augmentation(crop_px=2),
    "moves": Augmentation("auto", 15.0, 0.5, 0.5, 1.5, 0.1), "brightness": Augmentation(brightness=0.3),
    "contrast": Augmentation(contrast=0.5), "colours": Augmentation(brightness=0.2, contrast=0.2, saturation=0.5, hue=0.1),
    "everything": Augmentation("auto", 15.0, 0.5, 0.5, 1.0, 0.1, 0.2, 0.2, 0.2, 0.1, 2, 5.0, 4, 0.7, 0.4),
}
SHAPES = [(0, 8, 8, 3), (1, 8, 8, 1), (3, 7, 9, 3), (2, 33, 32, 1), (2, 6, 5, 4), (1, 1, 1, 1)]


@pytest.mark.parametrize("way", INSTALLED)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_every_way_equals_plain_numpy(way, kind, dtype):
    for shape in SHAPES:
        images = np.random.default_rng(0).integers(0, 256, shape).astype(dtype)
        drawn = maps(KINDS[kind], 3, 1, len(images), shape[1:])
        got = augment(images, drawn, way=way)
        assert got.dtype == np.float32 and got.shape == shape
        atol = 9 if way == "opencv" else 0.1  # OpenCV rounds where it reads to 1/32 px
        np.testing.assert_allclose(got, reference.augment(images, drawn), atol=atol, err_msg=str(shape))


@pytest.mark.parametrize("way", [way for way in INSTALLED if way.values[0] in ("numba", "graph")])
def test_flips_are_exact_and_the_input_is_left_alone(way):
    images = np.random.default_rng(1).integers(0, 256, (5, 9, 12, 3)).astype(np.uint8)
    before = images.copy()
    drawn = maps(Augmentation(flip_horizontal=1.0), 0, 0, 5, (9, 12, 3))
    once = augment(images, drawn, way=way)
    np.testing.assert_array_equal(once, images[:, :, ::-1])
    np.testing.assert_array_equal(augment(once, drawn, way=way), images)
    np.testing.assert_array_equal(images, before)


NEEDS_NUMBA = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="needs numba")


@NEEDS_NUMBA
@pytest.mark.parametrize("shape", [(40, 28, 28, 1), (9, 33, 70, 3), (9, 5, 4, 2), (3, 1, 1, 3)], ids=str)
@pytest.mark.parametrize("moves", [
    Augmentation(2, 30.0, 0.5, 0.5, 1.5, 0.2), Augmentation(0, 180.0, shift_px=90.0), Augmentation(9, 0.0, 0.5),
], ids=["near", "far", "whole pixels"])
def test_moved_pixels_equal_trainings_to_the_bit(shape, moves):
    images = np.random.default_rng(2).random(shape, dtype=np.float32)
    drawn = maps(moves, 0, 0, len(images), shape[1:])
    np.testing.assert_array_equal(augment(images, drawn, way="numba"), warp(tf.constant(images), tf.constant(drawn.affine)))


@NEEDS_NUMBA
@pytest.mark.parametrize("kind", ["flips", "cropped flips", "moves", "everything"])
@pytest.mark.parametrize("shape", [(7, 10, 35, 3), (3, 4, 6, 3), (4, 9, 21, 1)], ids=str)
def test_nothing_is_written_beside_an_image(kind, shape):
    """Several values are written at a time: the last of an image must not reach into the next one, nor beyond the batch."""
    compiled = importlib.import_module("dlbench.kernels.optional.compiled")
    images = np.random.default_rng(4).integers(0, 256, shape).astype(np.uint8)
    drawn = maps((KINDS | {"cropped flips": Augmentation(9, 0.0, 0.5, 0.5)})[kind], 5, 0, len(images), shape[1:])
    alone = []
    for place in range(len(images)):
        row, around = slice(place, place + 1), np.full((3, *shape[1:]), -1, np.float32)
        compiled.carry_out(images[row], drawn.rows(row), (0.0, 255.0), around[1:2])
        assert (around[[0, 2]] == -1).all()
        alone.append(around[1])
    np.testing.assert_array_equal(augment(images, drawn, way="numba"), alone)


def test_slices_and_other_spans():
    images = np.random.default_rng(3).random((4, 10, 10, 3))[:, ::2, ::2].astype(np.float32)[:, :, ::-1]
    drawn = maps(Augmentation(brightness=0.5, contrast=0.5), 0, 0, 4, (5, 5, 3))
    got = augment(images, drawn, span=(-1.0, 2.0))
    np.testing.assert_allclose(got, reference.augment(images, drawn, (-1.0, 2.0)), atol=1e-5)
    assert got.min() >= -1 and got.max() <= 1


def test_the_default_is_the_fastest_that_is_installed():
    assert fastest() == ("numba" if importlib.util.find_spec("numba") else "xla")
