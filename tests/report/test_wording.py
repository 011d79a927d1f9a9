"""Numbers read back as what they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbench.report import wording
from dlbench.report.wording import Unit, number, shortened
from dlbench.values.text import listed, one_line

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
    assert len(one_line(text, most)) <= most and len(shortened(text, most)) <= most
    assert all(sign.isprintable() for sign in one_line(text))


@given(st.lists(st.text("abc", min_size=1), min_size=1, max_size=12))
def test_a_list_names_or_counts_everything(words):
    text = listed(words, most=4)
    assert text.startswith(words[0])
    assert (f"{len(words) - 4} more" in text) == (len(words) > 4)


@given(st.floats(0.0, 1.0))
def test_rounding_never_moves_p_across_the_level(p):
    text = wording.probability(p)
    assert (text.startswith("<") or float(text) < 0.05) == (p < 0.05)
