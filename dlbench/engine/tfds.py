"""Datasets of tensorflow-datasets."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from dlbench.datasets.declaration import Arrays
from dlbench.values.errors import InputError


def load(name: str, data_dir: str | None = None) -> Arrays:
    """Load ``tfds:NAME`` whole: its ``train`` split and, where there is one, its ``test`` split.

    Args:
        name: such as ``tfds:mnist``.
        data_dir: where prepared data lies (in its ``tfds`` folder, or in it); None lets tensorflow-datasets download it.

    Raises:
        InputError: it cannot be loaded, or is not a set of labelled images of one size.
    """
    import tensorflow_datasets as tfds  # noqa: PLC0415  (seconds to import, and needed by this loader alone)

    tfds.disable_progress_bar()
    for chatty in ("absl", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    where = _folder(data_dir)
    try:
        builder = tfds.builder(name.removeprefix("tfds:"), data_dir=where)
        if data_dir is None:
            builder.download_and_prepare()
        parts = {part: builder.as_dataset(split=part, batch_size=-1, as_supervised=True)
                 for part in ("train", "test") if part in builder.info.splits}
    except Exception as error:  # tensorflow-datasets raises dozens of kinds; all mean that the data is not to be had
        hint = "" if where else "; --data-dir names a folder where it is prepared already"
        raise InputError(f"dataset '{name}' cannot be loaded from {where or 'its download'}: {_first_line(error)}{hint}") from error
    if "train" not in parts:
        raise InputError(f"dataset '{name}': not found prepared in {where}, or it has no split 'train'")
    return _arrays(name, builder, [(np.asarray(x), np.asarray(y)) for x, y in parts.values()])


def _arrays(name: str, builder, parts: list[tuple[np.ndarray, np.ndarray]]) -> Arrays:
    x, y = (np.concatenate(arrays) for arrays in zip(*parts))
    if x.ndim != 4 or x.dtype != np.uint8:
        raise InputError(f"dataset '{name}': wanted 8-bit images of one size, got {x.dtype} {list(x.shape)}")
    classes = builder.info.features["label"].num_classes
    return Arrays(x, y.astype(np.int64), train=len(parts[0][1]), classes=classes, full_range=255.0)


def _folder(data_dir: str | None) -> str | None:
    if data_dir is None:
        return None
    inner = Path(data_dir) / "tfds"
    return str(inner if inner.is_dir() else data_dir)


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
