"""A study with several metrics: verdicts on each in one family, a section for those after the first, and judging by one afterwards."""

import numpy as np

from dlbench.analysis import analyse
from dlbench.analysis.rejudge import rejudged
from dlbench.report import render
from dlbench.report.sections.metrics import SECTION
from tests.report.conftest import build

METRICS = [["test_accuracy", 0.005], ["test_loss", 0.05]]


def several():
    results = build({"baseline": 0.0, "up": 0.03, "same": 0.0}, metrics=METRICS)
    results.runs["test_loss"] = 1 - results.runs["test_accuracy"] + np.where(results.runs["arm"] == "up", 0.3, 0.0)
    return results


def test_the_first_metric_decides_and_the_others_follow():
    analysis, alone = analyse(several()), analyse(build({"baseline": 0.0, "up": 0.03, "same": 0.0}))
    (loss,) = analysis.further
    assert analysis.metric.name == "test_accuracy" and loss.metric.name == "test_loss" and loss.margin == 0.05
    first, second = (one.verdicts.set_index("arm").sort_index() for one in (analysis, loss))
    assert first.loc["up", "verdict"] == "helps" and second.loc["up", "verdict"] == "hurts"
    assert (second["p_adjusted"] >= first["p_adjusted"]).all()
    assert (first["p_adjusted"] >= alone.verdicts.set_index("arm").sort_index()["p_adjusted"]).all() and not alone.further


def test_the_section_has_a_table_a_metric_and_says_how_they_are_judged(tmp_path):
    blocks = list(SECTION.build(analyse(several())))
    assert "gatekeeping" in blocks[0].text and "hurts" in str(blocks[2].text) and blocks[3].title == "Verdicts on test loss"
    assert not list(SECTION.build(analyse(build({"baseline": 0.0, "up": 0.03}))))
    (page,) = render(several(), tmp_path, ("md",))[:1]
    assert "1 hurts: up (+0.2" in page.read_text()


def test_judging_by_one_metric_afterwards_leaves_the_family():
    chosen = rejudged(several(), "test_loss", 0.05)
    assert "metrics" not in chosen.study and chosen.study["declared_first"]["metrics"] == METRICS and not analyse(chosen).further
    assert analyse(chosen).declared.further
