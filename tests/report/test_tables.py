"""CSV and LaTeX: numbers in full, text harmless."""

import csv
import io
import re

import pandas as pd
import pytest

from dlbench.analysis import analyse
from dlbench.report import tables
from tests.report.conftest import HOSTILE, Shape, build


def test_csv_reads_back_to_the_same_numbers(results):
    analysis = analyse(results)
    rows = list(csv.DictReader(io.StringIO(tables.csv_text(tables.verdicts(analysis)))))
    for row, known in zip(rows, analysis.verdicts.itertuples(), strict=True):
        assert float(row["difference"]) == known.difference
        assert row["verdict"] == known.verdict


def test_no_cell_of_a_hostile_study_is_a_formula(hostile):
    analysis = analyse(hostile)
    for table in (tables.verdicts(analysis), tables.runs(analysis)):
        for row in csv.reader(io.StringIO(tables.csv_text(table))):
            assert not any(cell.lstrip().startswith(("=", "+", "@")) for cell in row)
            assert not any(re.match(r"\s*-(?![\d.])", cell) for cell in row)


def test_latex_is_a_whole_table_and_runs_nothing(hostile):
    text = tables.tex(analyse(hostile))
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 1
    assert r"\input" not in text and "$y$" not in text
    body = text.split(r"\midrule")[1].split(r"\bottomrule")[0].strip().split("\n")
    assert len(body) == len(HOSTILE)
    assert all(len(re.findall(r"(?<!\\)&", line)) == 5 and line.endswith(r"\\") for line in body)


@pytest.mark.parametrize("name", ["[9cm] a", "* a"])
def test_a_name_is_no_argument_of_the_line_before(name):
    text = tables.tex(analyse(build({"baseline": 0.0, "b": 0.1, name: 0.0}, Shape(seeds=3, epochs=1))))
    assert not re.search(r"\\\\\s*[\[*]", text)


@pytest.mark.parametrize("value", [None, float("nan")])
def test_what_does_not_exist_is_an_empty_cell(value):
    assert tables.csv_text(pd.DataFrame({"a": [value], "b": [1]})) == "a,b\n,1\n"
