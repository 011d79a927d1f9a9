"""Size, saved compute and gradients are told where a study has them, and only there."""

from dataclasses import replace

import pytest

from dlbench.report import economy, html, markdown
from dlbench.report.analysis import analyse
from tests.report.conftest import build

ARMS = {"baseline": 0.0, "int8": -0.002, "stops <early>": 0.001}


@pytest.fixture(scope="module")
def results():
    made = build(ARMS)
    arms = made.arms.copy()
    arms["changes"] = [{}, {"compression.bits": (None, 8)}, {"training.early_stopping.patience_epochs": (None, 5)}]
    arms["recipe"] = [{}, {"compression.bits": 8}, {"training.early_stopping.patience_epochs": 5}]
    runs = made.runs.assign(model_bytes=made.runs["arm"].map({"baseline": 4000, "int8": 1200, "stops <early>": 4000}),
                            nonzero_parameters=900, parameters=1000, steps=made.runs["arm"].map(dict(zip(ARMS, (300, 300, 120)))),
                            planned_steps=300)
    runs["gradient_norm/dense_1"], runs["gradient_norm/dense_2"] = 1.5e-4, 0.25
    return replace(made, arms=arms, runs=runs)


def test_size_stands_beside_the_score(results):
    table = next(table for table in economy.section(results).tables if table.name == "sizes")
    rows = {row[0]: row for row in table.rows}
    assert set(rows) == {"baseline", "int8"}, "arms that change the size, and their reference"
    assert rows["int8"][2:5] == ("1,200 B", "0.30×", "90.0 %") and rows["baseline"][3] == "–"


def test_early_stopping_reports_the_compute_it_saves(results):
    table = next(table for table in economy.section(results).tables if table.name == "saved")
    assert table.rows == (("stops <early>", "300", "120", "60.0 %"),)


def test_gradient_norms_have_a_column_a_layer(results):
    table = next(table for table in economy.section(results).tables if table.name == "gradients")
    assert table.headers == ("Arm", "dense_1", "dense_2") and table.rows[0][1:] == ("0.00015", "0.25")


def test_a_study_without_any_has_no_such_section():
    made = build({"baseline": 0.0, "dropout rate=0.5": 0.01})
    assert economy.section(replace(made, runs=made.runs.drop(columns="model_bytes", errors="ignore"))) is None


def test_the_section_is_in_both_formats(results):
    analysis = analyse(results)
    assert "Compute saved" in markdown.render(analysis, ()) and "Compute saved" in html.render(analysis)
