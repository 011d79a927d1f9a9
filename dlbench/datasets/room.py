"""Room on disk for decoded data: what is demanded before it is written, and how what is of no use is removed."""

from __future__ import annotations

import shutil
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from dlbench.values.errors import InputError

LARGE_BYTES = 2**30
"""Decoded data above this size is told of before it is written."""


def discard(entry: Path) -> None:
    """Remove an entry of the cache, be it a folder or a file that has come into its place; what cannot be removed stays."""
    with suppress(OSError):
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink(missing_ok=True)


def remove_interrupted(parent: Path) -> None:
    """Remove the folders of processes that were ended while they wrote."""
    for folder in (entry for entry in parent.iterdir() if entry.name.startswith(".")):
        pid = folder.name[1:].partition(".")[0]
        if folder.is_dir() and not (pid.isdigit() and psutil.pid_exists(int(pid))):
            shutil.rmtree(folder, ignore_errors=True)


def demand_room(name: str, wanted: int, parent: Path) -> None:
    """Say that much is written, and refuse what does not fit: ``wanted`` bytes.

    Raises:
        InputError: the disk has less room.
    """
    if wanted > LARGE_BYTES:
        print(f"'{name}': {wanted / 2**30:,.1f} GiB of decoded data are written to {parent}; `dlbench cache` shows and removes them",
              file=sys.stderr, flush=True)
    if wanted > (free := shutil.disk_usage(parent).free):
        raise InputError(f"dataset '{name}': decoded it takes {wanted / 2**30:,.1f} GiB, and {parent} has {free / 2**30:,.1f} GiB left; "
                         "smaller images (`size = [height, width]`) take less, `dlbench cache` shows what is kept there, and "
                         "DLBENCH_CACHE_DIR names another folder")
