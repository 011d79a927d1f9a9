"""Both designs side by side: each change's two answers are the verdicts of its two arms."""

from dataclasses import replace

import pytest

from dlbench.analysis import analyse
from dlbench.report import sides
from tests.report.conftest import Shape, build, markdown_of, page_of

pytestmark = pytest.mark.usefixtures("undrawn")
ARMS = {"baseline": 0.0, "a": 0.02, "b": 0.0, "everything": 0.03, "without a": 0.0, "without b": 0.03}


def both():
    """A finished study of two changes in both designs."""
    made = build(ARMS, Shape(seeds=8, epochs=2, noise=0.0005), design=sides.DESIGN)
    references = [None, "baseline", "baseline", None, "everything", "everything"]
    changes = [{} if reference is None and arm == "baseline" else {"model.dropout": (0.0, 0.5)} for arm, reference in zip(ARMS, references)]
    return replace(made, arms=made.arms.assign(reference=references, changes=changes))


def test_each_change_has_both_answers_from_one_family():
    analysis = analyse(both())
    table = analysis.verdicts.set_index("arm")
    assert len(table) == 4, "four comparisons, one family"
    found = {row["arm"]: row for row in sides.sides(analysis)}
    assert list(found) == ["a", "b"]
    for arm, row in found.items():
        assert row["added"]["verdict"] == table.loc[arm, "verdict"] and row["left_out"]["verdict"] == table.loc[f"without {arm}", "verdict"]
    assert (found["a"]["added"]["verdict"], found["a"]["left_out"]["verdict"]) == ("helps", "hurts")


def test_the_report_shows_them():
    analysis = analyse(both())
    assert 'id="sides"' in page_of(analysis) and "### Side by side" in markdown_of(analysis)


def test_other_designs_do_not(results):
    assert sides.sides(analyse(results)) == [] and 'id="sides"' not in page_of(analyse(results))
