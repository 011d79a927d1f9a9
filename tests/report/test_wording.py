"""Numbers read back as what they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbench.report import wording
from dlbench.report.wording import Unit, number, shortened

PERCENT = Unit(100.0, "%", "percentage points", "pp", 2)


@given(st.floats(-1e6, 1e6))
def test_a_number_reads_back_to_its_precision(value):
    text = number(value, 3, sign=True).replace("−", "-").replace(",", "")
    assert float(text) == pytest.approx(value, abs=0.00051)


@given(st.floats(-1e-3, 1e-3))
def test_a_rounded_zero_has_no_sign(value):
    assert number(value, 1, sign=True) == "0.0"


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), "text"])
def test_what_is_no_number_is_a_dash(value):
    assert {
        number(value),
        wording.level(value, PERCENT),
        wording.difference(value, PERCENT),
        wording.ratio(value),
        wording.count(value),
        wording.probability(value),
        wording.interval(value, 1.0, PERCENT),
    } == {"–"}


@given(st.text(), st.integers(2, 40))
def test_short_text_fits_and_is_one_line(text, most):
    assert len(shortened(text, most)) <= most and all(sign.isprintable() for sign in shortened(text, most))


@given(st.floats(0.0, 1.0))
def test_rounding_never_moves_p_across_the_level(p):
    text = wording.probability(p)
    assert (text.startswith("<") or float(text) < 0.05) == (p < 0.05)
