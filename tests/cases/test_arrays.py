"""Arrays and functions that give what is no dataset: rows I10, I12 and I13 of the cases, and their kin."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from dlbench.datasets import Places
from dlbench.datasets.own import load as own
from dlbench.engines.keras.data.resident import fetch
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 28, 28), (4, 16, 20)])
def test_i10_channels_first_are_refused_with_the_remedy(shape, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((6, *shape), np.uint8), y=np.arange(6) % 2)
    with pytest.raises(InputError, match=r"looks like channels first; accepted: .* x.transpose\(0, 2, 3, 1\)"):
        fetch(Data(source="npz:a.npz"), Places(str(tmp_path)), str(tmp_path / "cache"))


@pytest.mark.parametrize("shape", [(32, 32, 3), (28, 28, 1), (3, 3, 3), (1, 8, 3), (28, 28, 2), (3, 40, 1)])
def test_i10_channels_last_are_taken(shape, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((6, *shape), np.uint8), y=np.arange(6) % 2)
    assert fetch(Data(source="npz:a.npz"), Places(str(tmp_path)), str(tmp_path / "cache")).x.shape == (6, *shape)


def returned(value, monkeypatch):
    monkeypatch.setattr("dlbench.datasets.own.resolve", lambda _: lambda: value)
    examples = own(Data(source="mine:data"), Places())
    return [chunk for part in (examples.train, examples.test) if part is not None for chunk in part]


def test_i12_a_dataset_without_end_is_refused(monkeypatch):
    endless = tf.data.Dataset.from_tensor_slices((np.zeros((4, 8, 8, 1), np.uint8), [0, 1, 0, 1])).repeat()
    with pytest.raises(InputError, match=r"has no end; accepted: one without .repeat\(\)"):
        returned(endless, monkeypatch)


def test_i12_images_of_several_sizes_are_named(monkeypatch):
    ragged = tf.data.Dataset.from_generator(lambda: ((np.zeros((size, 8, 1), np.uint8), size % 2) for size in (8, 9)), output_signature=(
        tf.TensorSpec([None, 8, 1], tf.uint8), tf.TensorSpec([], tf.int64)))
    with pytest.raises(InputError, match=r"gives x of several shapes, such as \[8, 8, 1\] and \[9, 8, 1\]"):
        returned(ragged, monkeypatch)
    with pytest.raises(InputError, match="is no array of one shape"):
        returned(([np.zeros((size, 8)) for size in (8, 9, 8)], [0, 1, 0]), monkeypatch)


@pytest.mark.parametrize("y, words", [
    ([10**9, 2 * 10**9] * 3, "class 0 is empty: labels are 0 to K-1 for K classes, here 0 to 2,000,000,000"),
    ([1, 2, 3] * 2, r"class 0 is empty: .*numpy.unique\(y, return_inverse=True\)\[1\] numbers labels from 0"),
    ([0, 2] * 3, "class 1 is empty"), ([-1, 0] * 3, "label -1 of .* is out of range"),
    ([0.0, 1.0] * 3, r"got float64 \[6\] for 6 examples; whole numbers become labels by y.astype\(int\)"),
    ([[1, 0], [0, 1]] * 3, r"labels of one column a class become numbers by y.argmax\(axis=1\)"),
])
def test_i13_labels_that_are_none_are_named(y, words, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((6, 8, 8, 1), np.uint8), y=np.array(y))
    with pytest.raises(InputError, match=words):
        fetch(Data(source="npz:a.npz"), Places(str(tmp_path)), str(tmp_path / "cache"))
