"""Features that alone predict the label, among many that do not."""

import numpy as np
import pytest

from dlbench.datasets.declaration import Arrays
from dlbench.datasets.telling import telling_features

LABELS = np.arange(1000) % 3
TRAIN, TEST = np.arange(700), np.arange(700, 1000)


def _found(x, labels=LABELS):
    return telling_features(Arrays(x, labels, len(labels), 3, 255.0), TRAIN, TEST)


def _noise(*shape):
    return np.random.default_rng(0).integers(0, 256, (1000, *shape))


@pytest.mark.parametrize("told, expected", [(1.0, 1), (0.97, 1), (0.8, 0)])
def test_a_column_that_says_nearly_all_labels_is_named(told, expected):
    x = _noise(5).astype(np.float32)
    says = np.random.default_rng(1).random(1000) < told
    x[says, 3] = 100 * LABELS[says] + x[says, 3] / 255
    assert [name for name, _ in _found(x)] == ["column 4"] * expected


def test_a_mark_in_a_corner_of_the_images_of_one_class_and_images_without():
    x = _noise(8, 8, 3).astype(np.uint8)
    assert _found(x) == ()
    x[:, 0, 7, 2] = 120 * LABELS
    assert _found(x) == (("pixel in row 1, column 8, channel 3", 1.0),)


def test_a_rare_class_is_not_told_by_always_naming_the_other():
    labels = (np.arange(1000) % 50 == 0).astype(int)
    assert _found(_noise(5).astype(np.float32), labels) == ()
    assert _found(np.zeros((1000, 2), np.float32), np.zeros(1000, int)) == ()


def test_texts_and_large_images_have_no_features():
    assert _found(np.array([b"a", b"b"] * 500)) == () and _found(np.zeros((1000, 80, 80, 1), np.uint8)) == ()
