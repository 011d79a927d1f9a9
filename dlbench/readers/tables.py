"""Tables: delimited text, JSON, JSON lines and Parquet, with every value as it stands there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from dlbench.datasets.dialect import dialect
from dlbench.readers.printed import printed, with_points
from dlbench.trackers.runs import RunTable
from dlbench.values.errors import InputError


def csv(path: Path) -> RunTable:
    """Read delimited text; its encoding, separator and header are found as those of datasets are. Tables for people are read too."""
    found = dialect(path, label="", separator=None)
    if not found.header:
        raise InputError(f"{path.name} is empty; accepted: a table with a line of names and a line a run")
    if (found.separator == "|" or len(found.header) == 1) and (written := printed(path.name, text(path))):
        table, points = with_points(written[0], sure=False)
        return RunTable(table, (f"{path.name}: {written[1]}", *points))
    table = pd.DataFrame([row for _, row in found.rows()], columns=list(found.header), dtype=object)
    table, points = with_points(table, sure=found.separator == ";") if found.separator != "," else (table, ())
    return RunTable(table, (*found.notes(), *points))


def json_lines(path: Path) -> RunTable:
    """Read a JSON object a line, nested ones flattened with dots."""
    rows: list[Any] = []
    for number, line in enumerate(text(path).splitlines(), start=1):
        if line.strip():
            rows.append(parsed(path, line, f", line {number}"))
    return RunTable(_flat(path, rows))


def json_table(path: Path) -> RunTable:
    """Read a list of objects, or an object of columns; nested objects are flattened with dots."""
    whole = json_value(path)
    if isinstance(whole, dict) and all(isinstance(value, list) for value in whole.values()) and whole:
        if len({len(value) for value in whole.values()}) > 1:
            raise InputError(f"{path.name}: its columns have different lengths: " + ", ".join(f"{k} {len(v)}" for k, v in whole.items()))
        return RunTable(pd.DataFrame(whole, dtype=object))
    return RunTable(_flat(path, whole if isinstance(whole, list) else [whole]))


def parquet(path: Path) -> RunTable:
    """Read a Parquet file."""
    try:
        return RunTable(pd.read_parquet(path))
    except (OSError, ValueError) as error:
        raise InputError(f"{path.name}: {str(error).splitlines()[0]}; accepted: a Parquet file") from None


def json_value(path: Path) -> Any:
    """Return the value that a JSON file holds.

    Raises:
        InputError: it cannot be read, or is not JSON.
    """
    return parsed(path, text(path))


def text(path: Path) -> str:
    """Return the text of a file in UTF-8 or UTF-16.

    Raises:
        InputError: it cannot be read, or is neither.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}: byte {error.start:,} is not {encoding.removesuffix('-sig').upper()}; accepted: text in UTF-8 or "
                         "UTF-16") from None


def parsed(path: Path, content: str, place: str = "") -> Any:
    """Return the JSON value of a text, which stands at a place of a file.

    Raises:
        InputError: it is not JSON.
    """
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path.name}{place}: not valid JSON: {error}") from None


def _flat(path: Path, rows: list[Any]) -> pd.DataFrame:
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise InputError(f"{path.name}: entry {number} is {type(row).__name__}, not an object; accepted: an object a run")
    return pd.json_normalize(rows).astype(object)
