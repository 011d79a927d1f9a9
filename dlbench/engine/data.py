"""Datasets on disk and on the device: decoded once, memory-mapped, split and scaled as a recipe says."""

from __future__ import annotations

import hashlib
import json
import os
import pkgutil
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from dlbench.datasets import Arrays, source
from dlbench.datasets.splits import Split, split
from dlbench.engine.program import Inputs
from dlbench.values.recipe import Data


@dataclass(frozen=True)
class Resident:
    """A recipe's data on the device.

    Attributes:
        train, validation, test: (images [n, H, W, C], labels [n]); validation may be empty.
        positions: place of each training example in the whole dataset, int64 [n].
        inputs: how values are scaled; fitted on the training part only.
        shape, classes: of the task.
        hashes: ``data``, ``split`` and ``evaluation``, of the tensors themselves.
    """

    train: tuple[tf.Tensor, tf.Tensor]
    validation: tuple[tf.Tensor, tf.Tensor]
    test: tuple[tf.Tensor, tf.Tensor]
    positions: np.ndarray
    inputs: Inputs
    shape: tuple[int, int, int]
    classes: int
    hashes: dict[str, str]


def fetch(name: str, data_dir: str | None, cache_dir: str) -> Arrays:
    """A dataset's arrays, decoded at most once a cache folder and memory-mapped from then on.

    Raises:
        InputError: the dataset cannot be loaded.
    """
    entry = source(name)
    load = pkgutil.resolve_name(entry.load)
    if not name.startswith("tfds:"):
        return load(name, data_dir)
    key = hashlib.sha256(json.dumps([name, os.path.realpath(data_dir) if data_dir else None]).encode()).hexdigest()[:16]
    folder = Path(cache_dir) / "datasets" / key
    if not folder.is_dir():
        _save(load(name, data_dir), folder)
    return _mapped(folder)


def _save(arrays: Arrays, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=folder.parent))
    np.save(made / "x.npy", arrays.x)
    np.save(made / "y.npy", arrays.y)
    facts = {"train": arrays.train, "classes": arrays.classes, "full_range": arrays.full_range, "low": arrays.low}
    (made / "facts.json").write_text(json.dumps(facts))
    try:
        made.rename(folder)
    except OSError:  # another worker was faster
        shutil.rmtree(made)


def _mapped(folder: Path) -> Arrays:
    facts = json.loads((folder / "facts.json").read_text())
    x, y = (np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in "xy")
    return Arrays(x, np.asarray(y), **facts)


def resident(arrays: Arrays, data: Data, normalization: str) -> Resident:
    """Put the parts of a split on the device.

    Args:
        arrays: the dataset.
        data: the recipe's data fields.
        normalization: one of :data:`dlbench.techniques.preprocessing.KINDS`.

    Raises:
        InputError: a part is empty.
    """
    parts = split(arrays, data)
    train, validation, test = (_part(arrays, chosen, data.classes) for chosen in (parts.train, parts.validation, parts.test))
    hashes = {
        "data": _digest(*train, *validation, *test), "split": parts.digest(), "evaluation": _digest(*test),
    }
    classes = len(data.classes) if data.classes else arrays.classes
    inputs = fit(normalization, train[0].numpy(), arrays.full_range, arrays.low)
    return Resident(train, validation, test, parts.train, inputs, tuple(arrays.x.shape[1:]), classes, hashes)


def _part(arrays: Arrays, chosen: np.ndarray, classes: tuple[int, ...] | None) -> tuple[tf.Tensor, tf.Tensor]:
    y = arrays.y[chosen]
    if classes is not None:
        y = np.searchsorted(np.array(sorted(classes)), y)
    return tf.constant(np.ascontiguousarray(arrays.x[chosen])), tf.constant(y, tf.int64)


def _digest(*tensors: tf.Tensor) -> str:
    state = hashlib.sha256()
    for tensor in tensors:
        state.update(np.ascontiguousarray(tensor.numpy()))
    return state.hexdigest()[:16]


def fit(kind: str, x: np.ndarray, full_range: float, low: float = 0.0) -> Inputs:
    """Fit an input scaling on training images; a constant input becomes 0.

    Args:
        kind: none; scale (/full range); minmax [0, 1]; minmax_signed [-1, 1]; zscore; zscore_channel.
        x: [n, H, W, C] training images.
        full_range, low: of the possible values.

    Returns:
        The map x·scale + offset.

    Example:
        >>> fit("minmax", np.array([2.0, 4.0]).reshape(2, 1, 1, 1), 255.0).scale.numpy().tolist()
        [0.5]

    Source: Y. LeCun et al., "Efficient BackProp", 1998, https://doi.org/10.1007/3-540-49430-8_2.
    """
    low_high = {"none": (0.0, 1.0), "scale": (0.0, full_range)}
    if kind in low_high:
        centre, spread = low_high[kind]
    elif kind.startswith("minmax"):
        least, most = float(x.min()), float(x.max())
        centre, spread = (least, most - least) if kind == "minmax" else ((least + most) / 2, (most - least) / 2)
    else:
        over = (0, 1, 2) if kind == "zscore_channel" else None
        centre, spread = x.mean(axis=over, dtype=np.float64), x.std(axis=over, dtype=np.float64)
    spread = np.asarray(spread, np.float64)
    scale = np.where(spread > 0, 1 / np.where(spread > 0, spread, 1), 0.0)
    rows = np.broadcast_to(scale, x.shape[-1:]), np.broadcast_to(-centre * scale, x.shape[-1:]), [low, full_range]
    return Inputs(*(tf.constant(np.array(row), tf.float32) for row in rows))


__all__ = ["Resident", "Split", "fetch", "fit", "resident"]
