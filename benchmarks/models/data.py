"""Data for every model: ``images_32`` is a function that returns images of 32x32x3, ``text_20`` sentences, ``rows_16`` rows of numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

EXAMPLES, CLASSES = 48, 3


def __getattr__(name: str) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
    kind, _, size = name.partition("_")
    makers = {"images": _images, "text": _text, "rows": _rows}
    if kind not in makers or not size.isdigit():
        raise AttributeError(name)
    return lambda: (makers[kind](int(size)), np.arange(EXAMPLES) % CLASSES)


def _images(size: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (EXAMPLES, size, size, 3)).astype(np.uint8)


def _rows(size: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(EXAMPLES, size)).astype(np.float32)


def _text(words: int) -> np.ndarray:
    draws = np.random.default_rng(0).integers(0, 200, (EXAMPLES, words))
    return np.array([" ".join(f"word{number}" for number in row) for row in draws])
