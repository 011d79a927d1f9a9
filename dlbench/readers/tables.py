"""Tables: delimited text, JSON, JSON lines and Parquet, with every value as it stands there."""

from __future__ import annotations

import csv as dialects
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd

from dlbench.readers.catalogue import Found
from dlbench.values.errors import InputError

SAMPLE = 20_000
"""Characters by which the separator is found."""


def csv(path: Path) -> Found:
    """Read delimited text; the separator is found from its first lines, quotes and line ends are those of spreadsheets."""
    text = _text(path)
    try:
        separator = dialects.Sniffer().sniff(text[:SAMPLE].split("\n", 1)[0] + "\n", ",\t;|").delimiter
    except dialects.Error:
        separator = ","
    names = next(dialects.reader(text.splitlines(), delimiter=separator), [])
    if twice := [name for place, name in enumerate(names) if name and name in names[:place]]:
        raise InputError(f"{path.name}: two columns are named '{twice[0]}'; accepted: different names")
    try:
        table = pd.read_csv(io.StringIO(text), sep=separator, dtype=str, keep_default_na=False, skipinitialspace=True)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise InputError(f"{path.name}: {str(error).strip()}; accepted: a table with a line of names and a line a run") from None
    words = {"\t": "tabs", ";": "semicolons", "|": "bars"}
    return Found(table, (f"columns are separated by {words[separator]}",) if separator in words else ())


def json_lines(path: Path) -> Found:
    """Read a JSON object a line, nested ones flattened with dots."""
    rows: list[Any] = []
    for number, line in enumerate(_text(path).splitlines(), start=1):
        if line.strip():
            rows.append(_parsed(path, line, f", line {number}"))
    return Found(_flat(path, rows))


def json_table(path: Path) -> Found:
    """Read a list of objects, or an object of columns; nested objects are flattened with dots."""
    whole = _parsed(path, _text(path), "")
    if isinstance(whole, dict) and all(isinstance(value, list) for value in whole.values()) and whole:
        if len({len(value) for value in whole.values()}) > 1:
            raise InputError(f"{path.name}: its columns have different lengths: " + ", ".join(f"{k} {len(v)}" for k, v in whole.items()))
        return Found(pd.DataFrame(whole, dtype=object))
    return Found(_flat(path, whole if isinstance(whole, list) else [whole]))


def parquet(path: Path) -> Found:
    """Read a Parquet file."""
    try:
        return Found(pd.read_parquet(path))
    except (OSError, ValueError) as error:
        raise InputError(f"{path.name}: {str(error).splitlines()[0]}; accepted: a Parquet file") from None


def _text(path: Path) -> str:
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


def _parsed(path: Path, text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path.name}{place}: not valid JSON: {error}") from None


def _flat(path: Path, rows: list[Any]) -> pd.DataFrame:
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise InputError(f"{path.name}: entry {number} is {type(row).__name__}, not an object; accepted: an object a run")
    return pd.json_normalize(rows).astype(object)
