"""Tables that are written for people: Markdown, columns set apart by spaces, and numbers with decimal commas."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from dlbench.values.errors import InputError
from dlbench.values.text import listed

RULE = re.compile(r"\|?(\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?")
BAR = re.compile(r"(?<!\\)\|")
EMPHASIS = re.compile(r"(\*\*|__|\*|`)(.*)\1")
DECIMAL_COMMA = re.compile(r"[-+\u2212]?\d+,\d+\s*%?")
THOUSANDS = re.compile(r"[-+\u2212]?[1-9]\d{0,2}(,\d{3})+")
INDEX = "name"
"""Column of the cells that stand before the first name of a header."""
WHOLE_OR_MISSING = re.compile(r"[-+\u2212]?\d+\s*%?|-|nan|n/?a|none|null|", re.IGNORECASE)


def printed(name: str, text: str) -> tuple[pd.DataFrame, str] | None:
    """Read a table of Markdown, or of columns that are set apart by spaces.

    Args:
        name: of the file, which messages begin with.
        text: what stands in it.

    Returns:
        The table, every cell as text, and how it is written; None where it is neither of them.

    Raises:
        InputError: a row of a Markdown table has another number of cells than its header.

    Example:
        >>> printed("a.txt", "| net | acc |\\n|---|---|\\n| small | **0.91** |")[0].values.tolist()
        [['small', '0.91']]
        >>> printed("a.txt", "      acc\\nsmall 0.91\\nlarge 0.93")  # one name: no table
        >>> printed("a.txt", "  net   acc\\n0 small 0.91")[0].to_dict("records")
        [{'': '0', 'net': 'small', 'acc': '0.91'}]
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and "|" in lines[0] and RULE.fullmatch(lines[1]):
        return _markdown(name, [lines[0], *lines[2:]]), "a table of Markdown"
    return _aligned([line.split() for line in lines])


def _markdown(name: str, lines: Sequence[str]) -> pd.DataFrame:
    header, *rows = [[_plain(cell) for cell in BAR.split(line.removeprefix("|").removesuffix("|"))] for line in lines]
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise InputError(f"row {number} of {name} has {len(row)} cells, its header {len(header)}")
    return pd.DataFrame(rows, columns=header, dtype=object)


def _plain(cell: str) -> str:
    """Return a cell without spaces around it, and without the marks that make it bold, italic or code."""
    text = cell.strip().replace(r"\|", "|")
    while found := EMPHASIS.fullmatch(text):
        text = found[2].strip()
    return text


def _aligned(lines: Sequence[Sequence[str]]) -> tuple[pd.DataFrame, str] | None:
    """Read cells that spaces set apart; pandas prints an index before them, which has no name, be it numbers or arms."""
    header, *rows = lines or [[]]
    more = {len(row) - len(header) for row in rows}
    if len(header) < 2 or len(more) != 1 or not more <= {0, 1}:
        return None
    how = "columns are set apart by spaces"
    if more == {0}:
        return pd.DataFrame(rows, columns=list(header), dtype=object), how
    if all(row[0].isdecimal() for row in rows):
        return pd.DataFrame(rows, columns=["", *header], dtype=object), how
    return pd.DataFrame(rows, columns=[INDEX, *header], dtype=object), f"{how}; each row's first cell has no name and is taken as '{INDEX}'"


def with_points(table: pd.DataFrame, sure: bool) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Write decimal commas as points.

    Args:
        table: every cell as text.
        sure: a comma before three digits is a decimal one too, as in a file that semicolons separate.

    Returns:
        The table, and a sentence where a column was changed.

    Example:
        >>> with_points(pd.DataFrame({"acc": ["91,2 %", "90"], "examples": ["1,000", "2,000"]}), sure=False)
        (      acc examples
        0  91.2 %    1,000
        1      90    2,000, ("decimal commas in 'acc' are read as points",))
    """
    changed = [name for name in table if _has_decimal_commas([str(value).strip() for value in table[name]], sure)]
    points = table.assign(**{name: table[name].astype(str).str.replace(",", ".") for name in changed})
    return points, (f"decimal commas in {listed([repr(name) for name in changed], most=6)} are read as points",) if changed else ()


def _has_decimal_commas(cells: Sequence[str], sure: bool) -> bool:
    commas = [cell for cell in cells if "," in cell]
    numbers = all(DECIMAL_COMMA.fullmatch(cell) or WHOLE_OR_MISSING.fullmatch(cell) for cell in cells)
    return bool(commas) and numbers and (sure or not all(THOUSANDS.fullmatch(cell) for cell in commas))
