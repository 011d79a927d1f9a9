"""Datasets on disk: each is checked and written chunk by chunk, once, and mapped into memory from then on."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from dlbench.datasets.beside import CODED
from dlbench.datasets.declaration import Arrays, Chunk, Examples
from dlbench.datasets.ranges import NONE, Range, demand_one_scale, range_notes, widened
from dlbench.datasets.room import demand_room, discard, remove_interrupted
from dlbench.tasks import Task, task
from dlbench.tasks.classification import CLASSIFICATION
from dlbench.values.errors import InputError, Stopped
from dlbench.values.files import recalled, sealed, write
from dlbench.values.packed import ModelInput, Packed, taken_apart

FACTS = "facts.json"
INPUTS = "inputs.json"
"""File of what the inputs are, where an example has several."""
MOST_SHOWN = 8
"""Values of a target that a message shows, at most."""

def keep(name: str, examples: Examples, parent: Path, key: str | None = None) -> Path:
    """Write a dataset into a folder that appears only when it is whole.

    Args:
        name: of the dataset, for messages.
        examples: what its loader gives.
        parent: the folder that the new one is made in.
        key: the new folder's name; None for the hash of its content.

    Returns:
        The folder; where it is there already, it stays as it is, unless it is damaged.

    Raises:
        InputError: naming the file or row that cannot be used; nothing is left behind.
        Stopped: the disk has no room for it, or cannot be written.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        remove_interrupted(parent)
        demand_room(name, examples.size_bytes, parent)
        made = Path(tempfile.mkdtemp(prefix=f".{os.getpid()}.", dir=parent))
    except OSError as error:
        raise Stopped(f"{parent}: {error.strerror}; decoded data is kept there: DLBENCH_CACHE_DIR names another folder") from None
    try:
        facts = _written_to(made, name, examples)
        folder = parent / (key or facts["content"])
        _put(made, folder, name)
        return folder
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO):
            raise
        raise Stopped(f"{parent}: {error.strerror}; `dlbench cache` shows what is kept there, and DLBENCH_CACHE_DIR names another "
                      "folder") from None
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _written_to(folder: Path, name: str, examples: Examples) -> dict[str, Any]:
    with (folder / "x").open("wb") as file:
        facts, columns = _written(name, examples, file)
        _flush(file)
    for column, values in columns.items():
        with (folder / column).open("wb") as file:
            values.tofile(file)
            _flush(file)
    write(folder / FACTS, sealed(facts))
    return facts


def _put(made: Path, folder: Path, name: str) -> None:
    """Move a dataset to its place; what lies there stays if it is whole, and is removed if it is damaged."""
    with suppress(Damaged):
        mapped(folder)
        return
    if folder.exists() and not written_before_seals(folder):
        print(f"{folder} was damaged: '{name}' is decoded anew", file=sys.stderr, flush=True)
    discard(folder)
    with suppress(OSError):  # another process was faster
        made.rename(folder)


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


class Damaged(Exception):
    """What is kept of a dataset is not what was written."""


def mapped(folder: Path) -> Arrays:
    """Return the dataset that :func:`keep` wrote; its examples stay on disk until they are used.

    Every process compares the hash of all examples once, before it uses them.

    Raises:
        Damaged: the hash is another one, or a file is missing or too short.
    """
    facts: Any = recalled(folder / FACTS)
    try:
        facts = {"task": CLASSIFICATION.name} | facts  # it was the only one
        y = np.fromfile(folder / "y", (known := task(facts["task"])).dtype).reshape(-1, *known.shape(facts["classes"]))
        x = np.memmap(folder / "x", np.dtype(facts.pop("dtype")), "r", shape=(len(y), *facts.pop("shape")))
        if not _as_written(folder, facts["content"]):
            raise Damaged(folder)
        beside = {name: np.fromfile(folder / name, kind) for name, (kind, _) in CODED.items() if (folder / name).is_file()}
        kept = ("train", "classes", "full_range", "low", "content", "changed", "task")
        told = {key: tuple(facts[key]) for key in ("names", "notes", "features")} | {
            key: tuple(facts.get(key, ())) for key in ("columns", "cardinalities")}
        if (folder / INPUTS).is_file():
            told["inputs"] = tuple(map(ModelInput.from_dict, json.loads((folder / INPUTS).read_text(encoding="utf-8"))))
        return Arrays(x, y, **beside, **told, **{key: facts[key] for key in kept})
    except (AttributeError, OSError, KeyError, TypeError, ValueError):
        raise Damaged(folder) from None


