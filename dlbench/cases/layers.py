"""Layers, penalties and losses, and the cleaning of sentences."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from dlbench.cases.augmentation import label
from dlbench.values.case import Case, Work

MAPS = ((14, 14, 64), 64)
SMALL_MAPS = ((28, 28, 32), 64)
NORMS = ("batch", "layer", "layer_all", "instance", "group")
DROPS = ("dropout", "spatial_dropout", "stochastic_depth")
PREPARE = "dlbench.engines.keras.measure.kernels"
CLEANED = {
    "clean_text": ("proper", "hello world this is a sample text"), "article_clean_text": ("article", "Hello world This is a sample text"),
}
"""Name of a case -> the recipe's way of cleaning, and what it gives."""


def _copied(shape: tuple[int, ...], batch: int) -> Work:
    """Read once and write once, float32."""
    return Work(batch, batch * shape[0] * shape[1], 8 * batch * prod(shape))


def _separable_work(shape: tuple[int, int, int], batch: int, filters: int) -> Work:
    """Multiply-adds of a 3x3 separable convolution, counted as two."""
    places = batch * shape[0] * shape[1]
    return Work(batch, places, flops=2 * places * shape[2] * (9 + filters))


def _layer(name: str, function: str, size: tuple, work: Work, **options: Any) -> Case:
    shape, batch = size
    options = {"shape": shape, "batch": batch, **options}
    return Case(f"{name}[{label(shape, batch, 'float32')}]", "layers", f"{PREPARE}:{function}", options, work)


def _cases() -> Iterator[Case]:
    for size in (MAPS, SMALL_MAPS):
        yield _layer("separable_conv", "separable_conv", size, _separable_work(*size, 64), filters=64)
        for kind in NORMS:
            yield _layer(f"{kind}_norm", "normalize", size, _copied(*size), kind=kind)
        for kind in DROPS:
            yield _layer(kind, "dropout", size, _copied(*size), kind=kind, rate=0.5 if kind == "dropout" else 0.2)
    yield Case("penalty[guide_cnn]", "losses", f"{PREPARE}:penalty", {"sizes": (288, 18432, 36864, 36864, 640), "l1": 1e-4, "l2": 1e-3},
               Work(bytes_moved=4 * 93088))
    yield Case("soft_threshold[36864]", "losses", f"{PREPARE}:soft_threshold", {"size": 36864, "threshold": 0.1},
               Work(bytes_moved=8 * 36864))
    for batch, classes in ((64, 10), (128, 1000)):
        yield Case(f"label_smoothing[{batch}x{classes}]", "losses", f"{PREPARE}:cross_entropy",
                   {"batch": batch, "classes": classes, "smoothing": 0.1}, Work(batch, bytes_moved=4 * batch * classes))
    for name, (kind, expected) in CLEANED.items():
        yield Case(f"{name}[100]", "text", f"{PREPARE}:cleaned", {"kind": kind, "sentences": 100, "expected": expected})


CASES = tuple(_cases())
