"""Columns and labels of tables that were taken for what they are not: rows T1 to T4 and T8 of the cases, and their kin."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from dlbench.datasets.classes import order
from dlbench.datasets.table import load
from dlbench.study import load as parsed
from dlbench.study import plan
from dlbench.values.inspection import Build, Inspection
from tests.cases.tabular import NUMBERS, file, noted, refused
from tests.datasets.helpers import kept


def planned(kind, shape, **table):
    """The plan of a study on own data of a kind, as if it had been inspected."""
    study = parsed({"dataset": "npz:x.npz", "model": "mlp", "margin": 0.01, "seeds": 2, "arms": [{"technique": "dropout"}], **table})
    known = Inspection(kind, shape, 2, (90, 0), (0, 22), "0" * 16, Build(kind="sequential", dense=2))
    return plan(replace(study, inspections={"npz:x.npz": known}))


SCALE = {"baseline": {"techniques": [{"technique": "normalize", "kind": "scale"}]}}


@pytest.mark.parametrize(("kind", "shape", "table", "wanted"), [
    ("row", (3,), {}, "zscore_channel"), ("row", (3,), SCALE, "scale"), ("image", (8, 8, 1), {}, "scale"), ("text", (), {}, "scale"),
])
def test_t1_columns_of_rows_are_scaled_one_by_one_unless_the_study_states_it(kind, shape, table, wanted):
    assert {arm.recipe.data.normalization for arm in planned(kind, shape, **table).arms} == {wanted}


def test_t1_runs_on_scaled_columns_are_new_ones_and_runs_on_images_are_the_old_ones():
    ids = {name: {run.run_id for run in planned(*of, **table).runs} for name, of, table in (
        ("row", ("row", (3,)), {}), ("stated", ("row", (3,)), SCALE), ("image", ("image", (8, 8, 1)), {}))}
    assert ids["row"].isdisjoint(ids["image"]) and ids["stated"] == ids["image"]


def test_t1_large_values_close_together_keep_their_differences_in_single_precision(tmp_path):
    rows = [(1.7e9 + row, row / 8, row % 2) for row in range(40)]
    got = kept(load, tmp_path, file(tmp_path, rows))
    np.testing.assert_array_equal(np.diff(got.x[:, 0]), np.ones(39))
    np.testing.assert_array_equal(got.x[:, 1], np.arange(40) / 8)


@pytest.mark.parametrize("header", ["{},a,label", "a,{},label"])
@pytest.mark.parametrize("name", ["", "Unnamed: 0", "id", "PassengerId", "row_id", "anything"])
@pytest.mark.parametrize("start", [0, 1])
def test_t2_a_column_that_counts_rows_is_left_out_unless_it_is_named(header, name, start, tmp_path):
    rows = [(row + start, row % 3 / 4, row % 2) if header.startswith("{") else (row % 3 / 4, row + start, row % 2) for row in range(12)]
    source = file(tmp_path, rows, header.format(name))
    np.testing.assert_array_equal(kept(load, tmp_path, source).x[:, 0], np.arange(12) % 3 / 4)
    if name:
        assert kept(load, tmp_path / ".", source, features=("a", name)).x.shape == (12, 2)


@pytest.mark.parametrize(("name", "values", "taken"), [
    ("id", [7, 9, 3, 2, 11, 5], False), ("user_id", [10, 20, 30, 41, 50, 60], False), ("count", [5, 4, 3, 2, 1, 0], False),
    ("time", [100, 101, 102, 103, 104, 105], True), ("id", [1, 1, 2, 2, 3, 3], True), ("id", [0.5, 1.5, 2.25, 3, 4, 5], True),
    ("valid", [7, 9, 3, 2, 11, 5], True), ("steps", [0, 2, 4, 6, 8, 10], True),
])
def test_t2_what_counts_or_names_rows_and_what_does_not(name, values, taken, tmp_path):
    got = kept(load, tmp_path, file(tmp_path, [(value, row % 3, row % 2) for row, value in enumerate(values)], f"{name},a,label"))
    assert got.x.shape == (6, 1 + taken)


def test_t2_a_table_of_nothing_but_counts_is_refused(tmp_path):
    assert "has no column beside its label but id" in refused(tmp_path, [(row, row % 2) for row in range(9)], "id,label")


def test_t3_labels_that_are_numbers_to_predict_are_refused(tmp_path):
    rows = [(row % 7, row % 5, 100 + 3 * min(row, 367)) for row in range(400)]
    said = refused(tmp_path, rows, "a,b,price", fields={"label": "price"})
    assert "labels look like numbers to predict: 368 different values in 400 rows, and the study's task is classification. `task = " in said


@pytest.mark.parametrize(("labels", "words"), [
    ([row / 4 for row in range(12)], "numbers to predict"), ([f"{row}e-1" for row in range(12)], "numbers to predict"),
    ([f"house {row}" for row in range(40)], "names of rows"),
])
def test_t3_fractions_and_names_are_no_classes(labels, words, tmp_path):
    assert words in refused(tmp_path, [(row % 7, row % 5, label) for row, label in enumerate(labels)])


@pytest.mark.parametrize("labels", [
    [row % 10 for row in range(60)], [row % 30 for row in range(300)], [(row % 3) + 0.5 for row in range(12)],
    [row % 2 for row in range(4)],
])
def test_t3_numbers_that_repeat_are_classes(labels, tmp_path):
    rows = [(row % 7 + 0.5, row % 5, label) for row, label in enumerate(labels)]
    assert kept(load, tmp_path, file(tmp_path, rows)).classes == len(set(labels))


@pytest.mark.parametrize("header", ["a,a,label", "a, a,label", "label,b,label"])
def test_t4_a_name_that_two_columns_share_is_refused(header, tmp_path):
    assert f"column '{header.split(',')[0]}' 2 times" in refused(tmp_path, NUMBERS, header)


ODD = ["②", "--5", "1", "01", "001", "10", "9", "-3", "b", "B", "١", "1.0", "²"]


def test_t8_labels_that_are_no_whole_numbers_are_words_and_ties_go_by_text():
    wanted = ["-3", "001", "01", "1", "9", "10", "--5", "1.0", "B", "b", "²", "١", "②"]
    for labels in (ODD, ODD[::-1], sorted(ODD)):
        assert sorted(labels, key=order) == wanted


def test_t8_the_order_of_labels_does_not_depend_on_the_order_of_rows(tmp_path):
    for number, labels in enumerate(permutations(["②", "--5", "1", "01"])):
        source = file(tmp_path, [(row / 3, row % 2, label) for row, label in enumerate(labels * 2)], name=f"{number}.csv")
        got = kept(load, tmp_path, source)
        assert got.names == ("01", "1", "--5", "②") and [got.names[label] for label in got.y] == list(labels * 2)


def test_t2_what_is_left_out_is_said_and_is_part_of_the_identity(tmp_path):
    got = kept(load, tmp_path, file(tmp_path, [(row, row, *cells) for row, cells in enumerate(NUMBERS)], ",id,a,b,label"))
    assert got.notes == ("1 column without a name is left out",
                         "'id' is left out: it counts or names the rows; `features` takes it")
    assert got.features == ("a", "b")
    known = replace(planned("row", (2,)).study.inspections["npz:x.npz"], features=got.features)
    whole = planned("row", (2,), **SCALE)
    fewer = plan(replace(whole.study, inspections={"npz:x.npz": known}))
    assert {arm.recipe.data.features for arm in fewer.arms} == {("a", "b")}
    assert {run.run_id for run in fewer.runs}.isdisjoint(run.run_id for run in whole.runs)


def test_t2_a_table_that_is_read_whole_has_nothing_to_say(tmp_path):
    got = kept(load, tmp_path, file(tmp_path, NUMBERS))
    assert got.notes == () and got.features == ()


def test_t2_whole_numbers_that_no_double_holds_are_said(tmp_path):
    assert "more than 15 digits are rounded, in 'a'" in noted(tmp_path, [(2**53 + 1 + row, row % 5, row % 2) for row in range(9)])
    assert noted(tmp_path, [(2**53 - row % 2, row % 5, row % 2) for row in range(9)], name="y.csv").count("rounded") == 0


@pytest.mark.parametrize(("fields", "words"), [
    ({"features": ("a", "label")}, "features: 'label' is the column of the labels too"),
    ({"features": ("a", "a")}, "features: 'a' is named twice"), ({"text": "label"}, "text: 'label' is the column of the labels too"),
])
def test_t4_a_column_is_one_thing_and_once(fields, words, tmp_path):
    assert words in refused(tmp_path, [(row, row % 5, row % 2) for row in range(9)], fields=fields)
