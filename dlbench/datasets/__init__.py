"""Layer 1: the catalogue of datasets, and how they are split."""

from __future__ import annotations

import re

from dlbench.datasets.declaration import Arrays, Source
from dlbench.values.errors import InputError, unknown

CATALOGUE = (
    Source(
        "digits", "1,797 handwritten digits of 8x8 pixels, embedded", "dlbench.datasets.digits:load",
        "E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998, CC BY 4.0, "
        "https://doi.org/10.24432/C50P49", (8, 8, 1), 10,
    ),
    Source(
        "tfds:NAME", "any image classification set of tensorflow-datasets, such as tfds:mnist", "dlbench.engine.tfds:load",
        "https://www.tensorflow.org/datasets",
    ),
    Source(
        "package.module:function", "a function of your own that returns ((x_train, y_train), (x_test, y_test)) or (x, y)",
        "dlbench.datasets.own:load", "yours",
    ),
)


def source(name: str) -> Source:
    """The catalogue entry that serves a dataset's name.

    Raises:
        InputError: none does.

    Example:
        >>> source("tfds:mnist").name
        'tfds:NAME'
    """
    exact = {known.name: known for known in CATALOGUE}
    if name in exact and ":" not in name:
        return exact[name]
    if re.fullmatch(r"tfds:[\w./-]+", name):
        return exact["tfds:NAME"]
    if re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", name) and not name.startswith("tfds:"):
        return exact["package.module:function"]
    raise InputError(unknown("dataset", name, exact))


__all__ = ["CATALOGUE", "Arrays", "Source", "source"]
