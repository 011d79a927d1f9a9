"""A report as a document: sections of blocks, which every format renders in the same order.

A block says what is shown and knows no format; :mod:`dlbench.report.html`, :mod:`dlbench.report.markdown` and
:mod:`dlbench.report.latex` say how each kind of block looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from dlbench.report.blocks import (
    Answer,
    Answers,
    Axis,
    Cell,
    Code,
    Column,
    Group,
    Heading,
    Items,
    Link,
    Rich,
    Row,
    Shown,
    Strip,
    Strong,
    Table,
    Tally,
    Text,
    columns,
    spans,
    text_tables,
)
from dlbench.report.figures import canvas
from dlbench.values.text import listed, one_line

__all__ = [
    "Answer", "Answers", "Axis", "Beside", "Block", "Cell", "Code", "Column", "Details", "Document", "Figure", "Group", "Heading",
    "Items", "Link", "Panels", "Part", "Progress", "Rich", "Row", "Section", "Shown", "Strip", "Strong", "Table", "Tally", "Text",
    "assemble", "columns", "kind", "left_out", "named", "spans", "text_tables"]
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
        return canvas.draw(self.plot, self.tables, self.name, self.size_in, self.columns)


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
    """Say what a figure does not show, as a sentence; nothing where it shows all."""
    return f" Shown: the {shown} of {of} arms that differ most; the verdict table has all." if shown < of else ""


def named(arms: Iterable[object], most: int = 12) -> str:
    """Arms in a sentence, each cut where it is long."""
    return listed([one_line(arm, 60) for arm in arms], most=most)


@dataclass(frozen=True)
class Details:
    """Blocks that a reader may unfold.

    Attributes:
        summary: what they are.
        blocks: what is unfolded.
        unfolded: whether they are so from the start.
        searched: whether they are to be searched rather than read, so that only a page has them.
    """

    summary: str
    blocks: tuple[Block, ...]
    unfolded: bool = False
    searched: bool = False


@dataclass(frozen=True)
class Beside:
    """Small figures side by side."""

    blocks: tuple[Block, ...]


Block = Text | Heading | Items | Code | Details | Beside | Table | Tally | Answers | Figure | Panels


def kind(block: Block) -> str:
    """Return the name under which a format knows a block.

    Example:
        >>> kind(Heading("Failures"))
        'heading'
    """
    return type(block).__name__.lower()


@dataclass(frozen=True)
class Section:
    """A part of the report.

    Attributes:
        id: its identifier in a page, unique in a report.
        title: its heading, the same in every format.
        build: what makes its blocks of an analysis; a section without blocks is left out.
    """

    id: str
    title: str
    build: Callable[[Any], Iterable[Block]]

    @property
    def name(self) -> str:
        """Its identifier, under which a catalogue knows it."""
        return self.id


@dataclass(frozen=True)
class Part:
    """A section that was built."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Progress:
    """How far something has come that is not complete, in numbers and in words."""

    finished: int
    planned: int
    text: str


@dataclass(frozen=True)
class Document:
    """Everything that a report says.

    Attributes:
        name: what it is about, in a word.
        tab: what it is called among other pages.
        kicker: the line above the title: what this is.
        title: its heading.
        facts: name -> text, below the title.
        parts: what follows.
        source: what it was made from, the end of its last sentence.
        progress: where it is about something that is not complete.
    """

    name: str
    tab: str
    kicker: str
    title: str
    facts: dict[str, str]
    parts: tuple[Part, ...]
    source: str = ""
    progress: Progress | None = None

    def figures(self, page: bool = False) -> Iterator[Figure]:
        """Yield the figures that formats without a page of their own link to, in order; or those of a ``page``."""
        for part in self.parts:
            yield from _figures(part.blocks, page)


def _figures(blocks: Iterable[Block], page: bool) -> Iterator[Figure]:
    for block in blocks:
        if isinstance(block, Figure):
            yield block
        elif isinstance(block, Panels):
            yield from block.each if page else (block.together,)
        elif isinstance(block, Beside | Details):
            yield from _figures(block.blocks, page)


def assemble(sections: Iterable[Section], analysis: Any) -> tuple[Part, ...]:
    """Build sections of an analysis, in order, without those that have nothing to show."""
    parts = (Part(section.id, section.title, tuple(section.build(analysis))) for section in sections)
    return tuple(part for part in parts if part.blocks)
