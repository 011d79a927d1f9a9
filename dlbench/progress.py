"""Layer 9: progress, for both faces: one output in a notebook, a bar on a terminal, plain lines elsewhere.

Each class is a :class:`dlbench.execution.options.Listener`.
"""

from __future__ import annotations

import pkgutil
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, Self

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from dlbench.execution.estimates import Estimate
from dlbench.report.wording import NOTHING, bare, number, shortened, unit_of
from dlbench.values.metric import Metric
from dlbench.values.text import fitted, visible

LABEL, MOST_ROWS = 32, 12
"""Characters of an arm's name, and arms, that a table of effects so far shows."""
LINE_EVERY_S = 10.0
OUTPUT_EVERY_S = 0.5


class Silent:
    """Shows nothing but notes, such as warnings."""

    def __init__(self) -> None:
        self.name, self.total, self.began, self.shown = "", 0, 0.0, 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def phase(self, name: str, total: int) -> None:
        """Begin a phase of so many parts."""
        self.name, self.total, self.began = name, total, time.monotonic()

    def update(self, done: int, running: int, failed: int) -> None:
        """Show the counts within the phase."""

    def note(self, text: str) -> None:
        """Print a line of its own."""
        print(fitted(visible(text), err=True), file=sys.stderr, flush=True)

    def time_left(self, done: int) -> str:
        """The estimated time that is left of the phase, for the end of a line; empty before anything is done."""
        return f", about {(time.monotonic() - self.began) / done * (self.total - done):.0f} s left" if done else ""


class Lines(Silent):
    """Prints a line a phase, then at most one every ten seconds."""

    def phase(self, name: str, total: int) -> None:
        """Print the phase's name."""
        super().phase(name, total)
        self.shown, self.ended = self.began, False
        self.note(name + (f": {total} runs" if total > 1 else ""))

    def update(self, done: int, running: int, failed: int) -> None:
        """Print the counts, unless the last line is too recent."""
        now = time.monotonic()
        if self.total <= 1 or self.ended or (now - self.shown < LINE_EVERY_S and done < self.total):
            return
        state = f"{done} of {self.total} done, {running} running" + (f", {failed} failed" if failed else "")
        self.note(f"{self.name}: {state}{self.time_left(done)}")
        self.shown, self.ended = now, done >= self.total


class Notebook(Silent):
    """Updates one output in place: the notes, then a line a phase with its counts and the time left."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.notes: list[str] = []
        self.handle: Any = None

    def __exit__(self, *_: object) -> None:
        if self.handle is not None:
            self._show()

    def phase(self, name: str, total: int) -> None:
        """Add a line."""
        super().phase(name, total)
        self.lines.append(f"{name}: …" if total <= 1 else f"{name}: 0 of {total}")
        self._show()

    def update(self, done: int, running: int, failed: int) -> None:
        """Write the counts into the phase's line."""
        left = self.time_left(done) if done < self.total else ""
        state = f"{done} of {self.total}{left}" if self.total > 1 else "done" if done else "…"
        self.lines[-1] = f"{self.name}: {state}" + (f", {failed} failed" if failed else "")
        if done >= self.total or time.monotonic() - self.shown > OUTPUT_EVERY_S:
            self._show()

    def note(self, text: str) -> None:
        """Add a line above the phases."""
        self.notes.append(text)
        self._show()

    def _show(self) -> None:
        self.shown = time.monotonic()
        content = {"text/plain": "\n".join([*self.notes, *self.lines])}
        if self.handle is None:
            self.handle = pkgutil.resolve_name("IPython.display:display")(content, raw=True, display_id=True)
        else:
            self.handle.update(content, raw=True)


class _WithTable(Progress):
    """Bars below a table, where there is one."""

    table: Table | None = None

    def get_renderables(self) -> Iterator[RenderableType]:
        """Yield what is drawn, from above."""
        if self.table is not None:
            yield self.table
        yield from super().get_renderables()


class Bar:
    """Draws a progress bar on a terminal: runs done, running, failed, time left; above it, the effects so far."""

    def __init__(self) -> None:
        self.progress = _WithTable(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(), console=Console(stderr=True),
        )
        self.task = TaskID(0)

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.table = None  # the verdicts follow
        self.progress.stop()

    def phase(self, name: str, total: int) -> None:
        """Add a bar."""
        self.task = self.progress.add_task(name, total=total, state="")

    def update(self, done: int, running: int, failed: int) -> None:
        """Move the phase's bar."""
        state = f"{running} running" + (f", {failed} failed" if failed else "") if running else ""
        self.progress.update(self.task, completed=done, state=state)

    def estimates(self, metric: Metric, rows: Sequence[Estimate]) -> None:
        """Draw the effects so far above the bars: the open arms first, those of the largest effects first."""
        self.progress.table = estimates_table(metric, rows) if any(row.pairs for row in rows) else None

    def note(self, text: str) -> None:
        """Print a line above the bars; a warning in yellow."""
        self.progress.console.print(visible(text), markup=False, highlight=False, style="yellow" if text.startswith("warning:") else None)


def estimates_table(metric: Metric, rows: Sequence[Estimate]) -> Table:
    """The effects of arms while a study runs, as a table of at most 80 columns that says that they are no verdicts."""
    unit = unit_of(metric)
    table = Table(box=None, pad_edge=False)
    decided = ["Decided"] if any(row.verdict for row in rows) else []
    for header in ("Arm", "Seeds", f"So far, {unit.short}".rstrip(", "), "At the end", *decided):
        table.add_column(header, justify="left" if header in ("Arm", "Decided") else "right", no_wrap=True)
    ordered = sorted(rows, key=lambda row: (bool(row.verdict), -abs(row.difference or 0.0)))
    for row in ordered[:MOST_ROWS]:
        ends = [f"± {number(value * unit.scale, unit.decimals)}" if value is not None else "" for value in (row.half_width, row.at_end)]
        effect = f"{bare(row.difference, unit)} {ends[0]}".rstrip() if row.difference is not None else NOTHING
        seeds = f"{row.pairs}" if row.planned is None else f"{row.pairs} of {row.planned}"
        cells = [seeds, effect, "" if row.verdict else ends[1], *([row.verdict] if decided else [])]
        table.add_row(Text(shortened(visible(row.arm), LABEL)), *cells)
    if len(rows) > MOST_ROWS:
        table.add_row(f"and {len(rows) - MOST_ROWS} more arms")
    table.add_row(Text("no verdicts yet", style="dim"))
    return table


def listener(shown: bool = True) -> Bar | Silent:
    """The listener that fits where this process runs; one that shows notes alone where progress is not to be shown."""
    if not shown:
        return Silent()
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return Notebook() if hasattr(shell, "kernel") else Bar() if sys.stderr.isatty() else Lines()
