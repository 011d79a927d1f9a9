"""The section on several budgets, and what other parts of the report say of them."""

import re

import pytest

from dlbench.analysis import analyse
from dlbench.exports.tables import tables
from dlbench.report import html, markdown
from dlbench.report.closing import closing
from dlbench.report.document import Panels, Table
from dlbench.report.sections import budgets
from dlbench.report.study import study_document
from tests.budgeted import made


@pytest.fixture(scope="module")
def analysis(tmp_path_factory):
    return analyse(made(tmp_path_factory.mktemp("budgets")))


def test_a_figure_and_two_tables_show_every_arm_at_every_budget(analysis):
    _, panels, turns, effects = budgets.build(analysis)
    assert isinstance(panels, Panels) and len(panels.each) == 3
    assert all("20 epochs: " in figure.svg and "5 epochs: " in figure.svg for figure in panels.each)
    assert isinstance(turns, Table) and isinstance(effects, Table) and (len(turns.rows), len(effects.rows)) == (3, 9)


def test_the_page_says_where_verdicts_turn_and_what_is_one_family(analysis):
    text = markdown.render(study_document(analysis))
    assert "These are the verdicts at 20 epochs, the longest budget; 2 of 3 turn with the budget: " in text
    assert "dropout rate=0.5 helps up to 10 epochs, no meaningful effect at 20" in text
    assert "Holm-adjusted over 3 arms at 3 budgets" in text and "budget: 5, 10 and 20 epochs" in text
    assert "runs: 120 of 120 finished" in text
    [cosine, dropout] = [next(line for line in text.splitlines() if line.startswith(f"| {arm}") and line.endswith(f"{times} |"))
                         for arm, times in (("lr\\_schedule", "3 times"), ("dropout", "once"))]
    assert "no meaningful effect at every budget" in cosine and "helps up to 10 epochs" in dropout


def test_identifiers_on_the_page_are_unique(analysis):
    identifiers = re.findall(r' id="([^"]+)"', html.render(study_document(analysis)))
    assert sorted(identifiers) == sorted(set(identifiers))


def test_the_terminal_and_the_export_have_them(analysis, tmp_path):
    assert "l2 strength=0.01: no meaningful effect up to 10 epochs, hurts at 20" in closing(analysis, tmp_path)
    assert len(tables(analysis)["budgets"]) == 9


def test_verdicts_that_do_not_turn_are_said_to_be_the_same(tmp_path):
    same = analyse(made(tmp_path, arms=[{"technique": "lr_schedule", "kind": "cosine"}]))
    assert "the longest budget; at 5 and 10 epochs they are the same." in markdown.render(study_document(same))


def test_a_study_with_one_budget_has_no_such_section(tmp_path):
    one = analyse(made(tmp_path, budget={"epochs": 20}))
    assert list(budgets.build(one)) == [] and "budget" not in tables(one) and "budgets" not in tables(one)
