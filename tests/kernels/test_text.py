import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbench.kernels.text import article_clean_text, clean_text


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text):
    assert clean_text(clean_text(text)) == clean_text(text)
    assert article_clean_text(article_clean_text(text)) == article_clean_text(text)


@given(st.text())
def test_what_is_left_is_words_and_single_spaces(text):
    for clean in (clean_text, article_clean_text):
        assert clean(text) == " ".join(clean(text).split())
    assert all(part.isalnum() or unicodedata.category(letter)[0] in "MN" or letter.isalnum() for part in clean_text(text).split()
               for letter in part)


@given(st.text(st.characters(categories=["Ll", "Lu"]), min_size=1), st.sampled_from("-'.,!?/_"), st.text(min_size=1, alphabet="abc"))
def test_punctuation_divides_words_and_in_the_article_joins_them(one, mark, other):
    assert clean_text(f"{one}{mark}{other}").split()[-1] == other
    if mark != "_":
        assert article_clean_text(f"x{mark}{other}") == f"x{other}"


def test_one_spelling_whatever_the_encoding():
    assert clean_text("Cafe\u0301") == clean_text("CAFÉ") == "café"


def test_the_articles_own_example():
    assert article_clean_text("Hello, world! This is a sample text.") == "Hello world This is a sample text"
    assert clean_text("Hello, world! This is a sample text.") == "hello world this is a sample text"


@pytest.mark.parametrize("text, cleaned", [
    ("don't", "dont"), ("state-of-the-art", "stateoftheart"), ("the cat  is\non the mat", "the cat is on the mat"), ("", ""),
])
def test_the_articles_cleaning_joins_words_and_keeps_case_and_stop_words(text, cleaned):
    assert article_clean_text(text) == cleaned
