"""Tables filled row by row are the tables that pandas makes of the same rows at once."""

import json

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from dlbench.store.columns import CURVE_COLUMNS, QUANTITIES, Columns, Curves

ROWS = st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(-5, 5), min_size=1), min_size=1, max_size=8)


@given(ROWS)
def test_columns_are_the_frame_of_the_rows(rows):
    table = Columns()
    for row in rows:
        table.append(row)
    pd.testing.assert_frame_equal(table.frame(), pd.DataFrame(rows), check_dtype=False)


def test_curves_are_kept_to_the_bit_with_what_was_not_measured_as_nan():
    kept = {name: [0.1 + 0.2, 1 / 3] for name in QUANTITIES} | {"validation_loss": [float("nan")] * 2}
    curves = Curves()
    curves.append("a", 3, json.dumps(kept))
    curves.append("failed", 0, "{}")
    curves.append("b", 4, json.dumps({"epoch": [1.0], "train_loss": [0.5]}))
    frame = curves.frame()
    assert list(frame) == CURVE_COLUMNS and frame["arm"].tolist() == ["a", "a", "b"] and frame["seed"].tolist() == [3, 3, 4]
    for name in QUANTITIES:
        np.testing.assert_array_equal(frame[name].to_numpy()[:2], kept[name])
    assert frame["train_loss"][2] == 0.5 and np.isnan(frame["seconds"][2])


def test_no_curves_are_an_empty_table():
    assert list(Curves().frame()) == CURVE_COLUMNS and not len(Curves().frame())
