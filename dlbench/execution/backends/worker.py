"""A worker process: it is forked from a server that has imported the engine, and ends when its driver ends."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import pkgutil
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dlbench.engines.protocol import Description, Engine, Settings, one_line
from dlbench.references import watch
from dlbench.references.variables import take_over
from dlbench.values.errors import InputError, Stopped
from dlbench.values.search_path import leave_current_folder

PRELOADED = "DLBENCH_PRELOAD"
"""The variable that tells the fork server which module to import."""

_exit = os._exit
"""As it is before a user's file is imported: while that goes on, `os._exit` is one that refuses, in every thread."""


def main(pipe: multiprocessing.connection.Connection, settings: Settings, engine: Description) -> None:
    """Answer tasks until the pipe closes.

    Args:
        pipe: takes ``(method, arguments)``; gives ``(kind, value)`` with kind ``ready``, ``done``, ``input`` or ``error``.
        settings: given to the engine's ``start``.
        engine: what to start.
    """
    for ending in (signal.SIGINT, signal.SIGHUP):  # a terminal sends them to all; the driver ends its workers
        signal.signal(ending, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_leave_with_driver, daemon=True).start()
    tempfile.tempdir = settings.scratch or tempfile.tempdir
    preloaded = engine.preload is None or engine.preload in sys.modules
    leave_current_folder()
    take_over(settings.variables)
    if settings.watched and settings.beside:
        watch.start(Path(settings.beside), (settings.cache_dir,), tuple(engine.variables))
    try:
        worker = pkgutil.resolve_name(engine.start)(settings)
    except InputError as error:
        pipe.send(("input", str(error)))
        return
    pipe.send(("ready", preloaded))
    while True:
        try:
            method, arguments = pipe.recv()
            pipe.send(answer(worker, method, arguments, engine.describe_error))
        except (EOFError, OSError):  # the driver is gone
            return


def answer(worker: Engine, method: str, arguments: dict[str, Any],
           describe: Callable[[BaseException], str] = one_line) -> tuple[str, Any]:
    """Call a method of the engine; ``(kind, value)``, kind being ``done``, ``input``, ``stopped`` or ``error``."""
    try:
        return "done", getattr(worker, method)(**arguments)
    except InputError as error:
        return "input", str(error)
    except Stopped as error:
        return "stopped", str(error)
    except (Exception, SystemExit) as error:  # a run that raises is a record; the worker lives on
        last = traceback.extract_tb(error.__traceback__)[-1]
        return "error", f"{describe(error)} ({os.path.basename(last.filename)}:{last.lineno})"


def _leave_with_driver() -> None:
    driver = multiprocessing.parent_process()
    if driver is not None:
        multiprocessing.connection.wait([driver.sentinel])
        _exit(1)
