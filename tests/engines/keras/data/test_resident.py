import sys
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from dlbench.datasets import Arrays, Chunk, Examples, Places, digits
from dlbench.engines.keras.data.resident import fetch, fit, resident
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data


def scaled(kind, x, full_range=255.0):
    inputs = fit(kind, [x[:7], x[7:]] if len(x) > 7 else [x], full_range)
    return x * inputs.scale.numpy() + inputs.offset.numpy()


IMAGES = np.random.default_rng(0).integers(0, 256, (20, 4, 4, 3)).astype(np.uint8)


@pytest.mark.parametrize("kind, low, high", [
    ("scale", 0, 1), ("minmax", 0, 1), ("minmax_signed", -1, 1), ("none", 0, 255), ("bytes", 0, 255)])
def test_ranges(kind, low, high):
    out = scaled(kind, np.concatenate([IMAGES, np.zeros_like(IMAGES), np.full_like(IMAGES, 255)]))
    assert (out.min(), out.max()) == pytest.approx((low, high), abs=1e-6)


def test_16_bits_are_brought_to_the_range_of_8():
    inputs = fit("bytes", [np.zeros((1, 2, 2, 3), np.uint16)], 65535.0)
    np.testing.assert_allclose(65535 * inputs.scale.numpy(), 255, rtol=1e-6)
    assert not inputs.offset.numpy().any()


@pytest.mark.parametrize("kind, axes", [("zscore", None), ("zscore_channel", (0, 1, 2))])
def test_zscores_have_mean_0_and_variance_1(kind, axes):
    out = scaled(kind, IMAGES)
    np.testing.assert_allclose(out.mean(axes), 0, atol=1e-5)
    np.testing.assert_allclose(out.std(axes), 1, atol=1e-5)


@pytest.mark.parametrize("kind", ["minmax", "minmax_signed", "zscore", "zscore_channel"])
def test_a_constant_input_becomes_zero(kind):
    assert (scaled(kind, np.full((3, 2, 2, 1), 7, np.int8)) == 0).all()


@settings(deadline=None)
@given(st.floats(0.1, 10), st.floats(-5, 5))
def test_minmax_does_not_notice_a_rising_line(a, b):
    x = IMAGES.astype(np.float64)
    np.testing.assert_allclose(scaled("minmax", a * x + b), scaled("minmax", x), atol=1e-5)


def test_statistics_are_fitted_on_the_training_part_only():
    data = digits.load()
    part = resident(data, Data(normalization="zscore"), "zscore")
    train = part.train[0].numpy()
    np.testing.assert_allclose(1 / part.inputs.scale.numpy(), train.std(), rtol=1e-5)
    assert train.std() != data.x.std()


def test_the_articles_minmax_takes_each_image_by_itself_and_breaks_on_a_constant_one():
    x = np.concatenate([IMAGES, np.full((4, 4, 4, 3), 9, np.uint8)])
    arrays = Arrays(x, np.arange(24) % 2, 24, 2, 255.0)
    article, plain = (resident(arrays, Data(), kind) for kind in ("article", "scale"))
    images = np.concatenate([getattr(article, part)[0].numpy() for part in ("train", "validation", "test")])
    assert np.isnan(images).all((1, 2, 3)).sum() == 4
    whole = images[~np.isnan(images).any((1, 2, 3))]
    assert (whole.min((1, 2, 3)) == 0).all() and (whole.max((1, 2, 3)) == 1).all()
    assert article.hashes == plain.hashes, "it scales the same examples"
    assert article.inputs.scale.numpy().tolist() == [1, 1, 1] and not article.inputs.offset.numpy().any()


def test_the_articles_minmax_is_for_images_in_memory():
    with pytest.raises(InputError, match="fit into memory"):
        resident(digits.load(), Data(), "article", device_bytes=1)


def test_hashes_come_from_the_tensors():
    one, same = (resident(digits.load(), Data(), "scale") for _ in range(2))
    other = resident(digits.load(), Data(split_seed=1), "scale")
    assert one.hashes == same.hashes
    assert all(one.hashes[name] != other.hashes[name] for name in one.hashes)


def test_classes_are_numbered_anew():
    part = resident(digits.load(), Data(classes=(5, 7, 9)), "scale")
    assert part.classes == 3 and set(part.train[1].numpy()) == {0, 1, 2}


def grey_arrays():
    return IMAGES[..., 0], np.arange(20) % 4


def broken_arrays():
    x = IMAGES[..., :1].astype(np.float32)
    x[7, 0, 0, 0] = np.nan
    return x, np.arange(20) % 4


def called(name, tmp_path):
    name = name if ":" in name else f"tests.engines.keras.data.test_resident:{name}"
    return fetch(Data(source=name), Places(), str(tmp_path))


def test_a_function_of_the_users_own(tmp_path):
    arrays = called("grey_arrays", tmp_path)
    assert arrays.x.shape == (20, 4, 4, 1) and arrays.classes == 4 and arrays.full_range == 255


