"""Arrays and functions that give what is no dataset: rows I10, I12 and I13 of the cases, and their kin."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from dlbench.datasets import Arrays, Places
from dlbench.datasets.own import load as own
from dlbench.engines.keras.data.resident import fetch, part_notes, resident
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from tests.calling import called


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
    ([[1, 0], [0, 1]] * 3, r"labels of one column a class become numbers by argmax over the columns: y.argmax\(axis=-1\)"),
])
def test_i13_labels_that_are_none_are_named(y, words, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((6, 8, 8, 1), np.uint8), y=np.array(y))
    with pytest.raises(InputError, match=words):
        fetch(Data(source="npz:a.npz"), Places(str(tmp_path)), str(tmp_path / "cache"))


def taken(folder, **arrays):
    np.savez(folder / "a.npz", **arrays)
    return fetch(Data(source="npz:a.npz"), Places(str(folder)), str(folder / "cache"))


X = np.arange(6 * 64).reshape(6, 8, 8, 1) % 200
Y = np.arange(6) % 2


@pytest.mark.parametrize(("train", "test"), [
    (X.astype(np.float32), X / 255), (X / 127.5 - 1, X.astype(np.float32)), (X, (X / 255).astype(np.float16)),
])
def test_i2_parts_on_different_scales_are_refused(train, test, tmp_path):
    with pytest.raises(InputError, match=r"values of the training part go from .*, those of the test part from .*; accepted: both parts"):
        taken(tmp_path, x_train=train, y_train=Y, x_test=test, y_test=Y)


@pytest.mark.parametrize(("train", "test"), [(X / 255, X / 300), (X.astype(np.uint8), (X > 99).astype(np.uint8)), (X / 9.0, X / 255 * 5)])
def test_i2_parts_on_one_scale_are_taken(train, test, tmp_path):
    assert len(taken(tmp_path, x_train=train, y_train=Y, x_test=test, y_test=Y).x) == 12


@pytest.mark.parametrize(("x", "note"), [
    ((X > 99).astype(np.uint8), "no value is above 1, and 255 is possible: .* at most 0.0039; normalize kind = 'minmax' divides by what"),
    ((X // 16).astype(np.uint8), "no value is above 12, and 255"), (np.full_like(X, 7, np.uint8), "every value is 7"),
    (np.zeros_like(X, np.float32), "every value is 0"), (X.astype(np.uint8), None), (X / 255 / 100, None), (X.astype(np.uint16), None),
])
def test_i2_values_that_use_little_of_their_range_are_said(x, note, tmp_path):
    notes = taken(tmp_path, x=x, y=Y).notes
    assert bool(notes) == bool(note) and all(re.match(note, said) for said in notes), notes


def test_i13_labels_of_one_column_a_class_are_named_in_a_stream_too(monkeypatch, tmp_path):
    stream = tf.data.Dataset.from_tensor_slices((np.zeros((6, 8, 8, 1), np.uint8), np.eye(3, dtype=np.float32)[np.arange(6) % 3]))
    monkeypatch.setattr("dlbench.datasets.own.resolve", lambda _: lambda: stream)
    with pytest.raises(InputError, match=r"become numbers by argmax over the columns"):
        fetch(Data(source="mine:data"), Places(), str(tmp_path))


def test_classes_without_an_example_to_train_or_test_on_are_counted():
    arrays = Arrays(np.zeros((60, 4, 4, 1), np.uint8), np.minimum(np.arange(60), 20) % 20, 60, 20, 255.0)
    few = list(part_notes(resident(arrays, Data(split_seed=1), "scale")))
    assert len(few) == 2 and all(re.match(r"\d+ of 20 classes have no (training|test) example, so ", note) for note in few), few
    whole = replace(arrays, y=np.arange(60) % 2, classes=2)
    assert not list(part_notes(resident(whole, Data(), "scale")))


def test_i10_arrays_of_more_dimensions_are_called_so(tmp_path):
    (tmp_path / "x.toml").write_text('dataset = "npz:a.npz"\nmodel = "mlp"\nmargin = 0.1\n[[arms]]\ntechnique = "dropout"\n')
    np.savez(tmp_path / "a.npz", x=np.random.default_rng(0).integers(0, 255, (30, 2, 4, 4, 3), np.uint8), y=np.arange(30) % 2)
    ended = called(tmp_path, "plan", "x.toml")
    assert ended.code == 0 and "30 arrays of 2x4x4x3 numbers in 2 classes" in " ".join(ended.out.split()), ended
