"""The comparison as text fits a terminal, and says where there is nothing to compare."""

from dataclasses import replace

import pytest

from dlbench.analysis.comparison import compare_results
from dlbench.report.comparison import text
from tests.analysis.test_comparison import EFFECTS, side
from tests.report.conftest import Shape, build, fail


@pytest.fixture(scope="module")
def a():
    return build(EFFECTS, Shape(seeds=8, epochs=2))


def test_the_text_fits_80_columns(a):
    long = {"baseline": 0.0, "batch_size size=128 lr_rule=linear and a name that goes on and on": 0.01}
    for made in (a, build(long, Shape(seeds=8, epochs=2)), build(EFFECTS, Shape(seeds=1, epochs=2))):
        found = compare_results(side("reports/a", made), side("reports/b", fail(made, "baseline", [0])))
        lines = text(found).splitlines()
        assert max(map(len, lines)) <= 80 and all(any(arm[:8] in line for line in lines) for arm in found.verdicts["arm"])


def test_nothing_in_common_is_said(a):
    names = a.arms.assign(arm=["x", "y", "z"])
    assert "Nothing to compare" in text(compare_results(side("a", a), side("b", replace(a, arms=names))))


@pytest.mark.parametrize("state", ["incomparable", "uncontrolled", "fault", "not proven"])
def test_what_keeps_an_arm_from_being_controlled_stands_beside_its_verdict(a, state):
    doubtful = replace(a, runs=a.runs.assign(control=state, control_faults="a reason"))
    assert f"; {state}: in B: a reason (8 of 8" in " ".join(text(compare_results(side("a", a), side("b", doubtful))).split())
