"""What is and what is not a near-duplicate."""

import numpy as np
import pytest

from dlbench.datasets import Arrays, digits, duplicates
from dlbench.datasets.duplicates import near_duplicates, thumbnail

GENERATOR = np.random.default_rng(0)


def blobs(count, size=48):
    """Smooth pictures, no two alike: sums of waves."""
    axis = np.linspace(0, 2 * np.pi, size)
    out = np.zeros((count, size, size, 3))
    for _ in range(6):
        kx, ky, phase = GENERATOR.uniform(0.5, 4, (3, count, 1, 1, 1))
        out += GENERATOR.uniform(5, 15, (count, 1, 1, 3)) * np.sin(kx * axis[:, None, None] + ky * axis[None, :, None] + phase)
    return np.clip(out + 128, 0, 255)


def count(train, test):
    x = np.concatenate([train, test]).round().astype(np.uint8)
    arrays = Arrays(x, np.zeros(len(x), np.int64), len(train), 2, 255.0)
    return near_duplicates(arrays, np.arange(len(train)), np.arange(len(train), len(x)))[0]


CHANGES = {
    "the same": (lambda x: x, 20),
    "brighter": (lambda x: x * 0.8 + 30, 20),
    "compressed: noise of 3 levels": (lambda x: x + GENERATOR.normal(0, 3, x.shape), 20),
    "smaller and back": (lambda x: x.reshape(len(x), 24, 2, 24, 2, 3).mean((2, 4)).repeat(2, 1).repeat(2, 2), 20),
    "mirrored": (lambda x: x[:, :, ::-1], 0),
    "moved": (lambda x: np.roll(x, 6, axis=2), 0),
    "other pictures": (lambda x: blobs(len(x)), 0),
    "blank": (lambda x: x * 0 + 7, 0),
}


@pytest.mark.parametrize("change, wanted", CHANGES.values(), ids=CHANGES)
def test_pictures(change, wanted):
    train = blobs(60)
    assert count(train, change(train[20:40])) == wanted


def test_every_test_example_counts_once(monkeypatch):
    monkeypatch.setattr(duplicates, "ROWS", 7)
    train = blobs(30)
    assert count(np.concatenate([train, train]), np.concatenate([train[:5], blobs(6), train[5:9]])) == 9


@pytest.mark.parametrize("stretch", [3, 4096])
def test_i11_near_duplicates_are_counted_in_groups(stretch, monkeypatch):
    """Frames of five scenes, two of which are in one part only; however few are looked at together."""
    monkeypatch.setattr(duplicates, "ROWS", stretch)
    scenes = blobs(5)
    train, test = scenes[[0, 0, 1, 1, 2, 2, 4]], scenes[[0, 1, 1, 2, 2, 3, 3]]
    x = np.concatenate([train, test + GENERATOR.normal(0, 2, test.shape)]).clip(0, 255).astype(np.uint8)
    found = near_duplicates(Arrays(x, np.zeros(14, np.int64), 7, 2, 255.0), np.arange(7), np.arange(7, 14))
    assert found == (5, 7, 3)


@pytest.mark.parametrize("kind", ["noise", "smooth", "one direction"])
@pytest.mark.parametrize("most", [0.0, 1.0])
def test_pairs_that_are_found_by_their_bounds_are_all_that_correlate(kind, most, monkeypatch):
    """Whether few directions hold much of the thumbnails or little, and whether products are made one by one or all."""
    monkeypatch.setattr(duplicates, "MOST_PRODUCTS", most)
    base = {"noise": GENERATOR.normal(size=(80, 256)), "smooth": blobs(80, 16).mean(axis=3).reshape(80, -1) - 128,
            "one direction": np.outer(GENERATOR.normal(size=80), np.ones(256)) + GENERATOR.normal(size=(80, 256)) / 8}[kind]
    near = base[:40] + GENERATOR.normal(size=(40, 256)) * base.std() * np.linspace(0, 0.2, 40)[:, None]
    one, two = (np.float32(rows / np.linalg.norm(rows, axis=1, keepdims=True)) for rows in (base, np.concatenate([near, -base])))
    coarse = [duplicates._coarse(rows, duplicates._directions(one)) for rows in (one, two)]
    bounds, products = coarse[0] @ coarse[1].T, one @ two.T
    assert (bounds >= products - duplicates.ROUNDING).all()
    found = duplicates._correlated(one, two, bounds)
    assert len(found[0]) >= 15 and {*zip(*found)} == {*zip(*np.nonzero(products >= duplicates.ALIKE))}


def test_i11_equal_rows_are_a_group():
    rows = Arrays(np.array([[1], [2], [3], [1], [1], [2], [9]], np.float32), np.zeros(7, np.int64), 3, 2, 1.0)
    assert near_duplicates(rows, np.arange(3), np.arange(3, 7)) == (3, 4, 2)


def test_a_thumbnail_of_a_small_image_is_the_image_and_of_a_large_one_keeps_its_mean():
    small, large = GENERATOR.random((3, 8, 5)), GENERATOR.random((3, 64, 48))
    np.testing.assert_array_equal(thumbnail(small), small)
    assert thumbnail(large).shape == (3, 16, 16)
    np.testing.assert_allclose(thumbnail(large).mean((1, 2)), large.mean((1, 2)))


def test_rows_and_texts():
    rows = Arrays(np.array([[1, 0], [2, 3], [1, -0.0], [2, 3.1]], np.float32), np.zeros(4, np.int64), 2, 2, 1.0)
    assert near_duplicates(rows, np.arange(2), np.arange(2, 4)) == (1, 2, 1)
    texts = Arrays(np.char.encode(["Très bon!", "bad", "TRÈS  bon", "bad film"], "utf-8"), np.zeros(4, np.int64), 2, 2, 1.0)
    assert near_duplicates(texts, np.arange(2), np.arange(2, 4)) == (1, 2, 1)


def test_of_very_many_a_sample_is_looked_at(monkeypatch):
    monkeypatch.setattr(duplicates, "MOST_PAIRS", 100)
    x = np.concatenate([blobs(20), blobs(20)]).astype(np.uint8)
    assert near_duplicates(Arrays(x, np.zeros(40, np.int64), 20, 2, 255.0), np.arange(20), np.arange(20, 40))[1] == 5


def test_the_digits_have_hardly_any():
    data = digits.load()
    found = near_duplicates(data, np.arange(1000), np.arange(1000, 1797))
    assert found[0] <= 0.01 * found[1]
