"""Blocks of a report that are text and tables. A block says what is shown and knows no format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dlbench.report.figures.palette import look


@dataclass(frozen=True)
class Strong:
    """Words of a text that stand out."""

    text: str


@dataclass(frozen=True)
class Link:
    """Words of a text that lead somewhere; an address that ends in ``/`` leads to the report of that folder in the same format."""

    text: str
    address: str


Rich = str | tuple[str | Strong | Link, ...]
"""A text, or its parts where some of them stand out or lead somewhere."""


def spans(text: Rich) -> tuple[str | Strong | Link, ...]:
    """The parts of a text.

    Example:
        >>> spans("plain"), spans(("see ", Strong("this")))
        (('plain',), ('see ', Strong(text='this')))
    """
    return (text,) if isinstance(text, str) else text


@dataclass(frozen=True)
class Text:
    """A paragraph.

    Attributes:
        text: what it says.
        role: ``lead``: the answer; ``note``: what must be known before numbers are trusted; ``hint``: how to read what follows.
    """

    text: Rich
    role: Literal["plain", "lead", "note", "hint", "muted"] = "plain"


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list of short texts."""

    items: tuple[Rich, ...]


@dataclass(frozen=True)
class Code:
    """Text that is shown letter by letter.

    Attributes:
        text: the lines.
        title: what it is, for those who cannot see it.
        command: whether it is to be typed, so that a page offers to copy it.
    """

    text: str
    title: str
    command: bool = False


@dataclass(frozen=True)
class Axis:
    """The axis that the plots of intervals in rows share; positions in per cent of its width.

    Attributes:
        limit: half its width as text, without the sign.
        unit: of the numbers.
        low, high: where the margin's band begins and ends.
    """

    limit: str
    unit: str
    low: float
    high: float


@dataclass(frozen=True)
class Strip:
    """An interval drawn in a row; positions in per cent of the axis' width.

    Attributes:
        arm: whose it is, by its position in the study.
        tip: the numbers behind it.
        mean: where the estimate stands; None without one.
        low, high: the ends of the interval, clipped to the axis; None without one.
        beyond: -1 or 1 where the estimate lies outside of the axis.
    """

    arm: int
    tip: str
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    beyond: int = 0


@dataclass(frozen=True)
class Cell:
    """What stands in a table's cell.

    Attributes:
        text: its text.
        small: a second line.
        sort: what the column is sorted by instead of the text; an empty text comes last.
        verdict: the verdict that it tells, which gives it a sign and a colour.
        state: the state of a control or of a run that it tells, which gives it a colour.
        arm: the arm that its text chooses, by its position in the study.
        address: where its text leads.
        strip: an interval that is drawn instead of a text.
        marks: verdicts with a text each, instead of one text.
    """

    text: str = ""
    small: str = ""
    sort: float | str | None = None
    verdict: str = ""
    state: str = ""
    arm: int | None = None
    address: str = ""
    strip: Strip | None = None
    marks: tuple[Cell, ...] = ()

    @property
    def linked(self) -> Rich:
        """Its text, which leads somewhere where it has an address."""
        return (Link(self.text, self.address),) if self.address else self.text

    @property
    def sign(self) -> str:
        """The sign of the verdict that it tells; empty where it tells none."""
        return look(self.verdict).sign if self.verdict else ""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        header: its heading.
        role: ``number``: aligned right; ``wide``: prose; ``short``: never broken; ``plot``: intervals, in pages only.
        label: its heading where the cells of a row stand one below another.
        small: the heading of the second lines, where formats without second lines give them a column of their own.
        descending: whether a reader who sorts by it wants the largest first.
    """

    header: str
    role: Literal["text", "number", "wide", "short", "plot"] = "text"
    label: str = ""
    small: str = ""
    descending: bool = False


def columns(*headers: str, numbers: Iterable[int] = (), wide: Iterable[int] = ()) -> tuple[Column, ...]:
    """Columns with these headers, some of which, by their positions, hold numbers or prose.

    Example:
        >>> [column.role for column in columns("Arm", "p", "Why", numbers=[1], wide=[2])]
        ['text', 'number', 'wide']
    """
    return tuple(Column(header, "number" if place in numbers else "wide" if place in wide else "text")
                 for place, header in enumerate(headers))


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Attributes:
        cells: one a column; a text stands for a cell of it.
        arm: whose row it is, by its position in the study.
        kind: what a reader filters rows by.
        marked: whether it stands out.
    """

    cells: tuple[Cell, ...]
    arm: int | str | None = None
    kind: str = ""
    marked: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "cells", tuple(Cell(cell) if isinstance(cell, str) else cell for cell in self.cells))


@dataclass(frozen=True)
class Table:
    """A table; its first column names the row.

    Attributes:
        name: its identifier in a page.
        title: what it is, in a few words.
        caption: what it shows and how to read it.
        columns, rows: its content.
        usage: what a reader can do with it in a page, and only there.
        layout: ``cards``: a row becomes a card on a narrow screen; ``dense``: small print.
        filtered: what its rows can be searched in, such as ``verdict table``; empty: it is not searched.
        kinds: the kinds of rows that a reader may choose, each with what it is called.
        axis: of the intervals drawn in it.
    """

    name: str
    title: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    usage: str = ""
    layout: Literal["", "cards", "dense"] = ""
    filtered: str = ""
    kinds: tuple[tuple[str, Cell], ...] = ()
    axis: Axis | None = None


def text_table(name: str, title: str, caption: str, headers: Iterable[str], rows: Iterable[tuple[str, ...]]) -> Table:
    """A table of nothing but texts; its parts as :class:`Table` has them."""
    return Table(name, title, caption, columns(*headers), tuple(map(Row, rows)))


@dataclass(frozen=True)
class Answer:
    """What is said of an arm: a sentence, the difference, and its interval as a drawing."""

    arm: str
    text: str
    size: str
    strip: Strip


@dataclass(frozen=True)
class Group:
    """The arms of one verdict.

    Attributes:
        verdict: which.
        title: what the verdict is called here.
        answers: of the arms, in the order in which they are told.
    """

    verdict: str
    title: str
    answers: tuple[Answer, ...]

    @property
    def sign(self) -> str:
        """The sign of the verdict."""
        return look(self.verdict).sign


@dataclass(frozen=True)
class Tally:
    """How many arms have each verdict; a page shows it, other formats leave it to the lead."""

    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Answers:
    """The sentence of every arm, by verdict."""

    groups: tuple[Group, ...]
    axis: Axis

    @property
    def folded(self) -> bool:
        """Whether there are so many that a page folds all but the first two verdicts."""
        return sum(len(group.answers) for group in self.groups) > 16
