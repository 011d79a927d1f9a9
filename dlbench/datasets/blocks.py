"""An array in a file whose blocks of rows are computed by all processes of a machine that want it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import numpy as np
import psutil

from dlbench.datasets.room import discard

FREE, DONE = 0, -1
"""What stands for a block instead of the process that computes it."""
OWNERS = ".owners"
"""Ends the name of the file that says of each block whose it is."""
WAIT_S = 0.02


class Blocks:
    """The blocks of an array that is being computed.

    Whoever computes holds a shared lock on the array's file: one that nobody holds was left by a killed process, and is begun anew. It is
    joined and left while ``alone()`` is held.

    Args:
        file: of the array, as numpy writes it.
        shape, dtype: of the array.
        rows: of a block.
        alone: gives the lock that all who compute share.
    """

    def __init__(self, file: Path, shape: tuple[int, ...], dtype: str, rows: int, alone: Callable[[], AbstractContextManager]) -> None:
        self.file, self.rows, self._alone, self._held = file, rows, alone, file.open("ab")
        mode = "w+" if _taken(self._held.fileno()) else "r+"
        fcntl.flock(self._held, fcntl.LOCK_SH)
        self.array = np.lib.format.open_memmap(file, mode, np.dtype(dtype), shape)
        self._owners = np.memmap(_owners(file), np.int32, mode, shape=(-(-shape[0] // rows),))

    def compute(self, values: Callable[[int, int], np.ndarray]) -> None:
        """Compute blocks until all are done, those of others too; a block whose process was killed is computed here.

        Args:
            values: ``values(start, stop)`` returns these rows.
        """
        while (self._owners != DONE).any():
            if (block := self._claimed()) is None:
                time.sleep(WAIT_S)
                continue
            start, state = block * self.rows, FREE
            try:
                stop = min(start + self.rows, len(self.array))
                self.array[start:stop] = values(start, stop)
                state = DONE
            finally:
                with self._alone():
                    self._owners[block] = state

    def _claimed(self) -> int | None:
        """Take the first block that nobody has; None where all are taken."""
        with self._alone():
            for block, owner in enumerate(self._owners.tolist()):
                if owner == FREE or (owner != DONE and not psutil.pid_exists(owner)):
                    self._owners[block] = os.getpid()
                    return block
        return None

    def keep(self, file: Path) -> None:
        """Give the array, which is done, its place."""
        self.array.flush()
        self.file.rename(file)
        _owners(self.file).unlink()

    def leave(self) -> None:
        """Compute no more of it. The last one removes what was not kept."""
        if _taken(self._held.fileno()):
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(self._held.fileno()), self.file.stat()):
                    _remove(self.file)
        self._held.close()


def remove_abandoned(folder: Path) -> None:
    """Remove what killed processes left of arrays in a folder, all of whose unfinished files have names that begin with a point."""
    for file in folder.glob(".*"):
        if file.suffix != OWNERS:
            with suppress(OSError), file.open("rb") as held:
                if _taken(held.fileno()):
                    _remove(file)


def _taken(descriptor: int) -> bool:
    """Try to be the only one who has a file locked."""
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _owners(file: Path) -> Path:
    return file.with_name(file.name + OWNERS)


def _remove(file: Path) -> None:
    for one in (file, _owners(file)):
        discard(one)
