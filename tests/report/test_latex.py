"""The table as LaTeX is whole, and runs nothing."""

import re

import pytest

from dlbench.report import render
from tests.report.conftest import HOSTILE, Shape, build

pytestmark = pytest.mark.usefixtures("undrawn")


def paper_table(results, folder):
    """The text of verdicts.tex."""
    return render(results, folder, ("tex",))[0].read_text()


def test_latex_is_a_whole_table_and_runs_nothing(hostile, tmp_path):
    text = paper_table(hostile, tmp_path)
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 1
    assert r"\input" not in text and "$y$" not in text
    body = text.split(r"\midrule")[1].split(r"\bottomrule")[0].strip().split("\n")
    assert len(body) == len(HOSTILE)
    assert all(len(re.findall(r"(?<!\\)&", line)) == 5 and line.endswith(r"\\") for line in body)



@pytest.mark.parametrize("name", ["[9cm] a", "* a"])
def test_a_name_is_no_argument_of_the_line_before(name, tmp_path):
    text = paper_table(build({"baseline": 0.0, "b": 0.1, name: 0.0}, Shape(seeds=3, epochs=1)), tmp_path)
    assert not re.search(r"\\\\\s*[\[*]", text)
