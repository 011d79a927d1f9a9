"""Imports the engine in the fork server, and hides what this prints on standard error."""

from __future__ import annotations

import atexit
import gc
import os
import pkgutil
import signal
import sys
import tempfile

from dlbench.execution.backends.worker import PRELOADED
from dlbench.values.imports import uncollected
from dlbench.values.search_path import leave_current_folder


def quietly(reference: str) -> None:
    """Import a module, and show what it prints on standard error only where the import fails."""
    kept = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            with uncollected():
                pkgutil.resolve_name(reference)
        except BaseException:
            file.seek(0)
            os.write(kept, file.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


if "multiprocessing.forkserver" in sys.modules:
    leave_current_folder()
    for ending in (signal.SIGINT, signal.SIGHUP):  # they are for the driver, which takes the fork server down with it
        signal.signal(ending, signal.SIG_IGN)
    if os.environ.get(PRELOADED):
        quietly(os.environ[PRELOADED])
    gc.freeze()  # what is imported stays shared with the workers
    atexit.register(os._exit, 0)  # taking the engine's modules down one by one takes seconds
