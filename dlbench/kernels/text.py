"""Cleaning of sentences, before they are cut into words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable


def article_clean_text(text: str) -> str:
    """Drop everything but letters, digits and spaces, and join what is left by single spaces, as an article has it.

    Wrong: words that an apostrophe or a hyphen divides are joined; case is kept; the promised stop words stay.

    Example:
        >>> article_clean_text("a well-known fact, isn't it?")
        'a wellknown fact isnt it'
    """
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s]", "", text)).strip()


def clean_text(text: str) -> str:
    """One spelling a word: composed letters (NFC), lower case, and a space for whatever is neither letter nor digit.

    Example:
        >>> clean_text("A well-known fact, isn't it?")
        'a well known fact isn t it'

    Source: A. K. Uysal, S. Gunal, "The impact of preprocessing on text classification", 2014,
    https://doi.org/10.1016/j.ipm.2013.08.006.
    """
    text = unicodedata.normalize("NFC", text).lower()
    return " ".join(re.sub(r"[^\w]|_", " ", text).split())


CLEANERS: dict[str, Callable[[str], str]] = {"off": str, "article": article_clean_text, "proper": clean_text}
