"""Parts of the report that are text and tables as plain values, and the blocks that show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dlbench.report import document
from dlbench.report.document import Block, Figure, Items, Link, Text


@dataclass(frozen=True)
class Table:
    """A table as text.

    Attributes:
        name: its identifier in a page.
        caption: what it shows and how to read it.
        headers: of the columns; the first column names the row.
        rows: as many cells as there are headers.
    """

    name: str
    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A part of the report.

    Attributes:
        id: its identifier in a page.
        title: its heading.
        paragraphs: what is said, before the tables.
        tables: those that have a row.
        links: text and address of what belongs to it and lies elsewhere.
    """

    id: str
    title: str
    paragraphs: tuple[str, ...]
    tables: tuple[Table, ...]
    links: tuple[tuple[str, str], ...] = ()


def blocks(part: Section | None, figures: Iterable[Figure] = ()) -> Iterator[Block]:
    """A part as blocks: paragraphs, tables, figures, links; none where there is no part."""
    if part is None:
        return
    yield from map(Text, part.paragraphs)
    for place, table in enumerate(part.tables, 1):
        rows = tuple(document.Row(row) for row in table.rows)
        yield document.Table(table.name, f"{part.title}, table {place}", table.caption, document.columns(*table.headers), rows)
    yield from figures
    if part.links:
        yield Items(tuple((Link(text, address),) for text, address in part.links))
