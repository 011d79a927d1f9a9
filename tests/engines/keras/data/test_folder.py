"""Folders of images, as TensorFlow decodes them."""

import numpy as np
import pytest
import tensorflow as tf

from dlbench.datasets import Places
from dlbench.engines.keras.data.resident import fetch
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data

PIXELS = np.random.default_rng(0).integers(0, 256, (8, 6, 3)).astype(np.uint8)
ENCODE = {"png": tf.io.encode_png, "jpg": tf.io.encode_jpeg}


def photos(root, classes=("cat", "dog"), part="", count=3, height=8):
    for label, name in enumerate(classes):
        folder = root / part / name
        folder.mkdir(parents=True)
        for number in range(count):
            image = np.resize(PIXELS // 2 + 60 * label, (height, 6, 3))
            (folder / f"{number}.png").write_bytes(tf.io.encode_png(image).numpy())
    return root


def got(root, **fields):
    return fetch(Data(source=f"folder:{root.name}", **fields), Places(str(root.parent)), str(root.parent / "cache"))


def test_images_come_as_they_are(tmp_path):
    arrays = got(photos(tmp_path / "x"))
    assert arrays.x.shape == (6, 8, 6, 3) and arrays.x.dtype == np.uint8 and arrays.names == ("cat", "dog")
    assert arrays.y.tolist() == [0, 0, 0, 1, 1, 1] and arrays.train == 6
    np.testing.assert_array_equal(arrays.x[4], PIXELS // 2 + 60)


def test_parts_and_one_decoding(tmp_path, monkeypatch):
    photos(photos(tmp_path / "x", part="train"), part="test", count=2)
    first = got(tmp_path / "x")
    monkeypatch.setattr("dlbench.engines.keras.data.imagefiles._image", None)
    again = got(tmp_path / "x")
    assert first.train == again.train == 6 and len(again.y) == 10 and isinstance(again.x, np.memmap)


def test_another_copy_of_the_same_files_is_not_decoded_again(tmp_path, monkeypatch):
    got(photos(tmp_path / "x"))
    photos(tmp_path / "y")
    monkeypatch.setattr("dlbench.engines.keras.data.imagefiles._image", None)
    assert len(got(tmp_path / "y").y) == 6


@pytest.mark.parametrize("size, shape", [((4, 4), (4, 4, 3)), ((16, 12), (16, 12, 3)), ((8, 6, 1), (8, 6, 1))])
def test_images_are_brought_to_a_size(size, shape, tmp_path):
    arrays = got(photos(tmp_path / "x"), size=size)
    assert arrays.x.shape[1:] == shape
    assert abs(float(arrays.x[0].mean()) - float((PIXELS // 2).mean())) < 4


def test_every_format_gives_the_same_image(tmp_path):
    root = photos(tmp_path / "x")
    flat = np.full((8, 6, 3), 100, np.uint8)
    header = b"BM" + (54 + 8 * 20).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little") + (40).to_bytes(4, "little")
    bmp = header + (6).to_bytes(4, "little") + (8).to_bytes(4, "little") + b"\1\0\30\0" + bytes(24) + (b"d" * 18 + b"\0\0") * 8
    grey, alpha = flat[..., :1], np.concatenate([flat, np.full_like(flat[..., :1], 255)], -1)
    files = {"a.jpg": tf.io.encode_jpeg(flat, quality=100), "b.bmp": bmp, "c.png": tf.io.encode_png(grey), "d.PNG": tf.io.encode_png(alpha)}
    for name, content in files.items():
        (root / "cat" / name).write_bytes(content if isinstance(content, bytes) else content.numpy())
    arrays = got(root)
    assert all(np.abs(arrays.x[row].astype(int) - 100).max() <= 1 for row in range(3, 7))


WRONG = {
    "no image": (b"just words", "note.jpg is broken, or no image that Pillow and TensorFlow decode"),
    "an empty file": (b"", "note.jpg is broken"),
    "half an image": (tf.io.encode_jpeg(np.resize(PIXELS, (64, 64, 3))).numpy()[:600], "note.jpg is broken"),
    "another size": (tf.io.encode_png(PIXELS[:4]).numpy(), "note.jpg is 4x6 pixels, .*size = "),
}


@pytest.mark.parametrize("content, words", WRONG.values(), ids=WRONG)
def test_a_broken_image_is_named_and_nothing_is_kept(content, words, tmp_path):
    root = photos(tmp_path / "x")
    (root / "dog" / "note.jpg").write_bytes(content)
    with pytest.raises(InputError, match=words):
        got(root)
    assert list((tmp_path / "cache" / "arrays").glob("*")) == []


def test_a_folder_of_text_files_is_a_dataset_of_sentences(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "pos.txt").write_text("Good.\nFine.\n")
    (tmp_path / "x" / "neg.txt").write_text("Bad.\n")
    arrays = got(tmp_path / "x")
    assert arrays.kind == "text" and arrays.x.tolist() == [b"Bad.", b"Good.", b"Fine."] and arrays.names == ("neg", "pos")


@pytest.mark.data
def test_the_photographs_and_the_sentences(data_dir, tmp_path):
    images = fetch(Data(source="folder:cifar10_small"), Places(None, str(data_dir)), str(tmp_path))
    assert images.x.shape == (2500, 32, 32, 3) and images.train == 2000 and images.classes == 10
    texts = fetch(Data(source="folder:rt-polarity"), Places(None, str(data_dir)), str(tmp_path))
    assert np.bincount(texts.y).tolist() == [5331, 5331] and texts.names == ("neg", "pos")
