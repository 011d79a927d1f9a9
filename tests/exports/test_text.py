"""CSV holds numbers in full, and no text that a spreadsheet would run."""

import csv
import io
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbench.analysis import analyse, tables
from dlbench.exports.text import cell, csv_text
from tests.report.conftest import hostile, results

__all__ = ["hostile", "results"]


def test_csv_reads_back_to_the_same_numbers(results):
    analysis = analyse(results)
    rows = list(csv.DictReader(io.StringIO(csv_text(tables.verdicts(analysis)))))
    for row, known in zip(rows, analysis.verdicts.itertuples(), strict=True):
        assert float(row["difference"]) == known.difference
        assert row["verdict"] == known.verdict


def test_no_cell_of_a_hostile_study_is_a_formula(hostile):
    analysis = analyse(hostile)
    for table in (tables.verdicts(analysis), tables.runs(analysis)):
        for row in csv.reader(io.StringIO(csv_text(table))):
            assert not any(cell.lstrip().startswith(("=", "+", "@")) for cell in row)
            assert not any(re.match(r"\s*-(?![\d.])", cell) for cell in row)


@pytest.mark.parametrize("value", [None, float("nan")])
def test_what_does_not_exist_is_an_empty_cell(value):
    assert csv_text(pd.DataFrame({"a": [value], "b": [1]})) == "a,b\n,1\n"


@given(st.text())
def test_no_cell_is_a_formula(text):
    assert not cell(text).lstrip().startswith(("=", "+", "-", "@"))



@given(st.floats(allow_nan=False) | st.integers())
def test_numbers_stay_numbers(value):
    assert cell(value) is value
