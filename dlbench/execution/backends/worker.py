"""A worker process: forked from a server that has imported TensorFlow, and gone as soon as its driver is."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import pkgutil
import re
import signal
import sys
import threading
import traceback
from typing import Any

from dlbench.values.errors import InputError

ENGINE = "dlbench.engines.keras.engine"
STYLE = re.compile(r"\x1b\[[0-9;]*m")
"""What makes a terminal print in bold."""


def main(pipe: multiprocessing.connection.Connection, settings: dict[str, Any], engine: str = ENGINE) -> None:
    """Answer tasks until the pipe closes.

    Args:
        pipe: takes ``(method, arguments)``; gives ``(kind, value)`` with kind ``ready``, ``done``, ``input`` or ``error``.
        settings: arguments of the engine's ``start``.
        engine: its module.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_leave_with_driver, daemon=True).start()
    preloaded = engine in sys.modules
    worker = pkgutil.resolve_name(f"{engine}:start")(**settings)
    pipe.send(("ready", preloaded))
    while True:
        try:
            method, arguments = pipe.recv()
            pipe.send(answer(worker, method, arguments))
        except (EOFError, OSError):  # the driver is gone
            return


def answer(worker: Any, method: str, arguments: dict[str, Any]) -> tuple[str, Any]:
    """Call a method of the engine; ``(kind, value)``, kind being ``done``, ``input`` or ``error``."""
    try:
        return "done", getattr(worker, method)(**arguments)
    except InputError as error:
        return "input", str(error)
    except Exception as error:  # a run that raises is a record; the worker lives on
        last = traceback.extract_tb(error.__traceback__)[-1]
        return "error", f"{_one_line(error)} ({os.path.basename(last.filename)}:{last.lineno})"


def _one_line(error: BaseException) -> str:
    """An exception's type and message; of one that TensorFlow wrapped in its trace of user code, the original's."""
    error = _unnamed(error) or error
    text = f"{type(error).__name__}: {STYLE.sub('', str(error))}"
    original = re.search(r"in user code:.*\n\s+(\w+: .*)", text, re.DOTALL)
    return " ".join((original.group(1) if original else text).split())[:300]


def _unnamed(error: BaseException | None) -> BaseException | None:
    """What was raised inside a layer where Keras, which says in which one, could not keep its class: numpy's want of memory."""
    while error is not None:
        if getattr(error, "_keras_call_info_injected", False) and type(error) is RuntimeError:
            return None if isinstance(error.__context__, RuntimeError) else error.__context__
        error = error.__context__
    return None


def _leave_with_driver() -> None:
    driver = multiprocessing.parent_process()
    if driver is not None:
        multiprocessing.connection.wait([driver.sentinel])
        os._exit(1)
