"""Parts of the report that are text and tables, the same in every format."""

from __future__ import annotations

from dataclasses import dataclass


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
