"""Layer 1: the catalogue of datasets, and how they are split."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dlbench.datasets.declaration import Arrays, Chunk, Examples, Source
from dlbench.datasets.places import Places
from dlbench.values.catalogue import Catalogue
from dlbench.values.errors import InputError, unknown

CATALOGUE = Catalogue("dataset", Source, (
    Source(
        "digits", "1,797 handwritten digits of 8x8 pixels, embedded", "dlbench.datasets.digits:load",
        "E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998, CC BY 4.0, "
        "https://doi.org/10.24432/C50P49", (8, 8, 1), 10,
    ),
    Source(
        "folder:PATH", "CLASS folders of images or of WAV files, or CLASS.txt files with a sentence a line, in PATH or in its "
        "folders train and test; images are brought to `size = [height, width]`, sounds to `rate = HZ` and `seconds = S`",
        "dlbench.engines.keras.data.folder:load", "yours", identity="files",
        reads=("size", "alpha", "rate", "seconds", "group"),
    ),
    Source(
        "csv:PATH", "a file with a header, or a folder with train.csv and test.csv; `label = COLUMN` or "
        "`[COLUMN, ...]`, and `text = COLUMN`, `image = COLUMN` (names of files), `features = [COLUMN, ...]`, or "
        "`inputs = {NAME = COLUMN or [COLUMN, ...], ...}`",
        "dlbench.engines.keras.data.listed:load", "yours", identity="files",
        reads=("task", "size", "alpha", "label", "label_separator", "text", "image", "inputs", "features", "separator", "decimal",
               "thousands", "categories", "missing", "group", "order_by", "part", "weight"),
    ),
    Source(
        "npz:PATH", "arrays x and y, or x_train, y_train, x_test and y_test; `group = ARRAY`; `inputs = {NAME = ARRAY, ...}` "
        "in the place of x", "dlbench.datasets.npz:load", "yours",
        identity="files", reads=("task", "kind", "inputs", "group"),
    ),
    Source(
        "tfds:NAME", "any image classification set of tensorflow-datasets, such as tfds:mnist; NAME/CONFIG for one that has several",
        "dlbench.engines.keras.data.tfds:load", "https://www.tensorflow.org/datasets", reads=("size",),
    ),
    Source(
        "package.module:function", "a function of your own that returns ((x_train, y_train), (x_test, y_test)), (x, y), or a "
        "tf.data.Dataset", "dlbench.datasets.own:load", "yours", identity="result", reads=("task", "kind"),
    ),
))
OWN = "package.module:function"
FAMILIES = {
    "folder:PATH": r"folder:.+", "csv:PATH": r"csv:.+", "npz:PATH": r"npz:.+", "tfds:NAME": r"tfds:[\w./-]+",
    OWN: r"[A-Za-z_][\w.]*:[A-Za-z_]\w*",
}
"""How the names of a family look; the first that fits serves."""


def source(name: str) -> Source:
    """The catalogue entry that serves a dataset's name.

    Raises:
        InputError: none does.

    Example:
        >>> source("tfds:mnist").name, source("folder:photos").name
        ('tfds:NAME', 'folder:PATH')
    """
    exact = {known.name: known for known in CATALOGUE}
    found = name if name in exact and ":" not in name else _family(name)
    if found is None:
        raise InputError(unknown("dataset", name, exact))
    return exact[found]


def _family(name: str) -> str | None:
    return next((family for family, look in FAMILIES.items() if re.fullmatch(look, name)), None)


def functions_of(datasets: Iterable[str]) -> list[str]:
    """Those datasets that are functions; a folder, a file or a prepared dataset may have a name that looks like one.

    Example:
        >>> functions_of(["csv:tags", "mine:tags", "digits"])
        ['mine:tags']
    """
    return [name for name in datasets if _family(name) == OWN]


__all__ = ["CATALOGUE", "Arrays", "Chunk", "Examples", "Places", "Source", "functions_of", "source"]
