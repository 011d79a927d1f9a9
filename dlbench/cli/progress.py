"""Progress: a bar on a terminal, plain lines elsewhere; always on standard error."""

from __future__ import annotations

import sys
import time
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from dlbench.cli.notebook import Notebook, inside

LINE_EVERY_S = 10.0


class Bar:
    """A progress bar: runs done, running, failed, time left."""

    def __init__(self) -> None:
        self.progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(), console=Console(stderr=True),
        )
        self.task = None

    def __enter__(self) -> Bar:
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def phase(self, name: str, total: int) -> None:
        """A phase of so many parts begins."""
        self.task = self.progress.add_task(name, total=total, state="")

    def update(self, done: int, running: int, failed: int) -> None:
        """Counts within the phase."""
        state = f"{running} running" + (f", {failed} failed" if failed else "") if running else ""
        self.progress.update(self.task, completed=done, state=state)

    def note(self, text: str) -> None:
        """A line above the bar."""
        self.progress.console.print(text, markup=False, highlight=False)


class Silent:
    """Shows nothing but notes, as warnings are."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def phase(self, name: str, total: int) -> None:
        """A phase of so many parts begins."""

    def update(self, done: int, running: int, failed: int) -> None:
        """Counts within the phase."""

    def note(self, text: str) -> None:
        """A line of its own."""
        click.echo(text, err=True)


class Lines(Silent):
    """A bar's content in plain lines: one a phase, then at most one every ten seconds."""

    def __init__(self) -> None:
        self.name, self.total, self.began, self.said = "", 0, 0.0, 0.0

    def phase(self, name: str, total: int) -> None:
        """A phase of so many parts begins."""
        self.name, self.total, self.began = name, total, time.monotonic()
        self.said = self.began
        click.echo(f"{name}" + (f": {total} runs" if total > 1 else ""), err=True)

    def update(self, done: int, running: int, failed: int) -> None:
        """Counts within the phase."""
        now = time.monotonic()
        if self.total <= 1 or (now - self.said < LINE_EVERY_S and done < self.total):
            return
        if self.said == -1:
            return
        left = (now - self.began) / done * (self.total - done) if done else None
        state = f"{done} of {self.total} done, {running} running" + (f", {failed} failed" if failed else "")
        click.echo(f"{self.name}: {state}" + (f", about {left:.0f} s left" if left is not None else ""), err=True)
        self.said = now if done < self.total else -1


def listener(shown: bool = True) -> Bar | Notebook | Silent:
    """One output in a notebook, a bar where standard error is a terminal, plain lines elsewhere."""
    if not shown:
        return Silent()
    if inside():
        return Notebook()
    return Bar() if sys.stderr.isatty() else Lines()