def written_before_seals(folder: Path) -> bool:
    """Return whether version 0.1.0, which kept no hash of its description, wrote a folder."""
    try:
        return "sha256" not in json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError, RecursionError):
        return False


_verified: set[tuple[Path | int, ...]] = set()
"""Folders whose hash this process has compared, with the times of the files."""


def _as_written(folder: Path, content: str) -> bool:
    names = ["x", "y", *(name for name in (*CODED, INPUTS) if (folder / name).is_file())]
    state = (folder, *((folder / name).stat().st_mtime_ns for name in names))
    if state not in _verified:
        digest = hashlib.sha256()
        for name in names:
            with (folder / name).open("rb") as file:
                while part := file.read(2**22):
                    digest.update(part)
        if digest.hexdigest()[:16] != content:
            return False
        _verified.add(state)
    return True


def _written(name: str, examples: Examples, file: BinaryIO) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Write the examples and return what describes them, their labels, and what stands beside them."""
    inspector, parts = Inspector(name, task(examples.task), len(examples.names or ()) or None, examples.missing,
                                 examples.inputs), []
    beside: dict[str, list[str]] = {name: [] for name in CODED}
    digest = hashlib.sha256()
    for part in (examples.train, *([examples.test] if examples.test is not None else [])):
        labels = []
        for chunk in inspector.checked_chunks(part):
            file.write(values := np.ascontiguousarray(chunk.x).tobytes())
            digest.update(values)
            labels.append(chunk.y)
            for column, cells in beside.items():
                cells.extend(getattr(chunk, column) or ())
        parts.append(np.concatenate(labels) if labels else np.empty((0, *task(examples.task).shape(2)), task(examples.task).dtype))
    y = np.concatenate(parts)
    columns = {"y": y, **{name: CODED[name][1](values) for name, values in beside.items() if values}}
    if inputs := [asdict(one) for one in inspector.spans()]:
        columns[INPUTS] = np.frombuffer(json.dumps(inputs).encode(), np.uint8)
    for values in columns.values():
        digest.update(values.tobytes())
    classes = task(examples.task).units(f"dataset '{name}'", parts, examples.names, examples.gaps)
    low, high = examples.span or inspector.span()
    examples.notes.extend(inspector.notes((low, high)))
    return {"dataset": name, "train": len(parts[0]), "classes": classes, "names": list(examples.names or ()), "notes": examples.notes,
            "features": list(examples.features), "columns": list(examples.columns), "cardinalities": list(examples.cardinalities),
            "changed": examples.changed, "task": examples.task,
            "low": low, "full_range": high - low or 1.0, **inspector.layout(), "content": digest.hexdigest()[:16]}, columns


@dataclass
class Inspector:
    """Checks that all chunks have one shape, whole labels in range, and finite numbers.

    Attributes:
        name: of the dataset, for messages.
        task: whose targets they are.
        classes: number of classes, where it is known beforehand.
        missing: whether numbers may be NaN.
        inputs: where an example has several, which.
    """

    name: str
    task: Task
    classes: int | None
    missing: bool = False
    inputs: tuple[ModelInput, ...] = ()
    _first: Chunk | None = None
    _ranges: list[Range] = field(default_factory=list)
    _spans: dict[str, list[Range]] = field(default_factory=dict)

    def checked_chunks(self, chunks: Any) -> Iterator[Chunk]:
        """The chunks, with values as they are stored (uint8, float32 or text) and labels as int64.

        Raises:
            InputError: naming the file or row.
        """
        self._ranges.append(NONE)
        for one in self.inputs:
            self._spans.setdefault(one.name, []).append(NONE)
        for chunk in chunks:
            self._targets(chunk)
            self._look_at(chunk)
            x = chunk.x if chunk.x.dtype == np.uint8 or chunk.x.dtype.kind == "S" else self._numbers(chunk)
            checked = replace(chunk, x=x, y=chunk.y.astype(self.task.dtype))
            first = self._first = self._first or checked
            if (x.shape[1:], x.dtype) != (first.x.shape[1:], first.x.dtype):
                raise InputError(f"dataset '{self.name}': {chunk.where(0)} is {_kind(x)}, {first.where(0)} is {_kind(first.x)}; for "
                                 "images, `size = [height, width]` in the study makes them one size")
            if x.dtype.kind != "S":
                self._ranges[-1] = widened(self._ranges[-1], x)
            yield checked
        if self._first is not None and self._first.x.dtype.kind == "f" and self._first.x.ndim == 4:
            demand_one_scale(self.name, self._ranges)
        for one in (one for one in self.inputs if one.kind == "image" and one.span is None):
            demand_one_scale(self.name, self._spans[one.name])

    def _look_at(self, chunk: Chunk) -> None:
        """Note the range of each of several inputs; refuse images whose channels come before their height."""
        apart = taken_apart(chunk.x, Packed.of(self.inputs)) if self.inputs else {"": chunk.x}
        for name, x in apart.items():
            self._demand_channels_last(x, chunk.where)
            if self.inputs:
                self._spans[name][-1] = widened(self._spans[name][-1], x)

    def spans(self) -> list[ModelInput]:
        """Return the inputs with the ranges of their values."""
        return [replace(one, span=one.span or _union(self._spans[one.name])) for one in self.inputs]

    def _demand_channels_last(self, x: np.ndarray, where: Callable[[int], str]) -> None:
        channels, height, width = x.shape[1:] if x.ndim == 4 else (0, 0, 0)
        if channels in (1, 3, 4) and width not in (1, 2, 3, 4) and height > 4:
            raise InputError(f"dataset '{self.name}': {where(0)} is {_kind(x)}, which looks like channels first; accepted: "
                             "[n, height, width, channels], which is x.transpose(0, 2, 3, 1)")

    def _targets(self, chunk: Chunk) -> None:
        where = f"dataset '{self.name}'"
        if (row := self.task.demand(where, chunk.y, len(chunk.x), self.classes)) is not None:
            accepted = f"0 to {self.classes - 1}" if self.classes and self.task.classes else self.task.accepted
            told = np.array2string(chunk.y[row], max_line_width=10**6, threshold=MOST_SHOWN) if chunk.y.ndim > 1 else chunk.y[row]
            raise InputError(f"{where}: {self.task.target} {told} of {chunk.where(row)} is out of range; accepted: {accepted}")

    def _numbers(self, chunk: Chunk) -> np.ndarray:
        if chunk.x.dtype.kind not in "iufb":
            raise InputError(f"dataset '{self.name}': wanted numbers, got {chunk.x.dtype}")
        x = chunk.x.astype(np.float32)
        finite = (np.isfinite(x) | (np.isnan(x) & self.missing)).reshape(len(x), -1).all(axis=1)
        if not finite.all():
            raise InputError(f"dataset '{self.name}': {chunk.where(int(np.argmin(finite)))} has a value that is not a finite number")
        return x

    def span(self) -> tuple[float, float]:
        """Smallest and largest value that can occur, or, of other than 8-bit images, that does."""
        return (0.0, 255.0) if self._first is None or self._first.x.dtype.kind in "uS" else self._range()

    def notes(self, possible: Range) -> Iterator[str]:
        """Yield what is odd about the values; ``possible`` is the range of what they could be."""
        for one in self.spans():
            yield from (f"input '{one.name}': {note}" for note in range_notes(_union(self._spans[one.name]), one.span or possible))
        if self._first is not None and self._first.x.dtype.kind != "S" and not self.inputs:
            yield from range_notes(self._range(), possible)

    def _range(self) -> Range:
        return _union(self._ranges)

    def layout(self) -> dict[str, Any]:
        """Shape and type of an example."""
        if self._first is None:
            return {"shape": [], "dtype": "|u1"}
        return {"shape": list(self._first.x.shape[1:]), "dtype": self._first.x.dtype.str}


def _union(ranges: list[Range]) -> Range:
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def _kind(x: np.ndarray) -> str:
    return f"{'x'.join(map(str, x.shape[1:])) or 'one value'} {x.dtype}"
