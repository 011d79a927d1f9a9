"""Guards the import of a file of the user's own: meanwhile it may not end the program, ask for input, train, or take for ever."""

from __future__ import annotations

import builtins
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from typing import Any

from dlbench.values.errors import InputError

LONGEST_S = 60.0
"""How long a file may work while it is imported; the time that libraries take to be imported does not count."""
REMEDY = 'put what a program does behind `if __name__ == "__main__":`, or into a function'
EXITS = [(os, "_exit", "ends the program")]
FORBIDDEN: list[tuple[Any, str, str]] = [*EXITS, (builtins, "input", "asks for input")]
"""Owner, name and description of the functions that a file may not call while it is imported; an engine adds its own."""
_FILES: list[str] = []
"""What is executed now, the innermost last."""


class _Refused(SystemExit):
    """What a forbidden function raises; like an exit it passes handlers of exceptions."""


@contextmanager
def guarded(file: str) -> Iterator[None]:
    """Turn what ends the program while a file is executed into an error that names its line.

    Raises:
        InputError: the file exits, calls a function of :data:`FORBIDDEN`, or works longer than :data:`LONGEST_S`.
    """
    shown, arguments, said = sys.stderr, sys.argv, io.StringIO()
    sys.argv = [file]  # what was typed is meant for dlbench
    _FILES.append(file)
    try:
        with without(FORBIDDEN), _limited(LONGEST_S), redirect_stderr(said):
            yield
    except SystemExit as error:
        lines = said.getvalue().strip().splitlines()
        why = error.code if isinstance(error, _Refused) else "ends the program"
        last = lines[-1].rpartition("error: ")[2] if lines else ""
        detail = error.code if isinstance(error.code, str) and not isinstance(error, _Refused) else last
        said = io.StringIO()
        line = f"line {number}" if (number := line_of(error, file)) else ""
        where = f" ({': '.join(filter(None, (line, detail)))})" if line or detail else ""
        raise InputError(f"{os.path.basename(file)} {why} while it is imported{where}; {REMEDY}") from error
    finally:
        sys.argv = arguments
        _FILES.pop()
        if said.getvalue() and shown is not None:
            shown.write(said.getvalue())


def line_of(error: BaseException, file: str) -> int | None:
    """Return the line of a file's own statement at which an error was raised; None where the file was not being executed."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno
    trace, found = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file and (found is None or trace.tb_frame.f_code.co_name == "<module>"):
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


@contextmanager
def without(forbidden: list[tuple[Any, str, str]]) -> Iterator[None]:
    """Replace functions by ones that end what calls them with a :class:`SystemExit`."""
    def refusing(words: str) -> Callable[..., Any]:
        def refuse(*_: Any, **__: Any) -> Any:
            raise _Refused(words)
        return refuse

    words_of = {(owner, name): words for owner, name, words in forbidden}
    kept = {(owner, name): vars(owner).get(name) for owner, name in words_of}
    for (owner, name), words in words_of.items():
        setattr(owner, name, refusing(words))
    try:
        yield
    finally:
        for (owner, name), function in kept.items():
            delattr(owner, name) if function is None else setattr(owner, name, function)


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Refuse what takes longer. Outside of the main thread, and where another alarm is set, nothing is limited."""
    if threading.current_thread() is not threading.main_thread() or signal.getitimer(signal.ITIMER_REAL)[0]:
        yield
        return

    def ring(_: int, frame: Any) -> None:
        while frame is not None and frame.f_code.co_name != "<module>" and "importlib" not in frame.f_globals.get("__name__", ""):
            frame = frame.f_back
        if frame is not None and frame.f_code.co_filename in _FILES:  # else a library is being imported
            raise _Refused(f"works for more than {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
