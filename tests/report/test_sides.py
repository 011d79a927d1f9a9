"""Both designs side by side: each change's two answers are the verdicts of its two arms."""

from dataclasses import replace

import pytest

from dlbench.analysis import analyse
from dlbench.report.sections.verdicts import DESIGN, SECTION
from tests.report.conftest import Shape, build, markdown_of, page_of, shown

pytestmark = pytest.mark.usefixtures("undrawn")
ARMS = {"baseline": 0.0, "a": 0.02, "b": 0.0, "everything": 0.03, "without a": 0.0, "without b": 0.03}


def both():
    """A finished study of two changes in both designs."""
    made = build(ARMS, Shape(seeds=8, epochs=2, noise=0.0005), design=DESIGN)
    references = [None, "baseline", "baseline", None, "everything", "everything"]
    changes = [{} if reference is None and arm == "baseline" else {"model.dropout": (0.0, 0.5)} for arm, reference in zip(ARMS, references)]
    return replace(made, arms=made.arms.assign(reference=references, changes=changes))


def test_each_change_has_both_answers_from_one_family():
    analysis = analyse(both())
    table = analysis.verdicts.set_index("arm")
    assert len(table) == 4, "four comparisons, one family"
    found = {row[0]: row[1:] for row in shown(SECTION, analysis.results)[1]["sides"]}
    assert list(found) == ["a", "b"]
    for arm, (_, added, _, left_out) in found.items():
        assert added == table.loc[arm, "verdict"] and left_out == table.loc[f"without {arm}", "verdict"]
    assert found["a"][1::2] == ("helps", "hurts")


def test_the_report_shows_them():
    analysis = analyse(both())
    assert 'id="sides"' in page_of(analysis) and "### Side by side" in markdown_of(analysis)


def test_other_designs_do_not(results):
    assert 'id="sides"' not in page_of(analyse(results))
