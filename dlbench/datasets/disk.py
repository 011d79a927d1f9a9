"""Datasets on disk: each is checked and written chunk by chunk, once, and mapped into memory from then on."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from dlbench.datasets.declaration import Arrays, Chunk, Examples
from dlbench.values.errors import InputError


def keep(name: str, examples: Examples, parent: Path, key: str | None = None) -> Path:
    """Write a dataset into a folder that appears only when it is whole.

    Args:
        name: of the dataset, for messages.
        examples: what its loader gives.
        parent: the folder that the new one is made in.
        key: the new folder's name; None for the hash of its content.

    Returns:
        The folder; where it is there already, it stays as it is.

    Raises:
        InputError: naming the file or row that cannot be used; nothing is left behind.
    """
    parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".", dir=parent))
    try:
        with (made / "x").open("wb") as file:
            facts, y = _written(name, examples, file)
        (made / "y").write_bytes(y.tobytes())
        (made / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
        folder = parent / (key or facts["content"])
        if not folder.is_dir():
            with suppress(OSError):  # another process was faster
                made.rename(folder)
        return folder
    finally:
        shutil.rmtree(made, ignore_errors=True)


def mapped(folder: Path) -> Arrays:
    """The dataset that :func:`keep` wrote; its examples stay on disk until they are used."""
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    y = np.fromfile(folder / "y", np.int64)
    x = np.memmap(folder / "x", np.dtype(facts.pop("dtype")), "r", shape=(len(y), *facts.pop("shape")))
    kept = ("train", "classes", "full_range", "low", "content")
    return Arrays(x, y, names=tuple(facts["names"]), notes=tuple(facts.get("notes", ())), **{key: facts[key] for key in kept})


def _written(name: str, examples: Examples, file: BinaryIO) -> tuple[dict[str, Any], np.ndarray]:
    """Write the examples and return what describes them, and their labels."""
    inspector, parts = Inspector(name, len(examples.names) if examples.names else None), []
    digest = hashlib.sha256()
    for part in (examples.train, *([examples.test] if examples.test is not None else [])):
        labels = []
        for chunk in inspector.checked_chunks(part):
            file.write(values := np.ascontiguousarray(chunk.x).tobytes())
            digest.update(values)
            labels.append(chunk.y)
        parts.append(np.concatenate(labels) if labels else np.empty(0, np.int64))
    y = np.concatenate(parts)
    digest.update(y.tobytes())
    classes = _classes(name, examples, parts)
    low, high = examples.span or inspector.span()
    return {"train": len(parts[0]), "classes": classes, "names": list(examples.names or ()), "notes": examples.notes, "low": low,
            "full_range": high - low or 1.0, **inspector.layout(), "content": digest.hexdigest()[:16]}, y


def _classes(name: str, examples: Examples, parts: list[np.ndarray]) -> int:
    """Count the classes; each must have examples, and both parts the same classes."""
    found = [set(np.unique(part).tolist()) for part in parts]
    known = len(examples.names or ()) or max(chain(*found), default=-1) + 1
    if not all(found) or known < 2:
        raise InputError(f"dataset '{name}': wanted examples of at least two classes in each part, got {[len(part) for part in found]}")
    if examples.gaps:
        return known
    if len(found) == 2 and found[0] != found[1]:
        lost, train = min(found[0] ^ found[1]), found[0]
        here, there = ("train", "test") if lost in train else ("test", "train")
        raise InputError(f"dataset '{name}': class {_class_name(examples, lost)} has examples in {here} and none in {there}")
    if empty := set(range(known)) - found[0]:
        raise InputError(f"dataset '{name}': class {_class_name(examples, min(empty))} is empty: labels are 0 to {known - 1}, and each "
                         "needs examples")
    return known


def _class_name(examples: Examples, label: int) -> str:
    return f"'{examples.names[label]}'" if examples.names else str(label)


@dataclass
class Inspector:
    """Checks that all chunks have one shape, whole labels in range, and finite numbers.

    Attributes:
        name: of the dataset, for messages.
        classes: number of classes, where it is known beforehand.
    """

    name: str
    classes: int | None
    _first: Chunk | None = None
    _least: float = field(default=float("inf"))
    _most: float = field(default=float("-inf"))

    def checked_chunks(self, chunks: Any) -> Iterator[Chunk]:
        """The chunks, with values as they are stored (uint8, float32 or text) and labels as int64.

        Raises:
            InputError: naming the file or row.
        """
        for chunk in chunks:
            self._labels(chunk)
            x = chunk.x if chunk.x.dtype == np.uint8 or chunk.x.dtype.kind == "S" else self._numbers(chunk)
            checked = Chunk(x, chunk.y.astype(np.int64), chunk.where)
            first = self._first = self._first or checked
            if (x.shape[1:], x.dtype) != (first.x.shape[1:], first.x.dtype):
                raise InputError(f"dataset '{self.name}': {chunk.where(0)} is {_kind(x)}, {first.where(0)} is {_kind(first.x)}; for "
                                 "images, `size = [height, width]` in the study makes them one size")
            yield checked

    def _labels(self, chunk: Chunk) -> None:
        y = chunk.y
        if y.shape != chunk.x.shape[:1] or y.dtype.kind not in "iub":
            raise InputError(f"dataset '{self.name}': wanted one whole-number label an example, got {y.dtype} {list(y.shape)} "
                             f"for {len(chunk.x)} examples")
        bad = (y < 0) | (y >= self.classes) if self.classes else y < 0
        if bad.any():
            row = int(np.argmax(bad))
            accepted = f"0 to {self.classes - 1}" if self.classes else "whole numbers from 0"
            raise InputError(f"dataset '{self.name}': label {y[row]} of {chunk.where(row)} is out of range; accepted: {accepted}")

    def _numbers(self, chunk: Chunk) -> np.ndarray:
        if chunk.x.dtype.kind not in "iufb":
            raise InputError(f"dataset '{self.name}': wanted numbers, got {chunk.x.dtype}")
        x = chunk.x.astype(np.float32)
        finite = np.isfinite(x).reshape(len(x), -1).all(axis=1)
        if not finite.all():
            raise InputError(f"dataset '{self.name}': {chunk.where(int(np.argmin(finite)))} has a value that is not a finite number")
        self._least, self._most = min(self._least, float(x.min(initial=np.inf))), max(self._most, float(x.max(initial=-np.inf)))
        return x

    def span(self) -> tuple[float, float]:
        """Smallest and largest value that can occur, or, of other than 8-bit images, that does."""
        return (0.0, 255.0) if self._first is None or self._first.x.dtype.kind in "uS" else (self._least, self._most)

    def layout(self) -> dict[str, Any]:
        """Shape and type of an example."""
        if self._first is None:
            return {"shape": [], "dtype": "|u1"}
        return {"shape": list(self._first.x.shape[1:]), "dtype": self._first.x.dtype.str}


def _kind(x: np.ndarray) -> str:
    return f"{'x'.join(map(str, x.shape[1:])) or 'one value'} {x.dtype}"
