"""Loads datasets of tensorflow-datasets. That takes seconds to import, so the catalogue of datasets names this module, and nothing
imports it."""

from __future__ import annotations

import logging
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import tensorflow_datasets as tfds

from dlbench.datasets.declaration import Chunk, Examples
from dlbench.datasets.places import Places
from dlbench.engines.keras.data.imagefiles import resized
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from dlbench.values.text import listed

ROWS = 512
"""Images in a chunk."""
TRIES = 1
"""How often a failed download is tried again. The ten times of tensorflow-datasets take minutes without a network."""


def load(data: Data, places: Places) -> Examples:
    """Load the ``train`` split of ``tfds:NAME`` and, where there is one, its ``test`` split.

    Args:
        data: ``source`` such as ``tfds:mnist``, and the size that images are brought to.
        places: whose data directory holds prepared data (in its ``tfds`` folder, or in it); without one, it is downloaded.

    Raises:
        InputError: it cannot be loaded, or is not a set of labelled 8-bit images of one size.
    """
    tfds.disable_progress_bar()
    pkgutil.resolve_name("tensorflow_datasets.core.download.downloader").MAX_RETRIES = TRIES
    for chatty in ("absl", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    name, where = data.source, places.tfds
    try:
        builder = tfds.builder(name.removeprefix("tfds:"), data_dir=where)
        if where is None:
            builder.download_and_prepare()
        supervised = builder.info.supervised_keys is not None
        parts = [builder.as_dataset(split=part, as_supervised=supervised) for part in ("train", "test") if part in builder.info.splits]
    except Exception as error:  # tensorflow-datasets raises dozens of kinds; all mean that the data is not to be had
        raise InputError(f"dataset '{name}' cannot be {_reason(name, where, error)}") from error
    if builder.info.supervised_keys is None:
        raise InputError(f"dataset '{name}': it has no supervised_keys, which name an image and its label; accepted: a set of labelled "
                         "images, or a function of your own that returns (x, y)")
    if "train" not in builder.info.splits:
        raise InputError(f"dataset '{name}': not found prepared in {where}, or it has no split 'train'")
    spec = parts[0].element_spec[0]
    if spec.dtype.name != "uint8" or len(spec.shape) != 3 or (None in spec.shape[:2] and data.size is None):
        raise InputError(f"dataset '{name}': wanted 8-bit images of one size, got {spec.dtype.name} {list(spec.shape)}; "
                         "`size = [height, width]` in the study brings images to one size")
    others = sorted(set(builder.info.splits) - {"train", "test"})
    notes = [f"splits that are not used, since the validation split is drawn from train: {listed(others)}"] if others else []
    return Examples(*(_chunks(part, data.size) for part in parts), names=_names(builder), span=(0.0, 255.0), gaps=True, notes=notes)


def _chunks(part: Any, size: tuple[int, ...] | None) -> Iterator[Chunk]:
    images = part.map(lambda x, y: (resized(x, size), y)) if size else part
    first = 0
    for x, y in images.batch(ROWS).as_numpy_iterator():
        yield Chunk(x, y, lambda row, first=first: f"example {first + row}")
        first += len(x)


def _names(builder: Any) -> tuple[str, ...]:
    label = builder.info.supervised_keys[1]
    feature = builder.info.features[label]
    if not hasattr(feature, "names"):
        raise InputError(f"dataset 'tfds:{builder.name}': its label '{label}' is {type(feature).__name__}; accepted: a ClassLabel")
    return tuple(feature.names)


def _reason(name: str, where: str | None, error: Exception) -> str:
    first = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
    if where is not None:
        return f"loaded from {where}: {first}"
    if re.search(r"Max retries|resolve|Connection|URLError|timed out", f"{first} {error}"):
        first = "there is no network, or its server does not answer"
    return (f"downloaded: {first}. Where there is a network, `python -c \"import tensorflow_datasets as t; "
            f"t.load('{name.removeprefix('tfds:')}', data_dir='DIR/tfds')\"` prepares it; then --data-dir DIR finds it")
