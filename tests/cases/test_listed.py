"""Images that a table lists are read as those of class folders are, with targets and columns of a table."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from dlbench.datasets import Places
from dlbench.datasets.splits import split
from dlbench.engines.keras.data.resident import fetch, resident
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from tests.cases.pictures import RGB, got, save, sixteen

ROWS = 24


def listed(root, columns, rows=range(ROWS), name="labels.csv"):
    """A table of the images ``0.png`` to ``23.png``, whose pixels are their number, with more columns (name -> function of the number)."""
    for row in rows:
        save(root / f"{row}.png", Image.new("L", (4, 4), row))
    lines = [",".join(["file", *columns]), *(",".join([f"{row}.png", *(str(cell(row)) for cell in columns.values())]) for row in rows)]
    (root / name).write_text("\n".join(lines) + "\n")


def read(root, source="csv:x/labels.csv", **fields):
    data = Data(**{"source": source, "image": "file", **fields})
    return fetch(data, Places(str(root)), str(root / "cache")), data


def pictures():
    """Images of many kinds, of one size."""
    exif = Image.Exif()
    exif[274] = 3
    alpha = np.concatenate([RGB, np.full((16, 24, 1), 100, np.uint8)], axis=-1)
    return {"a.png": (Image.fromarray(RGB), {}), "b.jpg": (Image.fromarray(RGB), {"exif": exif}), "c.png": (Image.fromarray(alpha), {}),
            "d.tif": (Image.fromarray(RGB), {}), "f.png": (Image.fromarray(RGB[..., 0]), {}),
            "e.gif": (Image.fromarray(RGB).quantize(8), {})}


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("size", [None, (8, 10), (8, 10, 1)])
def test_images_are_those_of_a_folder_to_the_bit(size, deep, tmp_path):
    images = {**pictures(), **({"g.png": (sixteen(np.arange(16 * 24).reshape(16, 24)), {})} if deep else {})}
    for number, (name, (image, options)) in enumerate(images.items()):
        save(tmp_path / "x" / "ab"[number % 2] / name, image, **options)
    files = sorted(path.relative_to(tmp_path / "x").as_posix() for path in (tmp_path / "x").rglob("*.*"))
    rows = [f"{name},{name[0]}" for name in reversed(files)]
    (tmp_path / "x" / "labels.csv").write_text("\n".join(["file,label", *rows]) + "\n")
    folder, (table, _) = got(tmp_path / "x", size=size), read(tmp_path, size=size)
    np.testing.assert_array_equal(table.x[::-1], folder.x)
    assert table.x.dtype == folder.x.dtype and table.y[::-1].tolist() == folder.y.tolist() and table.names == folder.names
    conversions = [note for note in folder.notes if not note.startswith("left out")]
    assert conversions and set(conversions) <= set(table.notes)


def test_images_are_decoded_once(tmp_path, monkeypatch):
    listed(tmp_path / "x", {"label": lambda row: row % 2})
    first, _ = read(tmp_path)
    monkeypatch.setattr("dlbench.engines.keras.data.imagefiles._image", None)
    again, _ = read(tmp_path)
    np.testing.assert_array_equal(first.x, again.x)
    save(tmp_path / "x" / "3.png", Image.new("L", (4, 4), 77))
    with pytest.raises(TypeError):
        read(tmp_path)


def test_numbers_to_predict_are_a_column(tmp_path):
    listed(tmp_path / "x", {"age": lambda row: f'"{row},5"'})
    arrays, _ = read(tmp_path, task="regression", label="age", decimal=",")
    assert arrays.y.tolist() == [row + 0.5 for row in range(ROWS)] and arrays.x[:, 0, 0, 0].tolist() == list(range(ROWS))


@pytest.mark.parametrize("fields, columns", [
    ({"label": ("odd", "third")}, {"odd": lambda row: row % 2, "third": lambda row: "yes" if row % 3 == 0 else "no"}),
    ({"label": "tags", "label_separator": ";"}, {"tags": lambda row: "odd;" * (row % 2) + "third" * (row % 3 == 0)})])
def test_several_labels_are_columns_or_tags(fields, columns, tmp_path):
    listed(tmp_path / "x", columns)
    arrays, _ = read(tmp_path, task="multi_label", **fields)
    assert arrays.y.tolist() == [[row % 2, int(row % 3 == 0)] for row in range(ROWS)] and arrays.names == ("odd", "third")


@pytest.mark.parametrize("key, column", [
    ("group", lambda row: f"p{row // 4}"), ("order_by", lambda row: f"2024-01-{row + 1:02}"),
    ("part", lambda row: "test" if row % 4 == 3 else "train")])
def test_columns_beside_the_images_say_how_they_are_split(key, column, tmp_path):
    listed(tmp_path / "x", {"label": lambda row: row // 2 % 2, "beside": column})
    arrays, data = read(tmp_path, **{key: "beside"})
    parts = split(arrays, data)
    train, test = ({int(arrays.x[row, 0, 0, 0]) for row in rows} for rows in (parts.train, parts.test))
    assert test and not train & test
    assert {"group": {row // 4 for row in train}.isdisjoint(row // 4 for row in test), "order_by": min(test) > max(train),
            "part": test == {row for row in range(ROWS) if row % 4 == 3}}[key]


def test_a_column_weighs_the_images(tmp_path):
    listed(tmp_path / "x", {"label": lambda row: row % 2, "cost": lambda row: row})
    arrays, data = read(tmp_path, weight="cost")
    of_training = arrays.x[split(arrays, data).train, 0, 0, 0]
    np.testing.assert_allclose(resident(arrays, data, "none").weights, of_training / of_training.mean())


def test_a_folder_of_two_tables_has_its_own_test_part(tmp_path):
    listed(tmp_path / "x", {"label": lambda row: row % 2}, range(16), "train.csv")
    listed(tmp_path / "x", {"label": lambda row: row % 2}, range(16, ROWS), "test.csv")
    arrays, _ = read(tmp_path, "csv:x")
    assert arrays.train == 16 and arrays.x[:, 0, 0, 0].tolist() == list(range(ROWS))


def test_a_broken_image_is_named_and_nothing_is_kept(tmp_path):
    listed(tmp_path / "x", {"label": lambda row: row % 2})
    (tmp_path / "x" / "7.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    with pytest.raises(InputError, match=r"x/7\.png is broken, or no image"):
        read(tmp_path)
    assert not list((tmp_path / "cache" / "arrays").glob("*"))


def test_images_of_several_sizes_need_a_size(tmp_path):
    listed(tmp_path / "x", {"label": lambda row: row % 2})
    save(tmp_path / "x" / "7.png", Image.new("L", (9, 5)))
    with pytest.raises(InputError, match=r"x/7\.png is 5x9 pixels, .*`size = \[5, 9\]` in the study"):
        read(tmp_path)
    assert read(tmp_path, size=(4, 4, 1))[0].x.shape == (ROWS, 4, 4, 1)
