"""Tables as files: Parquet, CSV and JSON."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from dlbench.analysis import Analysis
from dlbench.exports.tables import tables
from dlbench.exports.text import csv_text
from dlbench.values.errors import InputError
from dlbench.values.files import inside, write


def needed(module: str, extra: str) -> ModuleType:
    """A module of an optional package.

    Raises:
        InputError: it is not installed; the message says how to.

    Example:
        >>> needed("pyarrow_of_nobody.parquet", "parquet")
        Traceback (most recent call last):
        dlbench.values.errors.InputError: export: pyarrow_of_nobody is not installed; install it with: pip install 'dlbench[parquet]'
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise InputError(f"export: {module.partition('.')[0]} is not installed; install it with: pip install 'dlbench[{extra}]'") from None


def flat(table: pd.DataFrame) -> pd.DataFrame:
    """The table with dictionaries and lists as JSON text.

    Example:
        >>> flat(pd.DataFrame({"changes": [{"model.dropout": (0.0, 0.5)}]})).changes[0]
        '{"model.dropout": [0.0, 0.5]}'
    """
    nested = [name for name in table if table[name].map(lambda value: isinstance(value, dict | list | tuple)).any()]
    return table.assign(**{name: table[name].map(json.dumps) for name in nested})


def as_parquet(analysis: Analysis, out: Path) -> list[Path]:
    """A file a table; what is nested is JSON text."""
    needed("pyarrow", "parquet")
    written = []
    for name, table in tables(analysis).items():
        written.append(out / f"{name}.parquet")
        flat(table).to_parquet(inside(out, f"{name}.parquet"), index=False)
    return written


def as_csv(analysis: Analysis, out: Path) -> list[Path]:
    """A file a table; numbers in full, and no cell that a spreadsheet would run."""
    written = []
    for name, table in tables(analysis).items():
        written.append(out / f"{name}.csv")
        write(written[-1], csv_text(flat(table)))
    return written


def as_json(analysis: Analysis, out: Path) -> list[Path]:
    """One file: the study, and each table as a list of rows; a number that is not there is null."""
    rows = {name: table.to_dict("records") for name, table in tables(analysis).items()}
    content = plain({"study": analysis.results.study, **rows})
    path = out / "results.json"
    write(path, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    return [path]


def plain(value: Any) -> Any:
    """Return a JSON-ready value: lists for tuples, null for a number that is not there or not finite."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and value in (float("inf"), float("-inf")) else value
