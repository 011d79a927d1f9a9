"""The report on frozen arms: passes are what runs took over what a pass takes, and what falls short is said."""

from dataclasses import replace

import pytest

from benchmarks.features.document import document
from benchmarks.features.measured import WHOLE, Arm, Ran, Timed

FIRST = Ran(0, "done", "", 110.0, 104.0, {"train": 720, "validation": 128, "test": 200, WHOLE: 52})
LATER = Ran(1, "done", "", 1.0, 2.0, {})
ROUNDS = (Timed(100, 8.0, 9.0), Timed(100, 10.0, 10.0), Timed(100, 12.0, 14.0))


@pytest.fixture
def arm():
    return Arm("mine", "a base", {"train": 720, "validation": 80, "test": 200}, 2**30, 10, (FIRST, LATER), ROUNDS)


def test_passes_are_counted_in_examples_and_in_seconds_of_the_median_round(arm):
    assert arm.examples == 1000 and arm.counted_passes() == pytest.approx(1.1)
    assert arm.pass_s("processor_s") == pytest.approx([90, 100, 140])
    assert arm.passes("processor_s") == pytest.approx(1.06) and arm.passes("wall_s") == pytest.approx(1.11)


def test_the_goal_is_met_by_few_passes_of_runs_that_were_made(arm):
    assert arm.met(1.1) and not arm.met(1.11)
    assert not replace(arm, runs=(FIRST, replace(LATER, status="error", reason="full"))).met(1.0)


def test_the_report_says_what_was_measured(arm):
    text = document([arm], "python -m it", "a machine")
    assert "`python -m it` on a machine" in text and "from 100 examples; medians of 3 rounds" in text
    for line in ("| through the base: steps and evaluations of whole networks | 52 examples |",
                 "| **passes, counted in examples** | **1.10** |", "| goal, in examples | met |",
                 "| a pass, processor | 100.0 s (90.0 to 140.0) |", "| **passes, processor seconds** | **1.06** |",
                 "| features | 1,024.0 MiB |"):
        assert line in text
    assert text.endswith("| goal, in processor seconds | met |\n")


def test_what_fell_short_is_said(arm):
    short = replace(arm, runs=(replace(FIRST, processor_s=150.0, examples={WHOLE: 1000}), replace(LATER, status="error", reason="full")))
    text = document([arm, short], "x", "y")
    assert "| goal, in processor seconds | met | **NOT MET** |" in text
    assert "1.52 passes are more than 1.1: 1.00 by the count of examples; the other 52.0 s" in text
    assert "seed 1 failed (error): full" in text and "no features were used" in text
    assert len({line.count("|") for line in text.splitlines() if line.startswith("|")}) == 1
