"""Each figure draws what its table says."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dlbench.analysis import analyse
from dlbench.analysis.costs import pareto
from dlbench.analysis.curves import summary
from dlbench.analysis.targets import share_reached
from dlbench.report import figures, frames
from dlbench.report.figures.axis import reach
from dlbench.report.figures.canvas import canvas, drawing, inline, svg
from dlbench.report.figures.effects import spread
from dlbench.report.study import study_document


@pytest.fixture(scope="module")
def analysis(results):
    return analyse(results)


def plotted(plot, table):
    with drawing("test"):
        _, ax = canvas(6, 4)
        assert plot(table, ax) is ax
    return ax


def test_the_forest_puts_each_arm_at_its_difference(analysis):
    table = frames.verdicts(analysis)
    ax = plotted(figures.forest, table)
    assert [label.get_text() for label in ax.get_yticklabels()] == list(table["arm"])
    points = [line.get_xydata()[0].tolist() for line in ax.lines if len(line.get_xdata()) == 1]
    assert points == [[value, position] for position, value in enumerate(table["difference"])]
    assert "pp" in ax.get_xlabel() and "better" in ax.get_xlabel()
    assert sum("n 8" in text.get_text() for text in ax.texts) == len(table)


def test_every_seed_is_a_dot(analysis):
    table = frames.pairs(analysis, frames.verdicts(analysis))
    ax = plotted(figures.seeds, table)
    assert sum(len(dots.get_offsets()) for dots in ax.collections) == len(table)


def test_the_curve_is_the_mean_over_seeds(analysis, results):
    table = next(frames.curves(analysis, analysis.verdicts))
    means = results.curves[results.curves["arm"] == table.attrs["arm"]].groupby("epoch")["validation_accuracy"].mean()
    line = plotted(figures.curves, table).lines[1]
    np.testing.assert_allclose(line.get_ydata(), means.to_numpy() * 100)


def test_the_difference_over_the_epochs_is_that_of_the_pairs_and_ends_where_the_curves_end(analysis, results):
    table = next(frames.developments(analysis, analysis.verdicts))
    curve, (arm, reference) = results.curves, (table.attrs["arm"], table.attrs["reference"])
    last = curve[curve["epoch"] == curve["epoch"].max()].pivot(index="seed", columns="arm", values="validation_accuracy")
    d = 100 * (last[arm] - last[reference])
    exact = stats.ttest_1samp(d, 0).confidence_interval(0.95)
    end = table.iloc[-1]
    np.testing.assert_allclose([end["difference"], end["low"], end["high"]], [d.mean(), exact.low, exact.high])
    ax = plotted(figures.development, table)
    np.testing.assert_allclose(ax.lines[-1].get_ydata()[-1], d.mean())
    assert table.attrs["margin"] == 100 * analysis.margin and ax.get_ylim()[1] >= table.attrs["margin"]


def test_an_empty_table_says_so_instead_of_drawing_axes():
    for plot in (figures.forest, figures.seeds, figures.curves, figures.development, figures.target):
        ax = plotted(plot, pd.DataFrame())
        assert ax.texts and not ax.axison


def test_every_file_is_well_formed_small_and_themed_in_a_page(drawn):
    for figure in drawn[1].figures():
        ET.fromstring(figure.svg)
        assert len(figure.svg) < 100_000
        page = inline(figure.svg, figure.alt)
        ET.fromstring(page)
        assert not re.search(r"(?:fill|stroke): #[0-9a-f]{6}", page), figure.name


def test_figures_of_one_page_share_no_identifier(drawn):
    seen = [name for figure in drawn[1].figures() for name in re.findall(r' id="([^"]+)"', figure.svg)]
    assert len(seen) == len(set(seen))


def test_marks_carry_the_arm_and_its_numbers(drawn):
    analysis, document = drawn
    forest = next(figure for figure in document.figures() if figure.name == "forest")
    for row in analysis.verdicts.itertuples():
        assert re.search(rf'<g data-arm="{row.id}"><title>{re.escape(row.arm)}: {row.verdict}, [^<]* of 8</title>', forest.svg)


def test_hostile_names_are_text_in_figures(hostile):
    for figure in study_document(analyse(hostile)).figures():
        root = ET.fromstring(figure.svg)
        assert not [
            element
            for element in root.iter()
            if element.tag.split("}")[1]
            not in {"svg", "g", "path", "defs", "use", "style", "text", "title", "clipPath", "rect", "tspan"}
        ]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=20))
def test_the_front_is_exactly_what_no_point_beats(points):
    cost, gain = np.array(points, float).T
    for index, on_front in enumerate(pareto(cost, gain)):
        beaten = any(
            (c <= cost[index] and g >= gain[index]) and (c < cost[index] or g > gain[index]) for c, g in zip(cost, gain)
        )
        assert on_front != beaten


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=20))
def test_time_to_target_counts_censored_runs_and_never_falls(runs):
    times, hit = np.array([run[0] for run in runs], float), np.array([run[1] for run in runs])
    steps, shares = share_reached(times, hit)
    assert (np.diff(shares) >= -1e-12).all() and (np.diff(steps) > 0).all()
    assert shares[0] == 0 and steps[-1] == times.max()
    assert (shares[-1] > 0) == hit.any()
    if hit.all():
        assert shares[-1] == pytest.approx(1)


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=30))
def test_dots_stay_in_their_row(values):
    assert np.abs(spread(np.array(values), 0.5)).max() <= 0.36 + 1e-9


def test_one_outlier_does_not_squeeze_the_axis():
    rows = pd.DataFrame({"difference": [0.1] * 9 + [60.0], "low": [0.0] * 9 + [59.0], "high": [0.2] * 9 + [61.0]})
    assert reach(rows, margin=0.5) <= 2.0
    assert reach(rows.iloc[:9], margin=0.1) >= 0.2


def test_the_summary_of_one_seed_has_no_spread():
    rows = pd.DataFrame({"arm": "a", "seed": 0, "epoch": range(1, 301), "value": 0.5})
    found = summary(rows)
    assert (found["sd"] == 0).all() and len(found) <= 60 and found["epoch"].max() == 300


def test_the_same_figure_has_the_same_bytes(analysis):
    table = frames.verdicts(analysis)
    texts = set()
    for _ in range(2):
        with drawing("twice"):
            figure, ax = canvas(6, 4)
            figures.forest(table, ax)
            texts.add(svg(figure))
    assert len(texts) == 1
