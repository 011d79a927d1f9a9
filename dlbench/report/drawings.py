"""Blocks of a report that are figures, drawn when a format first asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
from matplotlib.axes import Axes

from dlbench.report.figures import canvas
from dlbench.values.text import listed, one_line

Plot = Callable[[pd.DataFrame, Axes], Axes]
MOST_IN_FILE, MOST_ON_PAGE = 12, 48
"""Panels that one figure file holds, and that a page shows."""


@dataclass(frozen=True, eq=False)
class Figure:
    """A figure of its own, drawn when a format first asks for it.

    Attributes:
        name: its file's name without suffix, unique in a report.
        title, caption: what it is, and how to read it.
        alt: what it shows, for those who cannot see it.
        plot: what draws a table on axes.
        tables: what is drawn: one table a pair of axes.
        size_in: width and height, in inches; of a pair of axes where there are ``columns``.
        columns: how many pairs of axes stand side by side; 0: there is one.
    """

    name: str
    title: str
    caption: str
    alt: str
    plot: Plot
    tables: Sequence[pd.DataFrame]
    size_in: tuple[float, float]
    columns: int = 0

    @cached_property
    def svg(self) -> str:
        """The drawing, a stand-alone file."""
        if self.columns:
            return canvas.grid(self.plot, self.tables, self.name, self.size_in, self.columns)
        return canvas.draw(self.plot, self.tables[0], self.name, self.size_in)


@dataclass(frozen=True, eq=False)
class Panels:
    """Small figures of which there is one an arm: a page shows each by itself, other formats the first few in one file.

    Attributes:
        name, title, caption, plot: as those of a :class:`Figure`.
        tables: at most so many of the arms' tables, those of the arms that differ most; attrs ``id`` and ``arm``.
        of: how many arms there are in all; 0: as many as there are tables.
        describe: what a table shows, for those who cannot see it.
        size_in: width and height of one.
        columns: how many stand side by side in a file.
        wide: whether a page gives them more room.
    """

    name: str
    title: str
    caption: str
    plot: Plot
    tables: Callable[[int], Iterable[pd.DataFrame]]
    describe: Callable[[pd.DataFrame], str]
    of: int = 0
    size_in: tuple[float, float] = canvas.PANEL
    columns: int = 3
    wide: bool = False

    @cached_property
    def each(self) -> tuple[Figure, ...]:
        """One figure an arm."""
        return tuple(self._panel(table) for table in self.tables(MOST_ON_PAGE))

    def _panel(self, table: pd.DataFrame) -> Figure:
        first = str(table.attrs["id"]).partition(" ")[0]
        title = f"{self.title}: {one_line(table.attrs['arm'], 60)}"
        return Figure(f"{self.name}-{first}", title, "", f"{title}{self.describe(table)}", self.plot, (table,), self.size_in)

    @cached_property
    def together(self) -> Figure:
        """The first few in one figure."""
        tables = list(self.tables(MOST_IN_FILE))
        caption = self.caption + (left_out(len(tables), self.of) if len(tables) == MOST_IN_FILE else "")
        return Figure(self.name, self.title, caption, f"{self.title}, one panel an arm.", self.plot, tables, self.size_in, self.columns)


def left_out(shown: int, of: int) -> str:
    """What a figure does not show, as a sentence; nothing where it shows all."""
    return f" Shown: the {shown} of {of} arms that differ most; the verdict table has all." if shown < of else ""


def named(arms: Iterable[object], most: int = 12) -> str:
    """Arms in a sentence, each cut where it is long."""
    return listed([one_line(arm, 60) for arm in arms], most=most)
