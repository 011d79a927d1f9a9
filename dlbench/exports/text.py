"""Tables as CSV text that a spreadsheet reads without running any of it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pandas as pd

BLOCK = 5_000
"""Rows that are text at one time."""


def csv_text(table: pd.DataFrame) -> str:
    """A table as CSV: numbers in full, nothing where there is none, and no cell that a spreadsheet would run.

    Example:
        >>> print(csv_text(pd.DataFrame({"arm": ["=1+1"], "p": [0.25]})), end="")
        arm,p
        '=1+1,0.25
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([cell(str(name)) for name in table.columns])
    for start in range(0, len(table), BLOCK):
        writer.writerows(zip(*(_cells(column) for _, column in table.iloc[start : start + BLOCK].items())))
    return stream.getvalue()


def _cells(column: pd.Series) -> list[object]:
    values = column.astype(object).where(column.notna(), "").tolist()
    if pd.api.types.is_numeric_dtype(column):
        return values
    return [cell(value if isinstance(value, (int, float)) else str(value)) for value in values]


def cell(value: Any) -> Any:
    """A CSV cell that no spreadsheet takes for a formula; numbers stay numbers.

    Example:
        >>> cell("=1+1"), cell("-x"), cell(-1.5), cell("plain")
        ("'=1+1", "'-x", -1.5, 'plain')
    """
    if not isinstance(value, str):
        return value
    return "'" + value if value.lstrip().startswith(("=", "+", "-", "@")) or value.startswith(("\t", "\r", "\n")) else value
