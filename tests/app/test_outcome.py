"""The exit code follows from what happened, in one order."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from dlbench.app.outcome import Exit, Outcome, held_conditions, worst

HELD = {"hurts": ["dropout"]}
TABLE = pd.DataFrame({
    "arm": ["a", "b", "c", "d", "e"], "verdict": ["hurts", "helps", "inconclusive", "no verdict", "hurts"],
    "control": ["controlled", "uncontrolled", "incomparable", "fault", "inert"]})


@pytest.mark.parametrize("failed, held, nothing", [*itertools.product((False, True), ({}, HELD), (False, True))])
def test_a_failure_goes_before_a_condition_and_that_before_nothing(failed, held, nothing):
    assert Outcome(failed, held, nothing).code == (3 if failed else 1 if held else 4 if nothing else 0)


@pytest.mark.parametrize("codes, code", [((0, 1), 1), ((1, 4), 4), ((4, 3), 3), ((0,), 0), ((1, 3, 0), 3)])
def test_of_several_studies_a_failure_goes_before_nothing_and_that_before_a_condition(codes, code):
    assert worst([Exit(one) for one in codes]) == code


@pytest.mark.parametrize("condition, arms", [("hurts", ["a", "e"]), ("inconclusive", ["c"]), ("uncontrolled", ["b", "c", "d"])])
def test_a_condition_names_the_arms_that_it_holds_for(condition, arms):
    assert held_conditions(TABLE, [condition]) == {condition: arms}
    assert held_conditions(TABLE[TABLE["arm"] == "none"], [condition]) == {}
