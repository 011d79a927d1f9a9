"""Standard streams that are closed, or that nobody reads any more, end no study."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO


class Lossy:
    """Writes to a stream for as long as it takes something; what it does not take is lost, and nothing is raised."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write what the stream takes."""
        with suppress(OSError):
            self.stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush what the stream takes."""
        with suppress(OSError):
            self.stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextmanager
def open_streams() -> Iterator[None]:
    """Open closed standard streams on the null device, so that no results file gets their number; messages may be lost from then on."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # it gets the lowest free number, which is this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    before, sys.stderr = sys.stderr, Lossy(sys.stderr)
    try:
        yield
    finally:
        sys.stderr = before
        flushed(sys.stderr)


def flushed(stream: TextIO) -> OSError | None:
    """Flush a stream; where it takes nothing, let go of what is left, which Python would try again at its end, and return the error."""
    try:
        stream.flush()
    except OSError as error:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
        return error
    return None
