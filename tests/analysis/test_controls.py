"""The worst seed decides an arm's control."""

import pandas as pd
import pytest

from dlbench.analysis import controls


def runs(*states, faults=None):
    return pd.DataFrame({"control": states, "control_faults": faults or [""] * len(states)})


@pytest.mark.parametrize(
    "states, expected",
    [
        (["controlled", "controlled"], "controlled"),
        (["controlled", "uncontrolled"], "uncontrolled"),
        (["uncontrolled", "fault"], "uncontrolled"),
        (["fault", "controlled"], "fault"),
        (["inert", "inert"], "inert"),
        (["inert", "controlled"], "controlled"),
        (["unknown", "controlled"], "controlled"),
        (["incomparable", "controlled"], "incomparable"),
        (["not proven", "controlled"], "not proven"),
        (["not proven", "inert"], "not proven"),
        (["not proven", "uncontrolled"], "uncontrolled"),
        (["not proven", "fault"], "fault"),
        (["unknown"], "unknown"),
        ([None], "unknown"),
        ([], "unknown"),
        (["baseline"], "baseline"),
    ],
)
def test_the_worst_state_is_the_arms(states, expected):
    state, text = controls.state(runs(*states))
    assert state == expected
    assert text


def test_reasons_are_counted_over_the_seeds():
    _, text = controls.state(runs("uncontrolled", "uncontrolled", "controlled", faults=["a", "a", ""]))
    assert text == "a (2 of 3 seeds)"


def test_an_inert_arm_says_how_often():
    assert controls.state(runs("inert", "controlled"))[1].endswith("(1 of 2 seeds)")


def test_a_table_without_controls_is_unknown():
    assert controls.state(pd.DataFrame({"arm": ["a"]}))[0] == "unknown"
