"""Tables as CSV text that a spreadsheet reads without running any of it."""

from __future__ import annotations

from typing import Any

import pandas as pd


def csv_text(table: pd.DataFrame) -> str:
    """A table as CSV: numbers in full, nothing where there is none, and no cell that a spreadsheet would run.

    Example:
        >>> print(csv_text(pd.DataFrame({"arm": ["=1+1"], "p": [0.25]})), end="")
        arm,p
        '=1+1,0.25
    """
    columns = {name: column if pd.api.types.is_numeric_dtype(column) else _safe(column) for name, column in table.items()}
    header = [cell(str(name)) for name in columns]
    return pd.DataFrame(columns, index=table.index).to_csv(index=False, header=header, lineterminator="\n")


def _safe(column: pd.Series) -> pd.Series:
    values = ["" if missing else cell(value if isinstance(value, int | float) else str(value))
              for value, missing in zip(column, column.isna())]
    return pd.Series(values, column.index, dtype=object)


def cell(value: Any) -> Any:
    """A CSV cell that no spreadsheet takes for a formula; numbers stay numbers.

    Example:
        >>> cell("=1+1"), cell("-x"), cell(-1.5), cell("plain")
        ("'=1+1", "'-x", -1.5, 'plain')
    """
    if not isinstance(value, str):
        return value
    return "'" + value if value.lstrip().startswith(("=", "+", "-", "@")) or value.startswith(("\t", "\r", "\n")) else value
