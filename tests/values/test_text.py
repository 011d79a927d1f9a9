"""Names, counts and lines in words lose nothing silently."""

from hypothesis import given
from hypothesis import strategies as st

from dlbench.values.text import listed, one_line


@given(st.text(), st.integers(2, 40))
def test_one_line_fits_and_is_printable(text, most):
    assert len(one_line(text, most)) <= most
    assert all(sign.isprintable() for sign in one_line(text))


@given(st.lists(st.text("abc", min_size=1), min_size=1, max_size=12))
def test_a_list_names_or_counts_everything(words):
    text = listed(words, most=4)
    assert text.startswith(words[0])
    assert (f"{len(words) - 4} more" in text) == (len(words) > 4)
