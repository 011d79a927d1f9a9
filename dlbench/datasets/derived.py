"""Arrays that are computed from data once and kept on disk by their content, such as the outputs of a frozen network."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import math
import os
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlbench.datasets.blocks import Blocks, remove_abandoned
from dlbench.datasets.room import discard
from dlbench.values.files import recalled, sealed, write

FEATURES = "features"
"""The folder of the outputs of frozen networks, in the cache."""
LOCK = "lock"
"""Held by the process that looks what is there, or changes it; not while it computes."""


@dataclass(frozen=True)
class Wanted:
    """An array that is wanted.

    Attributes:
        key: the hash of all that decides it.
        name: of what it is, for people.
        shape, dtype: of the array.
    """

    key: str
    name: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def size_bytes(self) -> int:
        """Return the bytes that it takes on disk, without its description."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


def derived(folder: Path, wanted: Wanted, limit_bytes: int, values: Callable[[int, int], np.ndarray], rows: int = 64) -> np.ndarray | None:
    """Return an array, memory-mapped; where it is not there, or not as it was written, have it computed and keep it.

    All processes of a machine that want it at the same time compute it together. Arrays that were used longest ago are removed where all
    of them take more than the limit.

    Args:
        folder: where arrays are kept.
        wanted: the array.
        limit_bytes: how much all arrays may take.
        values: ``values(start, stop)`` returns these rows of the array.
        rows: how many of them are computed at once.

    Returns:
        The array; None where it is larger than the limit, or cannot be kept, which is said.

    Example:
        >>> import tempfile
        >>> place, zeros = Path(tempfile.mkdtemp()), Wanted("0f", "zeros", (2, 3), "float32")
        >>> derived(place, zeros, 10**6, lambda start, stop: np.zeros((stop - start, 3))).shape, derived(place, zeros, 0, print) is None
        ((2, 3), True)
    """
    if wanted.size_bytes > limit_bytes:
        return None
    try:
        with _alone(folder):
            if (found := _mapped(folder, wanted)) is not None:
                return found
            blocks = _joined(folder, wanted, limit_bytes, rows)
        try:
            blocks.compute(values)
            with _alone(folder):
                return found if (found := _mapped(folder, wanted)) is not None else _kept(folder, wanted, blocks)
        finally:
            with _alone(folder):
                blocks.leave()
    except OSError as error:
        print(f"{folder}: {error.strerror or error}: {wanted.name} is computed in every run; DLBENCH_CACHE_DIR names another folder",
              file=sys.stderr, flush=True)
        return None


def listed_arrays(folder: Path) -> Iterator[tuple[Path, Wanted]]:
    """Yield every array that is kept, with its file."""
    for file in sorted(folder.glob("*.npy")) if folder.is_dir() else ():
        facts = recalled(file.with_suffix(".json")) or {}
        yield file, Wanted(file.stem, str(facts.get("name", "unknown")), tuple(facts.get("shape", ())), str(facts.get("dtype", "uint8")))


def remove_array(file: Path) -> None:
    """Remove an array and its description."""
    for part in (file, file.with_suffix(".json")):
        discard(part)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _mapped(folder: Path, wanted: Wanted) -> np.ndarray | None:
    """Map an array that is there; None where it is not, or not as it was written."""
    file, facts = folder / f"{wanted.key}.npy", recalled(folder / f"{wanted.key}.json")
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
        state = (file, file.stat().st_mtime_ns, file.stat().st_size)
        alike = (array.shape, array.dtype) == (wanted.shape, np.dtype(wanted.dtype))
        if alike and facts is not None and (state in _verified or _digest(array) == facts["content"]):
            _verified.add(state)
            os.utime(file.with_suffix(".json"))
            return array
    except FileNotFoundError:
        return None
    except (OSError, ValueError, EOFError, KeyError, TypeError):
        pass
    print(f"{file} was damaged: {wanted.name} is computed anew", file=sys.stderr, flush=True)
    remove_array(file)
    return None


_verified: set[tuple[Path | int, ...]] = set()
"""Files whose hash this process has compared, with their time and size."""


def _joined(folder: Path, wanted: Wanted, limit_bytes: int, rows: int) -> Blocks:
    """Join those of this machine who compute an array; the first one makes room for it."""
    file = folder / f".{platform.node()}.{wanted.key}"
    _make_room(folder, limit_bytes - wanted.size_bytes)
    if not file.exists():
        _demand_room(folder, wanted.size_bytes)
    return Blocks(file, wanted.shape, wanted.dtype, rows, lambda: _alone(folder))


def _kept(folder: Path, wanted: Wanted, blocks: Blocks) -> np.ndarray | None:
    facts = {"name": wanted.name, "shape": list(wanted.shape), "dtype": wanted.dtype, "content": _digest(blocks.array)}
    write(folder / f"{wanted.key}.json", sealed(facts))
    blocks.keep(folder / f"{wanted.key}.npy")
    return _mapped(folder, wanted)


def _demand_room(folder: Path, wanted: int) -> None:
    """Raise an OSError where the disk has less room: writing to a map that the disk cannot hold would end the process."""
    free = os.statvfs(folder)
    if wanted > free.f_bavail * free.f_frsize:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _make_room(folder: Path, most: int) -> None:
    """Remove the arrays that were used longest ago until the others take at most so many bytes; and what a killed process left."""
    remove_abandoned(folder)
    kept = [(file, file.stat()) for file in folder.glob("*.npy")]
    used = {file: file.with_suffix(".json").stat().st_mtime if file.with_suffix(".json").exists() else 0.0 for file, _ in kept}
    total = sum(status.st_size for _, status in kept)
    for file, status in sorted(kept, key=lambda entry: used[entry[0]]):
        if total <= most:
            return
        remove_array(file)
        total -= status.st_size


def _digest(array: np.ndarray) -> str:
    state, rows = hashlib.sha256(), max(2**22 // max(array[:1].nbytes, 1), 1)
    for first in range(0, len(array), rows):
        state.update(np.ascontiguousarray(array[first:first + rows]).data)
    return state.hexdigest()[:16]
