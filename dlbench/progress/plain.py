"""Progress as plain lines on standard error."""

from __future__ import annotations

import sys
import time
from typing import Self

LINE_EVERY_S = 10.0


class Silent:
    """Shows nothing but notes, such as warnings."""

    def __init__(self) -> None:
        self.name, self.total, self.began = "", 0, 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def phase(self, name: str, total: int) -> None:
        """A phase of so many parts begins."""
        self.name, self.total, self.began = name, total, time.monotonic()

    def update(self, done: int, running: int, failed: int) -> None:
        """Counts within the phase."""

    def note(self, text: str) -> None:
        """A line of its own."""
        print(text, file=sys.stderr, flush=True)

    def left(self, done: int) -> str:
        """The estimated time that is left of the phase, for the end of a line; empty before anything is done."""
        return f", about {(time.monotonic() - self.began) / done * (self.total - done):.0f} s left" if done else ""


class Lines(Silent):
    """A line a phase, then at most one every ten seconds."""

    def phase(self, name: str, total: int) -> None:
        """A phase of so many parts begins."""
        super().phase(name, total)
        self.last, self.ended = self.began, False
        self.note(name + (f": {total} runs" if total > 1 else ""))

    def update(self, done: int, running: int, failed: int) -> None:
        """Counts within the phase."""
        now = time.monotonic()
        if self.total <= 1 or self.ended or (now - self.last < LINE_EVERY_S and done < self.total):
            return
        state = f"{done} of {self.total} done, {running} running" + (f", {failed} failed" if failed else "")
        self.note(f"{self.name}: {state}{self.left(done)}")
        self.last, self.ended = now, done >= self.total
