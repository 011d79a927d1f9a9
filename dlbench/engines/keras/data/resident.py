"""Decodes datasets once, memory-maps them, and splits and scales them as a recipe says."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import tensorflow as tf

from dlbench.datasets import Arrays, Places, source
from dlbench.datasets.categories import demand_known, without_unknown
from dlbench.datasets.disk import Damaged, keep, mapped
from dlbench.datasets.fingerprint import fingerprint
from dlbench.datasets.gaps import filled
from dlbench.datasets.listed import content
from dlbench.datasets.places import read_as
from dlbench.datasets.splits import split
from dlbench.engines.keras.data.batches import Inputs
from dlbench.engines.keras.data.ondisk import Images, OnDisk
from dlbench.engines.keras.data.scaled import fit, fit_each
from dlbench.engines.keras.tasks import answering
from dlbench.references import resolve
from dlbench.tasks import Task, task
from dlbench.tasks.classification import CLASSIFICATION
from dlbench.techniques.preprocessing import ARTICLE
from dlbench.values.errors import InputError, Stopped
from dlbench.values.packed import Packed
from dlbench.values.recipe import Data

READERS = 5
"""Counts the versions of the readers of files: what an older one decoded is not used."""


@dataclass(frozen=True)
class Resident:
    """A recipe's data, on the device or, where it is too large, on disk.

    Attributes:
        train, validation, test: (images [n, H, W, C] or rows [n, C], targets [n], scaled); validation may be empty.
        positions: place of each training example in the whole dataset, int64 [n].
        inputs: how values are scaled; fitted on the training part only.
        scaling: what is taken off targets, and what they are divided by; fitted on the training part only.
        shape, classes: of the task; the shape of one example, a :class:`dlbench.values.packed.Packed` one where it has several inputs.
        hashes: ``data``, ``split`` and ``evaluation``, of the tensors themselves.
        texts: a hash of test texts before their words were numbered; None of other data.
        weights: of the loss of each training example, float64 [n] with the mean 1; None where the data has none.
        notes: sentences on what the split makes of the data.
        coded: how many of the last columns of a table are codes of words.
    """

    train: tuple[Images, tf.Tensor]
    validation: tuple[Images, tf.Tensor]
    test: tuple[Images, tf.Tensor]
    positions: np.ndarray
    inputs: Inputs
    scaling: tuple[float, float]
    shape: tuple[int, ...]
    classes: int
    hashes: dict[str, str]
    texts: str | None = None
    weights: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    coded: int = 0

    @cached_property
    def digests(self) -> dict[str, str]:
        """Part -> hash of its images."""
        return {name: digest_of(getattr(self, name)[0]) for name in ("train", "validation", "test")}

    def known(self, targets: tf.Tensor) -> np.ndarray:
        """Return targets of a part in the unit of the data."""
        centre, spread = self.scaling
        return targets.numpy() if spread == 1 and not centre else targets.numpy().astype(np.float64) * spread + centre

    @property
    def parts(self) -> tuple[tuple[Images, tf.Tensor], tuple[Images, tf.Tensor], tuple[Images, tf.Tensor]]:
        """Training, validation and test part."""
        return self.train, self.validation, self.test


def fetch(data: Data, places: Places, cache_dir: str) -> Arrays:
    """Return a dataset's arrays; they are decoded once a cache folder, and memory-mapped from then on.

    The key in the cache is a hash of the files and of how they are read, or a hash of what a function returned.

    Raises:
        InputError: the dataset cannot be loaded, or a function returns another one than when the study was planned.
        Stopped: the cache cannot be written.
    """
    entry, kept = source(data.source), Path(cache_dir) / "arrays"
    key = _key(data, entry.identity, places, cache_dir)
    if key:
        with suppress(Damaged):
            return mapped(kept / key)
    examples = resolve(entry.load)(data, places)
    if isinstance(examples, Arrays):
        return examples
    folder = keep(data.source, examples, kept, None if entry.identity == "result" else key)
    if entry.identity == "result" and key not in (None, folder.name):
        raise InputError(f"dataset '{data.source}' returned other data than when this study was planned; it must always return the same")
    try:
        return mapped(folder)
    except Damaged:
        raise Stopped(f"{folder} is damaged and cannot be replaced; remove it, or name another folder by DLBENCH_CACHE_DIR") from None


def _key(data: Data, identity: str, places: Places, cache_dir: str) -> str | None:
    """Return the key of a dataset in the cache; None where it is not known before the dataset is loaded."""
    if identity == "result":
        return data.content
    if identity == "files":
        return _short([content(data, places, cache_dir), data.source.partition(":")[0], *read_as(data)[2:], READERS])
    known = [fingerprint(folder, cache_dir)] if (folder := places.prepared(data.source)) else []
    return _short([data.source, os.path.realpath(places.data_dir) if places.data_dir else None, data.size, *known])


def _short(parts: list) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def resident(arrays: Arrays, data: Data, normalization: str, device_bytes: int = 2**31) -> Resident:
    """Split a dataset and put its parts on the device, or leave them on disk where they are large.

    Args:
        arrays: the dataset.
        data: the recipe's data fields.
        normalization: one of :data:`dlbench.techniques.preprocessing.SCALINGS`, or ``article``: each image by itself.
        device_bytes: how large the dataset may be to be put on the device.

    Raises:
        InputError: a part is empty, or the article's scaling is asked of data on disk.
    """
    parts = split(arrays, data)
    demand_known(arrays, data)
    arrays, notes = without_unknown(filled(arrays, parts.train, data), parts.train)
    on_disk = arrays.x.nbytes > device_bytes
    chosen = (parts.train, parts.validation, parts.test)
    scaling = task(data.task).scaling(arrays.y[parts.train])
    train, validation, test = (_part(arrays, rows, data, scaling, on_disk) for rows in chosen)
    hashes = {
        "data": digest_of(*train, *validation, *test), "split": parts.digest(), "evaluation": digest_of(*test),
    }
    classes = len(data.classes) if data.classes else arrays.classes
    if arrays.inputs:
        inputs = fit_each(normalization, lambda: _chunks(train[0]), Packed.of(arrays.inputs))
    elif normalization == ARTICLE:
        train, validation, test = ((by_itself(images), labels) for images, labels in (train, validation, test))
        inputs = fit("none", _chunks(train[0]), 1.0)
    else:
        inputs = _fitted(normalization, _chunks(train[0]), arrays)
    return Resident(train, validation, test, parts.train, inputs, scaling, arrays.shape, classes, hashes,
                    weights=_weights(arrays, parts.train, data), notes=notes, coded=len(arrays.cardinalities))


def _fitted(kind: str, chunks: Iterable[np.ndarray], arrays: Arrays) -> Inputs:
    """Fit the scaling of all columns but those of codes, which stay as they are."""
    if not (coded := len(arrays.cardinalities)):
        return fit(kind, chunks, arrays.full_range, arrays.low)
    numbers = arrays.x.shape[-1] - coded
    inputs = fit(kind if numbers else "none", (chunk[:, :numbers] for chunk in chunks), arrays.full_range, arrays.low)
    return replace(inputs, scale=tf.concat([inputs.scale, tf.ones(coded)], 0), offset=tf.concat([inputs.offset, tf.zeros(coded)], 0))


def _weights(arrays: Arrays, rows: np.ndarray, data: Data) -> np.ndarray | None:
    """Return the weights of some examples over their mean."""
    if arrays.weights is None:
        return None
    weights = arrays.weights[rows]
    if not weights.any():
        raise InputError(f"dataset '{data.source}': weight = '{data.weight}': all weights of the training part are 0; accepted: some above "
                         "0")
    return weights / weights.mean()


def part_notes(data: Resident, of: Task = CLASSIFICATION) -> Iterator[str]:
    """Yield how many classes, or labels, of a task have no example to train or to test on."""
    for name, (_, labels), follows in (("training", data.train, "no network learns them"), ("test", data.test, "they are not scored")):
        if missing := of.absent(labels.numpy(), data.classes):
            yield f"{missing} of {data.classes} {of.values} {'has' if missing == 1 else 'have'} no {name} example, so {follows}"


def _part(arrays: Arrays, rows: np.ndarray, data: Data, scaling: tuple[float, float], on_disk: bool) -> tuple[Images, tf.Tensor]:
    y, (centre, spread), kind = arrays.y[rows], scaling, answering(data).TARGETS.as_numpy_dtype
    if data.classes is not None:
        y = np.searchsorted(np.array(sorted(data.classes)), y)
    images = OnDisk(arrays.x, rows)
    return images if on_disk else tf.constant(images.read(slice(None))), tf.constant(((y - centre) / spread).astype(kind))


def digest_of(*parts: Images) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of the values of several parts."""
    state = hashlib.sha256()
    for part in parts:
        for chunk in _chunks(part):
            state.update(np.ascontiguousarray(chunk).data)
    return state.hexdigest()[:16]


def _chunks(part: Images) -> Iterator[np.ndarray]:
    """Yield the values of a part, in chunks where it is on disk."""
    if not isinstance(part, OnDisk):
        yield np.ascontiguousarray(part.numpy())
        return
    size = part.whole_batches(1)
    for first in range(0, len(part), size):
        yield part.read(slice(first, first + size))


def by_itself(images: Images) -> tf.Tensor:
    """Scale each image by its own extremes, (x - min) / (max - min), float32; as in the article, a constant image becomes NaN.

    Raises:
        InputError: the images are on disk.

    Example:
        >>> by_itself(tf.constant([[[[3]], [[5]]]])).numpy().ravel().tolist()
        [0.0, 1.0]
    """
    if isinstance(images, OnDisk):
        raise InputError("article_normalize is for data that fit into memory; normalize scales data on disk too")
    x = tf.cast(images, tf.float32)
    places = tuple(range(1, len(x.shape)))
    least, most = (extreme(x, places, keepdims=True) for extreme in (tf.reduce_min, tf.reduce_max))
    return (x - least) / (most - least)