@pytest.mark.parametrize("name, words", [
    ("broken_arrays", "example 7 of the train part has a value that is not a finite number"), ("absent", "absent"),
    ("no_such_package:function", "no_such_package"),
])
def test_data_that_cannot_be_used_is_named(name, words, tmp_path):
    with pytest.raises(InputError, match=words):
        called(name, tmp_path)


@pytest.mark.slow
@pytest.mark.data
def test_mnist_is_decoded_once_and_mapped_from_then_on(data_dir, tmp_path):
    first = fetch(Data(source="tfds:mnist"), Places(None, str(data_dir)), str(tmp_path))
    again = fetch(Data(source="tfds:mnist"), Places(None, str(data_dir)), str(tmp_path))
    assert first.x.shape == (70_000, 28, 28, 1) and first.train == 60_000 and first.classes == 10
    assert isinstance(again.x, np.memmap) and np.array_equal(first.y, again.y)
    assert np.bincount(first.y[60_000:]).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_an_unknown_tfds_is_one_clear_message(tmp_path):
    (tmp_path / "tfds").mkdir()
    with pytest.raises(InputError, match="tfds:no_such_set"):
        fetch(Data(source="tfds:no_such_set"), Places(None, str(tmp_path)), str(tmp_path / "cache"))


def streamed():
    return tf.data.Dataset.from_tensor_slices((IMAGES, np.arange(20) % 4))


def streamed_parts():
    return streamed().batch(6), streamed().take(8).batch(3)


def sentences():
    return ["good", "très bon", "bad", "poor"], [1, 1, 0, 0]


def numbers():
    return (IMAGES.reshape(20, 48), np.arange(20)[:, None] % 2), (IMAGES[:4].reshape(4, 48), np.arange(4)[:, None] % 2)


@pytest.mark.parametrize("name, shape, train, kind", [
    ("streamed", (20, 4, 4, 3), 20, "image"), ("streamed_parts", (28, 4, 4, 3), 20, "image"), ("sentences", (4,), 4, "text"),
    ("numbers", (24, 48), 20, "row"),
])
def test_what_a_function_may_return(name, shape, train, kind, tmp_path):
    arrays = called(name, tmp_path)
    assert (arrays.x.shape, arrays.train, arrays.kind) == (shape, train, kind)
    if kind == "image":
        np.testing.assert_array_equal(arrays.x[:20], IMAGES)


def nothing():
    return None


def three():
    return IMAGES, np.arange(20), "more"


def one_hot():
    return IMAGES, np.eye(4)[np.arange(20) % 4]


def without_labels():
    return tf.data.Dataset.from_tensor_slices(IMAGES)


def streamed_texts():
    return tf.data.Dataset.from_tensor_slices((["good", "bad"], [1, 0]))


@pytest.mark.parametrize("name, words", [
    ("nothing", "NoneType was given; accepted: "), ("three", "tuple was given"), ("one_hot", r"got float64 \[20, 4\] for 20 examples"),
    ("without_labels", "accepted: pairs"), ("streamed_texts", "give texts as an array"),
])
def test_what_a_function_may_not_return(name, words, tmp_path):
    with pytest.raises(InputError, match=words):
        called(name, tmp_path)


def test_a_function_that_returns_other_data_than_was_planned_with_is_refused(tmp_path):
    source = "tests.engines.keras.data.test_resident:grey_arrays"
    with pytest.raises(InputError, match="returned other data than when this study was planned"):
        fetch(Data(source=source, content="0123456789abcdef"), Places(), str(tmp_path))


def test_rows_of_numbers_are_scaled_column_by_column(tmp_path):
    part = resident(called("numbers", tmp_path), Data(validation=0.0), "zscore_channel")
    scaled = part.train[0].numpy() * part.inputs.scale.numpy() + part.inputs.offset.numpy()
    np.testing.assert_allclose(scaled.mean(0), 0, atol=1e-5)
    assert part.shape == (48,)


def test_a_set_that_cannot_be_downloaded_is_refused_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    with pytest.raises(InputError, match=r"'tfds:cifar10' cannot be downloaded: there is no network.*--data-dir"):
        fetch(Data(source="tfds:cifar10"), Places(), str(tmp_path / "cache"))


def test_prepared_data_that_has_changed_is_decoded_anew(tmp_path, monkeypatch):
    """The loader of tensorflow-datasets is another one here: it takes seconds to import."""
    (tmp_path / "tfds" / "own").mkdir(parents=True)
    shard, places = tmp_path / "tfds" / "own" / "shard", Places(None, str(tmp_path))

    def load(data, places):
        value = int(shard.read_text())
        x, y = np.full((4, 2, 2, 1), value, np.uint8), np.arange(4) % 2
        return Examples(iter([Chunk(x, y, str)]))

    monkeypatch.setitem(sys.modules, "dlbench.engines.keras.data.tfds", SimpleNamespace(load=load))
    for text in ("1", "1", "20"):
        shard.write_text(text)
        assert fetch(Data("tfds:own"), places, str(tmp_path / "cache")).x.max() == int(text)
