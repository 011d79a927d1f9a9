"""Images that the rows of a table name: which files they are, what is refused, and the hash of what is read."""

from __future__ import annotations

import os

import pytest
from PIL import Image

from dlbench.datasets import Places
from dlbench.datasets.listed import content, files, notes
from dlbench.datasets.table import opened
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data

DATA = Data(source="csv:d/labels.csv", image="file", label="tag")


@pytest.fixture
def folder(tmp_path):
    """A folder with six images, and the table that lists them."""
    (tmp_path / "d" / "deep").mkdir(parents=True)
    for number in range(6):
        Image.new("L", (4, 4), number).save(tmp_path / "d" / "deep" / f"{number}.png")
    write(tmp_path, *[f"deep/{number}.png" for number in range(6)])
    return tmp_path


def write(folder, *names, header="file,tag", more=""):
    rows = "".join(f"{name},{'ab'[row % 2]}{more}\n" for row, name in enumerate(names))
    (folder / "d" / "labels.csv").write_text(f"{header}\n{rows}")


def found(folder, data=DATA):
    table, = opened(data, Places(str(folder)))
    names = files(table, table.scan())
    return names, list(notes([table], names))


def hashed(folder, data=DATA):
    return content(data, Places(str(folder)), str(folder / "cache"))


def test_files_are_seen_from_the_folder_of_the_table(folder):
    write(folder, "deep/0.png", "./deep/1.png", "deep/../deep/2.png")
    assert found(folder) == (["deep/0.png", "deep/1.png", "deep/2.png"], [])


@pytest.mark.parametrize("name", ["../d/deep/0.png", "/etc/hostname", "deep/../../x.png", "..", "{}/d/deep/0.png"])
def test_a_path_that_leaves_the_folder_is_refused_with_its_row(folder, name):
    write(folder, "deep/0.png", name.format(folder))
    with pytest.raises(InputError, match=r"row 3 of .*labels\.csv: image: column 'file' names '.*', which is not below .*/d; accepted"):
        found(folder)


@pytest.mark.parametrize(("names", "words"), [
    (["deep/0.png", "deep/6.png"], r"1 of the 2 files that column 'file' of .* names is not there: deep/6\.png \(row 3\); names are seen "),
    (["a.png", "b.png", "deep/0.png", "c.png", "d.png", "a.png"],
     r"4 of the 5 files .* are not there: a\.png \(row 2\), b\.png \(row 3\), c\.png \(row 5\) and 1 more"),
    (["4.png"], r"did you mean 'deep/4\.png'\?"), (["4"], r"did you mean 'deep/4\.png'\?"),
    ([r"deep\4.png"], r"did you mean 'deep/4\.png'\?"), (["deep"], "1 of the 1 file .* is not there: deep"),
    (["x" * 5000], "is not there: x{199}… "), ([""], "row 2 of .* has no name of a file"),
    ([], r"labels\.csv has no row; accepted: a row for each image")])
def test_files_that_are_not_there_are_counted_and_the_first_are_named(folder, names, words):
    write(folder, *names)
    with pytest.raises(InputError, match=words):
        found(folder)


@pytest.mark.parametrize(("fields", "words"), [
    ({"image": "fil"}, r"image: unknown column 'fil'; did you mean 'file'\?"),
    ({"image": "tag"}, "image: 'tag' is the column of the labels too"),
    ({"label": "tags"}, r"label: unknown column 'tags'; did you mean 'tag'"),
    ({"group": "files"}, "group: unknown column 'files'; did you mean 'file'")])
def test_a_column_that_is_not_there_is_named_with_its_nearest(folder, fields, words):
    with pytest.raises(InputError, match=words):
        found(folder, Data(**{"source": DATA.source, "image": "file", "label": "tag", **fields}))


def test_the_hash_is_of_the_table_and_of_what_it_lists_and_of_nothing_else(folder):
    before = hashed(folder)
    Image.new("L", (4, 4)).save(folder / "d" / "other.png")
    (folder / "d" / "reports").mkdir()
    assert hashed(folder) == before
    Image.new("L", (4, 4), 9).save(folder / "d" / "deep" / "5.png")
    assert (changed := hashed(folder)) != before
    write(folder, *[f"deep/{5 - number}.png" for number in range(6)])
    assert hashed(folder) not in (before, changed)


def test_a_folder_of_tables_is_hashed_by_what_both_list(folder):
    for part, numbers in (("train", range(4)), ("test", (4, 5))):
        rows = "".join(f"deep/{number}.png,{'ab'[number % 2]}\n" for number in numbers)
        (folder / "d" / f"{part}.csv").write_text(f"file,tag\n{rows}")
    data = Data(source="csv:d", image="file", label="tag")
    before = hashed(folder, data)
    Image.new("L", (4, 4), 9).save(folder / "d" / "deep" / "5.png")
    assert hashed(folder, data) != before


def test_what_is_odd_about_the_files_is_said(folder):
    Image.new("L", (4, 4), 99).save(folder / "far.png")
    os.symlink(folder / "far.png", folder / "d" / "near.png")
    write(folder, "near.png", "deep/1.png", "./deep/1.png", header="file,tag,age,sex", more=",7,f")
    assert found(folder)[1] == ["links lead out of the folder of the table and are followed: 1 image", "named by several rows: 1 image",
                                "columns that are not read: 'age' and 'sex'"]
