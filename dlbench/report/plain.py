"""What formats share that have neither second lines nor drawings in a row: one walk over the blocks, and tables as plain cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from dlbench.report import document as doc
from dlbench.report.document import Cell, Column, Rich, Table
from dlbench.report.wording import shortened

WIDTH = 80
LEAST = 12
"""Columns of a terminal, and those that the first column of a table keeps."""


class Renderer:
    """A format as one method a kind of block, named like its class in small letters; each yields paragraphs.

    Args:
        folder: where the figures are, seen from the file that is written.
    """

    strong = title = subtitle = lead = note = "{}"
    end: tuple[str, ...] = ()
    signs = False  # whether a verdict stands behind its sign
    escape: Callable[[Any], str]
    head: Callable[[doc.Document], Iterator[str]]
    listed: Callable[[Iterable[str]], str]
    code: Callable[[doc.Code], Iterator[str]]
    table: Callable[[Table], Iterator[str]]
    figure: Callable[[doc.Figure], Iterator[str]]

    def __init__(self, folder: str = "figures") -> None:
        self.folder = folder

    def document(self, document: doc.Document) -> str:
        """Return the text of a file; a section of which the format shows nothing is left out."""
        texts = list(self.head(document))
        for part in document.parts:
            shown = list(self.blocks(part.blocks))
            texts += [*([self.title.format(self.escape(part.title))] if part.title and shown else []), *shown]
        return "\n\n".join([*texts, *self.end]) + "\n"

    def blocks(self, blocks: Iterable[doc.Block]) -> Iterator[str]:
        """Yield the paragraphs of blocks."""
        for block in blocks:
            yield from getattr(self, doc.kind(block))(block)

    def text(self, block: doc.Text) -> Iterator[str]:
        yield getattr(self, block.role, "{}").format(self.rich(block.text))

    def heading(self, block: doc.Heading) -> Iterator[str]:
        yield self.subtitle.format(self.escape(block.text))

    def items(self, block: doc.Items) -> Iterator[str]:
        yield self.listed(map(self.rich, block.items))

    def details(self, block: doc.Details) -> Iterator[str]:
        if not block.searched:
            yield self.subtitle.format(self.escape(block.summary))
            yield from self.blocks(block.blocks)

    def beside(self, block: doc.Beside) -> Iterator[str]:
        return self.blocks(block.blocks)

    def panels(self, block: doc.Panels) -> Iterator[str]:
        return self.figure(block.together)

    def tally(self, _: doc.Tally) -> Iterator[str]:
        return iter(())  # the lead says as much

    def answers(self, block: doc.Answers) -> Iterator[str]:
        yield self.listed(f"{group.sign} " * self.signs + f"{self.strong.format(self.escape(one.arm))}: {self.escape(one.text)}"
                          for group in block.groups for one in group.answers)

    def rich(self, text: Rich) -> str:
        """Return a text with its parts that stand out or lead somewhere; blanks at the ends of a part stay."""
        return "".join(map(self._span, doc.spans(text)))

    def link(self, part: doc.Link) -> str:
        """Return the words of a link; a format that can follow it says how."""
        return self.escape(part.text)

    def _span(self, part: str | doc.Strong | doc.Link) -> str:
        if isinstance(part, doc.Link):
            return self.link(part)
        if isinstance(part, doc.Strong):
            return self.strong.format(self.escape(part.text))
        return (" " if part != part.lstrip() else "") + self.escape(part) + (" " if part != part.rstrip() else "")


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
    shown = [(place, column) for place, column in enumerate(table.columns) if column.role != "plot"]
    heads = [head for _, column in shown for head in (column, *([Column(column.small, column.role)] if column.small else []))]
    return heads, [[text for place, column in shown for text in _texts(row.cells[place], column, signs)] for row in table.rows]


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


def aligned(headers: Sequence[str], body: Sequence[Sequence[str]], left: int) -> str:
    """A table whose first column is cut where the whole would be wider than 80 columns.

    Args:
        headers: one a column.
        body: rows of text.
        left: how many columns are aligned left; the others are numbers.

    Example:
        >>> print(aligned(("Arm", "p"), [("dropout", "0.03"), ("l2", "–")], left=1))
        Arm         p
        dropout  0.03
        l2          –
    """
    widths = [max(len(row[place]) for row in (headers, *body)) for place in range(len(headers))]
    widths[0] = min(widths[0], max(LEAST, WIDTH - sum(widths[1:]) - 2 * (len(widths) - 1)))
    return "\n".join(_line((shortened(row[0], widths[0]), *row[1:]), widths, left) for row in (headers, *body))


def _line(row: Sequence[str], widths: Sequence[int], left: int) -> str:
    cells = [cell.ljust(width) if place < left else cell.rjust(width) for place, (cell, width) in enumerate(zip(row, widths))]
    return "  ".join(cells).rstrip()
