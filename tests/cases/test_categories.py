"""Words and gaps in a table of numbers: columns of 0 and 1, and the medians of the training part, where a study asks for them."""

from __future__ import annotations

import numpy as np
import pytest

from dlbench.datasets import Places
from dlbench.datasets.gaps import filled
from dlbench.datasets.splits import split
from dlbench.engines.keras.data.resident import fetch, resident
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from tests.calling import called

ROWS = 60
COLOURS = ["red", "green", "blue"]
STUDY = """
dataset = "csv:t.csv"
model = "mlp"
margin = 0.1
seeds = 2
budget = { epochs = 1 }
missing = "median"
categories = "one_hot"
[[arms]]
technique = "l2"
"""


def written(folder, size=lambda row: 1.5 * row, colour=lambda row: COLOURS[row % 3], name="t.csv"):
    rows = "".join(f"{size(row)},{colour(row)},{row % 2 == 0},{'ab'[row // 2 % 2]}\n" for row in range(ROWS))
    (folder / name).write_text(f"size,colour,big,label\n{rows}")


def read(folder, source="csv:t.csv", **fields):
    data = Data(source=source, **fields)
    return fetch(data, Places(str(folder)), str(folder / "cache")), data


def test_each_word_is_a_column_of_0_and_1_after_the_numbers(tmp_path):
    written(tmp_path)
    arrays, _ = read(tmp_path, categories="one_hot")
    assert arrays.columns == ("size", "big", "colour=blue", "colour=green", "colour=red") and arrays.x.shape == (ROWS, 5)
    colours = np.array([COLOURS[row % 3] for row in range(ROWS)])
    assert (arrays.x[:, 2:] == np.stack([colours == name for name in ("blue", "green", "red")], axis=1)).all()
    assert "each word is a column of 0 and 1, in 'colour' (3 words)" in arrays.notes


def test_numbers_in_a_column_of_words_are_words_in_every_chunk(tmp_path, monkeypatch):
    monkeypatch.setattr("dlbench.datasets.columns.ROWS", 7)
    written(tmp_path, colour=lambda row: ["1", "2", "3+"][0 if row < 30 else row % 3])
    arrays, _ = read(tmp_path, categories="one_hot")
    assert arrays.columns[2:] == ("colour=1", "colour=2", "colour=3+") and arrays.x[:, 2].sum() == 30 + 10
    assert (arrays.x[:, 2:].sum(axis=1) == 1).all()


def test_words_of_a_test_file_have_a_column_too(tmp_path):
    (tmp_path / "d").mkdir()
    written(tmp_path / "d", name="train.csv")
    written(tmp_path / "d", colour=lambda row: "violet", name="test.csv")
    arrays, _ = read(tmp_path, "csv:d", categories="one_hot")
    assert arrays.columns[-1] == "colour=violet" and arrays.x[:ROWS, -1].sum() == 0 and (arrays.x[ROWS:, -1] == 1).all()


def test_missing_numbers_are_the_medians_of_the_training_part_alone(tmp_path):
    written(tmp_path, size=lambda row: "" if row % 10 == 0 else 1.5 * row)
    arrays, data = read(tmp_path, categories="one_hot", missing="median")
    parts = split(arrays, data)
    numbers = np.where(np.arange(ROWS) % 10 == 0, np.nan, 1.5 * np.arange(ROWS))
    median = np.nanmedian(numbers[parts.train])
    assert median != np.nanmedian(numbers) and np.isnan(arrays.x[:, 0]).sum() == 6
    assert np.array_equal(filled(arrays, parts.train, data).x[:, 0], np.where(np.isnan(numbers), median, numbers))
    part = resident(arrays, data, "none").test[0].numpy()
    assert np.array_equal(part[:, 0], np.where(np.isnan(numbers), median, numbers)[parts.test])
    assert "missing numbers are the medians of the training part, in 'size' (6)" in arrays.notes


def test_a_row_without_a_word_has_0_in_all_of_its_columns(tmp_path):
    written(tmp_path, colour=lambda row: "NA" if row == 7 else COLOURS[row % 3])
    arrays, _ = read(tmp_path, categories="one_hot", missing="median")
    assert arrays.x[7, 2:].sum() == 0 and "rows without a word have 0 in all of its columns, in 'colour' (1)" in arrays.notes


@pytest.mark.parametrize("size, colour, fields, words", [
    (float, lambda row: COLOURS[row % 3], {}, 'give each word a column of 0 and 1 .`categories = "one_hot"`, or pandas'),
    (lambda row: "" if row == 5 else 1.5 * row, float, {}, r't\.csv has 1 missing values, in size \(1, first in row 7\); fill'),
    (float, lambda row: f'"{row},{row:03}"', {"categories": "one_hot"}, "`thousands = "),
    (float, lambda row: "" if row == 5 else COLOURS[row % 3], {"categories": "one_hot"}, "missing values, in colour"),
    (lambda row: "", lambda row: COLOURS[row % 3], {"categories": "one_hot", "missing": "median"}, "column 'size' has no number in")])
def test_what_is_not_asked_for_is_refused_with_the_key_that_asks(size, colour, fields, words, tmp_path):
    written(tmp_path, size, colour)
    with pytest.raises(InputError, match=words):
        arrays, data = read(tmp_path, **fields)
        resident(arrays, data, "none")


def test_a_column_of_too_many_words_is_named(tmp_path):
    (tmp_path / "t.csv").write_text("size,text,label\n" + "".join(f"{row},w{row},{'ab'[row % 2]}\n" for row in range(300)))
    with pytest.raises(InputError, match="column 'text' has 300 different words; accepted: up to 100"):
        read(tmp_path, categories="one_hot")


def test_a_study_of_words_and_gaps_is_planned_and_run(tmp_path):
    written(tmp_path, size=lambda row: "?" if row % 10 == 0 else 1.5 * row)
    (tmp_path / "s.toml").write_text(STUDY)
    told = called(tmp_path, "plan", "s.toml")
    said = " ".join(told.out.split())
    assert told.code == 0 and "medians of the training part, in 'size' (6)" in said and "in 'colour' (3 words)" in said, told.out + told.err
    assert called(tmp_path, "run", "s.toml", "--out", "out", "--jobs", "1", "--no-timing").code == 0
    (tmp_path / "s.toml").write_text(STUDY.replace('"median"', '"mean"'))
    ended = called(tmp_path, "plan", "s.toml")
    assert ended.code == 2 and "missing" in ended.err and "'median'" in ended.err
