"""A table for formats that have neither second lines nor drawings in a row."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.report.document import Cell, Column, Table


def flat(table: Table, signs: bool = True) -> tuple[list[Column], list[list[str]]]:
    """The columns and the texts of a table's cells: no drawings; second lines in a column of their own, or behind the first.

    Args:
        table: any.
        signs: whether a verdict stands behind its sign.

    Example:
        >>> from dlbench.report.document import Row
        >>> row = Row((Cell("a", "b"), Cell("0", "?")))
        >>> columns, rows = flat(Table("t", "", "", (Column("Arm", small="Changed"), Column("p")), (row,)))
        >>> [column.header for column in columns], rows
        (['Arm', 'Changed', 'p'], [['a', 'b', '0 (?)']])
    """
    shown = [place for place, column in enumerate(table.columns) if column.role != "plot"]
    headers = [part for place in shown for part in _parts(table.columns[place])]
    return headers, [[text for place in shown for text in _texts(row.cells[place], table.columns[place], signs)] for row in table.rows]


def _parts(column: Column) -> Iterator[Column]:
    yield column
    if column.small:
        yield Column(column.small, column.role)


def _texts(cell: Cell, column: Column, signs: bool) -> Iterator[str]:
    text = ", ".join(mark.text for mark in cell.marks) or f"{cell.sign} {cell.text}".strip() if signs else cell.text
    if column.small:
        yield from (text, cell.small)
    elif cell.small:
        yield f"{text} {cell.small}" if cell.small.startswith("[") else f"{text} ({cell.small})"
    else:
        yield text
