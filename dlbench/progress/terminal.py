"""Progress as a bar on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn


class Bar:
    """A progress bar: runs done, running, failed, time left."""

    def __init__(self) -> None:
        self.progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(), console=Console(stderr=True),
        )
        self.task = TaskID(0)

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
        """A line above the bar; a warning in yellow."""
        self.progress.console.print(text, markup=False, highlight=False, style="yellow" if text.startswith("warning:") else None)
