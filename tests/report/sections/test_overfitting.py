"""The gap between training and test accuracy is told where an arm does something about it, and only there."""

from dataclasses import replace

import numpy as np
import pytest

from dlbench.analysis import analyse
from dlbench.report.sections.overfitting import SECTION
from tests.report.conftest import build, fail, markdown_of, page_of, shown

GAPS = {"baseline": 0.2, "dropout rate=0.5": 0.1, "l2 strength=0.001": 0.3, "lr_schedule kind=cosine": 0.2}


def study(gaps=GAPS):
    made = build(dict.fromkeys(gaps, 0.0))
    draw = np.random.default_rng(0).normal(0, 0.01, len(made.runs))
    gap = made.runs["arm"].map(gaps) + draw
    return replace(made, runs=made.runs.assign(accuracy_gap=gap, train_accuracy=made.runs["test_accuracy"] + gap))


@pytest.fixture(scope="module")
def results():
    return study()


def test_it_says_who_narrows_the_gap_who_widens_it_and_who_does_neither(results):
    (told,) = shown(SECTION, results)[0]
    narrower, wider, neither = told.split("; ")
    assert "narrower with dropout rate=0.5 (−1" in narrower and "wider with l2 strength=0.001 (+" in wider
    assert "not shown to change with lr_schedule kind=cosine" in neither


def test_the_table_holds_the_means_and_the_paired_differences(results):
    rows = {row[0]: row for row in shown(SECTION, results)[1]["gap"]}
    means = results.runs.groupby("arm")["accuracy_gap"].mean()
    assert list(rows) == list(GAPS) and rows["baseline"][3] == f"{100 * means['baseline']:.2f} %"
    difference = 100 * (means["dropout rate=0.5"] - means["baseline"])
    assert f"(−{abs(difference):.2f} pp [" in rows["dropout rate=0.5"][3]


def test_it_is_told_on_the_seeds_that_both_completed(results):
    rows = {row[0]: row for row in shown(SECTION, fail(results, "dropout rate=0.5", list(range(7))))[1]["gap"]}
    assert "(" not in rows["dropout rate=0.5"][3], "one seed gives no interval"


def test_a_study_of_other_things_or_without_such_scores_has_none(results):
    assert shown(SECTION, study({"baseline": 0.2, "lr_schedule kind=cosine": 0.2})) == ([], {})
    assert shown(SECTION, build(dict.fromkeys(GAPS, 0.0))) == ([], {})


def test_both_formats_have_it(results, undrawn):
    analysis = analyse(results)
    assert "## Over-fitting" in markdown_of(analysis) and 'id="overfitting"' in page_of(analysis)
