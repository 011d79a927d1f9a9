"""The table as LaTeX is whole, and runs nothing."""

import re

import pytest

from dlbench.analysis import analyse
from dlbench.report import latex
from tests.report.conftest import HOSTILE, Shape, build


def test_latex_is_a_whole_table_and_runs_nothing(hostile):
    text = latex.tex(analyse(hostile))
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 1
    assert r"\input" not in text and "$y$" not in text
    body = text.split(r"\midrule")[1].split(r"\bottomrule")[0].strip().split("\n")
    assert len(body) == len(HOSTILE)
    assert all(len(re.findall(r"(?<!\\)&", line)) == 5 and line.endswith(r"\\") for line in body)



@pytest.mark.parametrize("name", ["[9cm] a", "* a"])
def test_a_name_is_no_argument_of_the_line_before(name):
    text = latex.tex(analyse(build({"baseline": 0.0, "b": 0.1, name: 0.0}, Shape(seeds=3, epochs=1))))
    assert not re.search(r"\\\\\s*[\[*]", text)
