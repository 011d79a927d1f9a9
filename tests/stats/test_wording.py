"""Sentences: their numbers, their precision, and never a NaN."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dlbench.stats.method import Rule
from dlbench.stats.wording import Finding, format_effect, format_margin, format_p, reason
from dlbench.values.verdict import Verdict

POINTS = Rule(0.005, unit="accuracy")
numbers = st.floats(-1e12, 1e12)


def finding(verdict, effect=(0.004, -0.002, 0.010), p=0.2, p_tost=0.4, needed=21):
    return Finding("dropout", "baseline", 8, 8, *effect, p, p_tost, 6, 2, Verdict(verdict), needed)


def test_the_example_of_the_specification():
    said = reason(Finding("a", "b", 8, 8, 0.008, 0.003, 0.013, 0.004, 1.0, 8, 0, Verdict.HELPS), POINTS)
    assert said == "+0.8 points [0.3, 1.3], 8 of 8 seeds better, adjusted p 0.004"


def test_inconclusive_says_how_many_seeds_would_decide():
    assert "about 21 seeds would decide" in reason(finding("inconclusive"), POINTS)
    assert "more than a million seeds" in reason(finding("inconclusive", needed=None), POINTS)


def test_significant_inside_the_margin_is_said():
    said = reason(finding("no meaningful effect", (0.002, 0.001, 0.003), p=0.01, p_tost=0.001), POINTS)
    assert "shown to be within ±0.5 points" in said and "significant (adjusted p 0.01) but wholly inside the margin" in said
    assert "significant" not in reason(finding("no meaningful effect", (0.0, -0.001, 0.001), 0.9, 0.001), POINTS)


def test_failed_seeds_and_missing_runs_are_said():
    short = finding("hurts", (-0.02, -0.03, -0.01), p=0.001)._replace(n=5)
    assert reason(short, POINTS).endswith("only 5 of 8 planned seeds completed in both arms")
    assert reason(Finding("a", "b", 1, 8), POINTS).startswith("only 1 of 8 planned seeds")
    assert reason(Finding("a", "b", 0, 0), POINTS).startswith("no seed completed")


def test_equal_differences_are_said():
    tied = finding("inconclusive", (0.0, 0.0, 0.0), 1.0, 1.0)._replace(seeds_needed=None, objection="all 8 differences are exactly 0")
    assert reason(tied, POINTS).endswith("no difference is shown, and neither is its absence: all 8 differences are exactly 0")
    assert "the sign-flip p decides" in reason(finding("helps", (0.02, 0.02, 0.02), 0.01, 1.0), POINTS)


@pytest.mark.parametrize(("unit", "text"), [("s", "+0.50 s [0.30, 0.70]"), ("", "+0.50 [0.30, 0.70]"),
                                            ("fraction", "+50 points [30, 70]")])
def test_units(unit, text):
    assert format_effect(0.5, 0.3, 0.7, unit) == text
    assert format_margin(0.5, "s") == "±0.5 s"


@settings(deadline=None)
@given(st.floats(0, 1))
def test_rounding_a_p_never_moves_it_across_alpha(p):
    text = format_p(p, 0.05)
    assert text == "p < 0.001" if p < 0.001 else (float(text[2:]) < 0.05) == (p < 0.05)


@settings(deadline=None)
@given(numbers, numbers, numbers, st.sampled_from(["accuracy", "s", ""]))
@example(5e-324, 5e-324, 5e-324, "accuracy")
def test_no_effect_is_written_as_nan_or_minus_zero(x, y, z, unit):
    low, middle, high = sorted((x, y, z))
    text = format_effect(middle, low, high, unit)
    assert not re.search(r"nan|inf|(?<![\d.])-0(\.0*)?(?![\d.])", text)
