"""Predicted numbers and residuals: the dots are the mean predictions of the runs, an arm's over its reference's."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from dlbench.analysis import analyse
from dlbench.analysis.residuals import MOST_DOTS, residuals
from dlbench.report import figures
from dlbench.report.figures.canvas import canvas, drawing
from dlbench.report.sections.residuals import SECTION
from tests.report.conftest import Shape, build

SEEDS, SIZE = 4, 50


def errors(results, size=SIZE, spread=1.0):
    """Run id -> targets and errors of test examples; those of the arm l2 are one higher."""
    draw, targets = np.random.default_rng(0), np.linspace(10, 20, size)
    return {row.run_id: np.stack([targets, spread * draw.normal(size=size) + (row.arm == "l2 strength=0.01")])
            for row in results.runs.itertuples()}


def analysed(kept, results):
    answers = SimpleNamespace(errors=lambda run_ids: {run_id: kept[run_id] for run_id in run_ids if run_id in kept})
    return replace(analyse(results), results=replace(results, answers=answers))


@pytest.fixture(scope="module")
def plain():
    return build({"baseline": 0.0, "l2 strength=0.01": 0.01, "dropout rate=0.5": 0.005}, Shape(SEEDS))


def tables(analysis, most=12):
    return list(residuals(analysis.results, analysis.verdicts, most))


def test_a_dot_is_the_mean_prediction_of_an_example_over_the_seeds(plain):
    kept = errors(plain)
    table = next(table for table in tables(analysed(kept, plain)) if table.attrs["arm"] == "l2 strength=0.01")
    for arm, rows in table.groupby("arm"):
        ids = plain.runs.loc[plain.runs["arm"] == arm, "run_id"]
        mean = np.mean([kept[run_id] for run_id in ids], axis=0)
        np.testing.assert_allclose(rows["target"], mean[0])
        np.testing.assert_allclose(rows["residual"], mean[1])
        np.testing.assert_allclose(rows["predicted"], mean[0] + mean[1])
    assert table.attrs["n"] == f"{SEEDS} seeds" and table.attrs["reference"] == "baseline"


def test_seeds_that_one_side_lacks_are_left_out_and_arms_without_pairs(plain):
    kept = errors(plain)
    runs = plain.runs
    lost = runs.loc[(runs["arm"] == "l2 strength=0.01") & (runs["seed"] == 0), "run_id"].item()
    gone = set(runs.loc[runs["arm"] == "dropout rate=0.5", "run_id"])
    left = {run_id: pair for run_id, pair in kept.items() if run_id != lost and run_id not in gone}
    (table,) = tables(analysed(left, plain))
    assert table.attrs["arm"] == "l2 strength=0.01" and table.attrs["n"] == f"{SEEDS - 1} seeds"


def test_examples_of_other_targets_are_never_averaged(plain):
    kept = errors(plain)
    kept[next(iter(kept))] = kept[next(iter(kept))] + 1
    assert tables(analysed(kept, plain)) == []


def test_of_many_examples_some_are_drawn_from_the_first_to_the_last(plain):
    kept = errors(plain, size=3 * MOST_DOTS)
    table = tables(analysed(kept, plain))[0]
    rows = table[table["arm"] == "baseline"]
    assert len(rows) == MOST_DOTS and (rows["target"].min(), rows["target"].max()) == (10, 20)


@pytest.mark.parametrize("size", [1, SIZE])
@pytest.mark.parametrize(("plot", "x", "y"), [(figures.predicted, "target", "predicted"), (figures.residuals, "predicted", "residual")])
def test_both_sides_are_drawn_at_their_numbers(plain, plot, x, y, size):
    table = tables(analysed(errors(plain, size), plain))[0]
    with drawing("test"):
        _, ax = canvas(3, 3)
        assert plot(table, ax) is ax
    drawn = [dots.get_offsets().data for dots in ax.collections]
    for dots, arm in zip(drawn, (table.attrs["reference"], table.attrs["arm"]), strict=True):
        np.testing.assert_allclose(dots, table.loc[table["arm"] == arm, [x, y]])
    with drawing("test"):
        _, ax = canvas(3, 3)
        assert plot(table.iloc[:0], ax) is ax


def test_the_section_is_there_for_numbers_alone(plain):
    blocks = list(SECTION.build(analysed(errors(plain), plain)))
    assert [block.name for block in blocks if hasattr(block, "name")] == ["predicted", "residuals"]
    assert list(SECTION.build(analysed({}, plain))) == [] == list(SECTION.build(analyse(plain)))
