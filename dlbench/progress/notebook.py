"""Progress in a notebook: one output that is updated in place."""

from __future__ import annotations

import pkgutil
import sys
import time
from typing import Any

from dlbench.progress.plain import Silent

EVERY_S = 0.5


def is_notebook() -> bool:
    """Whether this process is a notebook's kernel."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


class Notebook(Silent):
    """Phases with counts and the time left, one line each."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.notes: list[str] = []
        self.handle: Any = None
        self.shown = 0.0

    def __exit__(self, *_: object) -> None:
        if self.handle is not None:
            self._show()

    def phase(self, name: str, total: int) -> None:
        """A phase of so many parts begins."""
        super().phase(name, total)
        self.lines.append(f"{name}: …" if total <= 1 else f"{name}: 0 of {total}")
        self._show()

    def update(self, done: int, running: int, failed: int) -> None:
        """Counts within the phase."""
        left = self.left(done) if done < self.total else ""
        state = f"{done} of {self.total}{left}" if self.total > 1 else "done" if done else "…"
        self.lines[-1] = f"{self.name}: {state}" + (f", {failed} failed" if failed else "")
        if done >= self.total or time.monotonic() - self.shown > EVERY_S:
            self._show()

    def note(self, text: str) -> None:
        """A line above the phases."""
        self.notes.append(text)
        self._show()

    def _show(self) -> None:
        self.shown = time.monotonic()
        content = {"text/plain": "\n".join([*self.notes, *self.lines])}
        if self.handle is None:
            self.handle = pkgutil.resolve_name("IPython.display:display")(content, raw=True, display_id=True)
        else:
            self.handle.update(content, raw=True)
