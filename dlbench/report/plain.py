"""A table for formats that have neither second lines nor drawings in a row."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.report.document import Cell, Column, Rich, Table


def flat(table: Table, signs: bool = True) -> tuple[list[Column], list[list[Rich]]]:
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


def _texts(cell: Cell, column: Column, signs: bool) -> Iterator[Rich]:
    if cell.address:
        yield cell.linked
    elif column.small:
        yield from (cell.text, cell.small)
    else:
        yield one_line_of(cell, signs)


def one_line_of(cell: Cell, signs: bool = False) -> str:
    """Both lines of a cell in one.

    Example:
        >>> one_line_of(Cell("+0.41", "[−0.10 to +0.92]")), one_line_of(Cell("1.50×", "1.40 to 1.60"))
        ('+0.41 [−0.10 to +0.92]', '1.50× (1.40 to 1.60)')
    """
    text = ", ".join(mark.text for mark in cell.marks) or cell.text
    text = f"{cell.sign} {text}" if signs and cell.sign else text
    if not cell.small:
        return text
    return f"{text} {cell.small}" if cell.small.startswith("[") else f"{text} ({cell.small})"
