"""Size, saved compute and gradients are told where a study has them, and only there."""

from dataclasses import replace

import pytest

from dlbench.analysis import analyse
from dlbench.report.sections.economy import SECTION
from tests.report.conftest import build, markdown_of, page_of, shown

pytestmark = pytest.mark.usefixtures("undrawn")
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


def told(results):
    return shown(SECTION, results)[0]


def test_size_stands_beside_the_score(results):
    rows = {row[0]: row for row in shown(SECTION, results)[1]["sizes"]}
    assert set(rows) == {"baseline", "int8"}, "arms that change the size, and their reference"
    assert rows["int8"][2:5] == ("1,200 B", "0.30×", "90.0 %") and rows["baseline"][3] == "–"


def test_early_stopping_reports_the_compute_it_saves(results):
    assert shown(SECTION, results)[1]["saved"] == (("stops <early>", "8 of 8", "20.0", "300", "120", "60.0 %"),)
    assert "stops <early> stopped 8 of 8 runs early, after 20.0 epochs on average, and saved 60.0 %" in " ".join(told(results))


def test_gradient_norms_have_a_column_a_layer(results):
    (table,) = [block for block in SECTION.build(analyse(results)) if getattr(block, "name", "") == "gradients"]
    assert [column.header for column in table.columns] == ["Arm", "dense_1", "dense_2"]
    assert shown(SECTION, results)[1]["gradients"][0][1:] == ("0.00015", "0.25")
    assert "first layer over that in the last, in the first epoch: baseline 0.0006, int8 0.0006" in " ".join(told(results))


def test_zero_weights_are_told_of_what_is_to_make_them_and_its_reference(results):
    assert not [text for text in told(results) if "exactly zero" in text]
    arms, runs = results.arms.copy(), results.runs.copy()
    arms["changes"] = [{}, {"regularization.l1": (0.0, 1e-3), "regularization.l1_form": ("subgradient", "proximal")}, {}]
    runs.loc[runs["arm"] == "baseline", "nonzero_parameters"] = 1000
    (text,) = [text for text in told(replace(results, arms=arms, runs=runs)) if "exactly zero" in text]
    assert text.endswith("baseline 0.0 % and int8 10.0 %.")


def test_measured_time_stands_beside_the_count_of_operations():
    made = build({"baseline": 0.0, "separable_conv": -0.01, "batch_size size=128": 0.0})
    arms, rounds = made.arms.copy(), made.rounds.copy()
    arms["changes"] = [{}, {"model.separable": (None, "all_but_first")}, {"training.batch_size": (32, 128)}]
    arms["recipe"] = [{}, {"model.separable": "all_but_first"}, {"training.batch_size": 128}]
    rounds["step_ms"] *= rounds["arm"].map({"baseline": 2.0, "separable_conv": 1.0, "batch_size size=128": 4.0}) / [
        *rounds["step_ms"].groupby(rounds["arm"], sort=False).transform("median")]
    rounds["reference_step_ms"] = 2.0
    trained = made.runs.assign(train_macs=made.runs["arm"].map({"baseline": 90.0, "separable_conv": 45.0, "batch_size size=128": 90.0}))
    texts, tables = shown(SECTION, replace(made, arms=arms, rounds=rounds, runs=trained))
    assert [row[5] for row in tables["speeds"]] == ["–", "0.50×", "1.00×"]
    assert [row[:3] for row in tables["speeds"]] == [("baseline", "32", "16,000"), ("separable_conv", "32", "32,000"),
                                               ("batch_size size=128", "128", "32,000")]
    assert tables["speeds"][0][6:] == ("–", "–")
    (text,) = texts
    assert text.startswith("separable_conv has 0.37× the parameters and 0.29× the multiply-accumulates of its reference; measured, it "
                           "takes 0.50× (0.49 to 0.51) the training time")


def test_a_study_without_any_has_no_such_section():
    made = build({"baseline": 0.0, "dropout rate=0.5": 0.01})
    assert shown(SECTION, replace(made, runs=made.runs.drop(columns="model_bytes", errors="ignore"))) == ([], {})


def test_the_section_is_in_both_formats(results):
    analysis = analyse(results)
    assert "Compute saved" in markdown_of(analysis) and "Compute saved" in page_of(analysis)
