"""Several labels an example in tables: columns of 0 and 1, and tags, are read as the same rows."""

import string

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlbench.datasets import Places
from dlbench.datasets.table import load
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data

NAMES = ("dusk", "rain", "wind")
WORDS = {"dusk": ("no", "Yes"), "rain": ("0", "1"), "wind": ("False", "true")}
ANY = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(folder, table, **fields):
    """Names, rows of labels and notes of a table with a feature."""
    table.assign(x=0.5).to_csv(folder / "t.csv", index=False)
    examples = load(Data(source="csv:t.csv", task="multi_label", **fields), Places(str(folder)))
    return examples.names, np.concatenate([chunk.y for chunk in examples.train]), examples.notes


@ANY
@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=12), st.sampled_from([";", "|", "/"]))
def test_columns_and_tags_say_the_same(tmp_path, rows, mark):
    y = np.array([*rows, [True] * 3])
    columns = pd.DataFrame({name: [WORDS[name][int(has)] for has in y[:, place]] for place, name in enumerate(NAMES)})
    tags = pd.DataFrame({"tags": [f" {mark} ".join(np.array(NAMES)[has]) + mark for has in y]})
    by_column, by_tag = read(tmp_path, columns, label=NAMES), read(tmp_path, tags, label="tags", label_separator=mark)
    assert by_column[0] == by_tag[0] == NAMES and (by_column[1] == y).all() and (by_tag[1] == y).all()
    none = int((~y.any(axis=1)).sum())
    for notes in (by_column[2], by_tag[2]):
        assert any("have no label" in note or "has no label" in note for note in notes) == bool(none)


@ANY
@given(st.text(string.ascii_letters + string.digits + " -.", min_size=1, max_size=5).filter(str.strip))
def test_a_cell_that_says_neither_is_refused_with_its_row(tmp_path, cell):
    cell = cell.strip()
    table = pd.DataFrame({"rain": ["1", "0", cell], "wind": ["0", "1", "1"]})
    if cell.lower() in ("1", "0", "1.0", "0.0", "true", "false", "yes", "no", "y", "n"):
        assert read(tmp_path, table, label=("rain", "wind"))[1].shape == (3, 2)
    else:
        with pytest.raises(InputError, match=r"row 4 of .*: column 'rain' holds .*accepted: 1 and 0, true and false, yes and no"):
            read(tmp_path, table, label=("rain", "wind"))


def test_tags_that_hardly_differ_are_said(tmp_path):
    table = pd.DataFrame({"tags": ["rain;wind", "Rain;wind", "wind"]})
    assert "labels 'Rain' and 'rain' are taken as different classes" in read(tmp_path, table, label="tags", label_separator=";")[2]


def test_one_tag_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"column 'tags', split at ';', has 1 different tag in 2 rows; accepted: at least two tags"):
        read(tmp_path, pd.DataFrame({"tags": ["rain", "rain;"]}), label="tags", label_separator=";")


def test_texts_have_tags_too(tmp_path):
    table = pd.DataFrame({"said": ["it rains", "it blows", "both"], "tags": ["rain", "wind", "rain,wind"]})
    assert read(tmp_path, table, label="tags", label_separator=",", text="said")[1].tolist() == [[1, 0], [0, 1], [1, 1]]
