"""Which rows of a table are trained on, validate and are tested, where a column says so: the latest, or those that it names."""

from __future__ import annotations

import numpy as np
import pytest

from dlbench.datasets import Places
from dlbench.datasets.splits import split
from dlbench.engines.keras.data.resident import fetch
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from tests.calling import called

DAYS = [f"2024-{month:02}-{day:02}" for month in range(1, 11) for day in range(1, 11)]
STUDY = """
dataset = "csv:t.csv"
model = "mlp"
margin = 0.1
seeds = 2
budget = {{ epochs = 1 }}
{key}
[[arms]]
technique = "l2"
"""


def written(folder, column, name="when"):
    """A table of two classes, whose feature is the number of its row; the rows lie in no order."""
    shuffled = np.random.default_rng(0).permutation(len(column))
    rows = "".join(f"{row},{column[row]},{'ab'[row % 2]}\n" for row in shuffled)
    (folder / "t.csv").write_text(f"value,{name},label\n{rows}")


def parts(folder, **fields):
    """The numbers of the rows in each part, and what is said of the data."""
    data = Data(source="csv:t.csv", **fields)
    arrays = fetch(data, Places(str(folder)), str(folder / "cache"))
    found = split(arrays, data)
    assert arrays.x.shape[1] == 1
    rows = [sorted(arrays.x[part][:, 0].astype(int).tolist()) for part in (found.train, found.validation, found.test)]
    return rows, " ".join(arrays.notes)


@pytest.mark.parametrize("column", [DAYS, [f"{day}T12:00:00Z" for day in DAYS], list(range(900, 1000)), [1e-3 * row for row in range(100)]],
                         ids=["dates", "times", "numbers", "decimals"])
def test_the_latest_rows_are_tested_and_those_before_them_validate(column, tmp_path):
    written(tmp_path, column)
    (train, validation, test), notes = parts(tmp_path, order_by="when", test=0.25, validation=0.2)
    assert (train, validation, test) == ([*range(60)], [*range(60, 75)], [*range(75, 100)])
    assert f"the last rows by 'when', which goes from {column[0]} to {column[-1]}, are tested" in notes


def test_rows_of_one_time_stay_together(tmp_path):
    written(tmp_path, [row // 20 for row in range(100)])
    (train, validation, test), _ = parts(tmp_path, order_by="when", test=0.25, validation=0.3)
    assert test == [*range(80, 100)] and validation == [*range(60, 80)] and train == [*range(60)]


def test_the_parts_are_those_that_a_column_names_and_validation_is_drawn_where_it_names_none(tmp_path):
    names = ["Test" if row % 5 == 0 else "valid" if row % 5 == 1 else "train" for row in range(100)]
    written(tmp_path, names, "split")
    (train, validation, test), notes = parts(tmp_path, part="split")
    assert test == [*range(0, 100, 5)] and validation == [*range(1, 100, 5)] and len(train) == 60
    assert "'split' names the part of each row: 60 train, 20 validation, 20 test" in notes
    written(tmp_path, ["training" if name == "valid" else name for name in names], "split")
    (train, validation, test), _ = parts(tmp_path, part="split", validation=0.25)
    assert test == [*range(0, 100, 5)] and len(validation) == 20 and not {*train} & {*validation}


@pytest.mark.parametrize("column, key, words", [
    (["01/02/2024"] * 100, "order_by", r"row 2 of .*t\.csv: order_by: column 'when' holds '01/02/2024'; accepted: a number, or a date"),
    (["nan"] * 100, "order_by", "holds 'nan'"), ([""] * 100, "order_by", "row 2 of .* has no order in column 'when'"),
    ([7] * 100, "order_by", "the test split of .* is empty"),
    ([row % 2 for row in range(100)], "order_by", "class 'b' has 50 test examples and none to train on"),
    (["holdout"] * 100, "part", "holds 'holdout'; accepted: train, training, validation, valid, val, dev, test, testing"),
    (["train"] * 100, "part", "no row is called test"), (["test"] * 100, "part", "no row is called train"),
    (["test" if row % 2 else "train" for row in range(100)], "part", "class 'b' has 50 test examples and none to train on")])
def test_a_column_that_says_no_part_is_refused_with_its_row(column, key, words, tmp_path):
    written(tmp_path, column)
    with pytest.raises(InputError, match=words):
        parts(tmp_path, **{key: "when"})


@pytest.mark.parametrize("key, words", [
    ('order_by = "when"\npart = "when"', "order_by and part: each says how the data is split; accepted: one of them"),
    ('group = "when"\norder_by = "when"', "group and order_by"), ('order_by = "when"\nfolds = 4', "order_by beside folds = 4"),
    ('order_by = "wen"', "order_by: unknown column 'wen'; did you mean 'when'"), ('part = ""', "part")])
def test_keys_that_do_not_go_together_are_one_message(key, words, tmp_path):
    written(tmp_path, DAYS)
    (tmp_path / "s.toml").write_text(STUDY.format(key=key))
    ended = called(tmp_path, "plan", "s.toml")
    assert ended.code == 2 and words in ended.err and "Traceback" not in ended.err


def test_a_study_of_the_latest_rows_is_planned_and_run(tmp_path):
    written(tmp_path, DAYS)
    (tmp_path / "s.toml").write_text(STUDY.format(key='order_by = "when"'))
    told = called(tmp_path, "plan", "s.toml")
    assert told.code == 0 and "the last rows by 'when', which goes from 2024-01-01 to 2024-10-10, are tested" in " ".join(told.out.split())
    ended = called(tmp_path, "run", "s.toml", "--out", "out", "--jobs", "1", "--no-timing", "--no-report")
    assert ended.code == 0, ended.err
