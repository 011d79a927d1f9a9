"""Layers, penalties and losses."""

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


def moved(shape: tuple[int, ...], batch: int) -> Work:
    """Read once and write once, float32."""
    return Work(batch, batch * shape[0] * shape[1], 8 * batch * prod(shape))


def separable_work(shape: tuple[int, int, int], batch: int, filters: int) -> Work:
    """Multiply-adds of a 3x3 separable convolution, counted as two."""
    places = batch * shape[0] * shape[1]
    return Work(batch, places, flops=2 * places * shape[2] * (9 + filters))


def layer(name: str, family: str, work: Work, **options: Any) -> Case:
    """A case of a kernel on feature maps."""
    function, _, kind = name.partition(".")
    chosen = {"kind": kind} if kind else {}
    size = options.get("shape")
    inputs = label(size, options["batch"], "float32") if size else "-".join(f"{value}" for value in options.values())
    return Case(f"{kind or function}{'_norm' if function == 'normalize' else ''}[{inputs}]", family, f"{PREPARE}:{function}",
                {**chosen, **options}, work)


def _cases() -> Iterator[Case]:
    for shape, batch in (MAPS, SMALL_MAPS):
        size = {"shape": shape, "batch": batch}
        yield layer("separable_conv", "layers", separable_work(shape, batch, 64), **size, filters=64)
        for kind in NORMS:
            yield layer(f"normalize.{kind}", "layers", moved(shape, batch), **size)
        for kind in DROPS:
            yield layer(f"dropout.{kind}", "layers", moved(shape, batch), **size, rate=0.5 if kind == "dropout" else 0.2)
    yield Case("penalty[guide_cnn]", "losses", f"{PREPARE}:penalty", {"sizes": (288, 18432, 36864, 36864, 640), "l1": 1e-4, "l2": 1e-3},
               Work(bytes_moved=4 * 93088))
    yield Case("soft_threshold[36864]", "losses", f"{PREPARE}:soft_threshold", {"size": 36864, "threshold": 0.1},
               Work(bytes_moved=8 * 36864))
    for batch, classes in ((64, 10), (128, 1000)):
        yield Case(f"label_smoothing[{batch}x{classes}]", "losses", f"{PREPARE}:cross_entropy",
                   {"batch": batch, "classes": classes, "smoothing": 0.1}, Work(batch, bytes_moved=4 * batch * classes))


CASES = tuple(_cases())
