"""A folder for the temporary files of a process and its workers, removed when the process ends, or by the next one if it was killed."""

from __future__ import annotations

import atexit
import multiprocessing.process
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import psutil

PREFIX = "dlbench-run-"
SHORT = "/tmp"
"""Where sockets lie if the folder of temporary files has too long a path for them."""
LONGEST = 60
"""Characters of a folder in which the path of a socket still fits into the 107 bytes that the system allows."""


@cache
def scratch() -> str:
    """Make this process' folder, with its number in the name, and remove those of processes that are gone.

    The sockets of multiprocessing's fork server lie in it too, unless another library has started one before.
    """
    remove_leftovers()
    folder = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    sockets = folder
    if len(folder) > LONGEST and os.access(SHORT, os.W_OK):
        sockets = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=SHORT)
        atexit.register(shutil.rmtree, sockets, ignore_errors=True)
    multiprocessing.process.current_process()._config.setdefault("tempdir", sockets)  # type: ignore[attr-defined]
    return folder


def remove_leftovers() -> None:
    """Remove the folders of this user's processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)) and folder.stat().st_uid == os.getuid():
            shutil.rmtree(folder, ignore_errors=True)
