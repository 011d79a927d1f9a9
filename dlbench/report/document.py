"""A report as a document: sections of blocks, which every format renders in the same order.

A block says what is shown and knows no format; :mod:`dlbench.report.html`, :mod:`dlbench.report.markdown` and
:mod:`dlbench.report.latex` say how each kind of block looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

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
    Strip,
    Strong,
    Table,
    Tally,
    Text,
    columns,
    spans,
    text_table,
)
from dlbench.report.drawings import Figure, Panels, left_out, named

__all__ = [
    "Answer", "Answers", "Axis", "Beside", "Block", "Cell", "Code", "Column", "Details", "Document", "Figure", "Group", "Heading",
    "Items", "Link", "Panels", "Part", "Progress", "Rich", "Row", "Section", "Strip", "Strong", "Table", "Tally", "Text", "assemble",
    "columns", "kind", "left_out", "named", "spans", "text_table"]


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

    def figures(self) -> Iterator[Figure]:
        """The figures that formats without a page of their own link to, in order."""
        for part in self.parts:
            yield from _figures(part.blocks)


def _figures(blocks: Iterable[Block]) -> Iterator[Figure]:
    for block in blocks:
        if isinstance(block, Figure):
            yield block
        elif isinstance(block, Panels):
            yield block.together
        elif isinstance(block, Beside | Details):
            yield from _figures(block.blocks)


def assemble(sections: Iterable[Section], analysis: Any) -> tuple[Part, ...]:
    """Build sections of an analysis, in order, without those that have nothing to show."""
    parts = (Part(section.id, section.title, tuple(section.build(analysis))) for section in sections)
    return tuple(part for part in parts if part.blocks)
