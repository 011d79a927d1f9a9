"""The cleaning of sentences: the proper one, and the article's."""

from __future__ import annotations

from dlbench.values.case import Case

CLEANED = {
    "clean_text": ("proper", "hello world this is a sample text"), "article_clean_text": ("article", "Hello world This is a sample text"),
}

CASES = tuple(
    Case(f"{name}[100]", "text", "dlbench.engines.keras.measure.kernels:cleaned", {"kind": kind, "sentences": 100, "expected": expected})
    for name, (kind, expected) in CLEANED.items()
)
