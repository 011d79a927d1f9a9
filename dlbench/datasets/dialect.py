"""How a file of comma-separated values is written: its encoding, its separator and its header."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from dlbench.values.errors import InputError

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
"""Separators that are recognised, and what they are called."""
ENCODINGS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32", codecs.BOM_UTF16_LE: "utf-16",
             codecs.BOM_UTF16_BE: "utf-16"}
"""First bytes of a file -> its encoding; files without them are UTF-8."""
OTHERS = {b"PK\x03\x04": "a zip archive or an Excel workbook: save the table as CSV", b"\x1f\x8b": "packed with gzip: unpack it",
          b"\xd0\xcf\x11\xe0": "an Excel workbook: save the table as CSV", b"<": "a page of HTML or XML: save its table as CSV",
          b"{": "JSON: save the table as CSV (pandas.read_json(...).to_csv(..., index=False))",
          b"PAR1": "a Parquet file: save the table as CSV (pandas.read_parquet(...).to_csv(..., index=False))"}
"""First bytes of files that are taken for tables by mistake, and what to do with them."""
SAMPLE_BYTES = 2**16


@dataclass(frozen=True)
class Dialect:
    """The way in which one file is written.

    Attributes:
        path: the file.
        encoding: as Python names it.
        separator: between cells.
        header: the names of the columns, without spaces around them; an unnamed column has an empty name.
        skipped: lines before the header: empty ones, and one where Excel has written ``sep=;``.
    """

    path: Path
    encoding: str
    separator: str
    header: tuple[str, ...]
    skipped: int = 0

    def notes(self) -> Iterator[str]:
        """Yield how the file is written, where that is not commas in UTF-8."""
        if self.separator != ",":
            yield f"{self.path.name} is separated by {SEPARATORS.get(self.separator, repr(self.separator))}"
        if not self.encoding.startswith("utf-8"):
            yield f"{self.path.name} is read as {self.encoding.upper()}"

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row's line number and its cells; empty lines are left out.

        Raises:
            InputError: a row has another number of cells than the header, or the file cannot be read.
        """
        try:
            with self.path.open(encoding=self.encoding, newline="") as file:
                reader = csv.reader(file, delimiter=self.separator, strict=True, skipinitialspace=True)
                for row in islice(reader, self.skipped + 1, None):
                    if len(row) != len(self.header) and row:
                        raise InputError(f"row {reader.line_num} of {self.path} has {len(row)} cells, its header {len(self.header)}")
                    if row:
                        yield reader.line_num, row
        except csv.Error as error:
            raise InputError(f"row {reader.line_num} of {self.path} cannot be read: {error}; a cell that begins with a quotation mark ends "
                             "with one, and has two for each within it") from None
        except (OSError, UnicodeError) as error:
            raise unreadable(self.path, error) from None


def dialect(path: Path, label: str, separator: str | None) -> Dialect:
    """Find out how a file is written.

    Args:
        path: the file.
        label: the column of the labels; where it is in the header by one separator only, that one is meant.
        separator: as the study states it; None to find it.

    Raises:
        InputError: it cannot be read, is no table, or two columns have one name.
    """
    try:
        with path.open("rb") as file:
            sample = file.read(SAMPLE_BYTES)
        if kind := next((what for first, what in OTHERS.items() if sample.startswith(first)), None):
            raise InputError(f"{path} is {kind}")
        encoding = next((name for mark, name in ENCODINGS.items() if sample.startswith(mark)), "utf-8")
        if b"\0" in sample and encoding == "utf-8":
            raise InputError(f"{path} holds bytes that are zero, as UTF-16 without a byte order mark does, and text does not; iconv "
                             f"converts it: iconv -f UTF-16LE -t UTF-8 {path.name}")
        with path.open(encoding=encoding, newline="") as file:
            blank, first = next(((number, line) for number, line in enumerate(file) if line.strip()), (0, ""))
            hint = re.fullmatch(r"sep=(.)\s*", first)
            lines = [file.readline() if hint else first, *file.readlines(SAMPLE_BYTES)]
    except (OSError, UnicodeError) as error:
        raise unreadable(path, error) from None
    marks = [separator] if separator else [hint[1]] if hint else SEPARATORS
    headers = {mark: _header(lines, mark) for mark in marks}
    found = next((mark for mark, names in headers.items() if label in names), max(headers, key=lambda mark: len(headers[mark])))
    names = headers[found]
    if twice := sorted({name for name in names if name and names.count(name) > 1}):
        raise InputError(f"{path}: its header names column '{twice[0]}' {names.count(twice[0])} times; accepted: a name of its own for "
                         "each column")
    return Dialect(path, encoding, found, names, blank + (hint is not None))


def _header(lines: list[str], separator: str) -> tuple[str, ...]:
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    return tuple(name.strip() for name in next(reader, []))


def unreadable(path: Path, error: Exception) -> InputError:
    """Word why a file cannot be read as a table, with the remedy for one that is in another encoding."""
    if isinstance(error, UnicodeError):
        return InputError(f"{path} cannot be read: it is not UTF-8 text ({error}). If Excel has written it, save it as 'CSV UTF-8'; or "
                          f"convert it: iconv -f WINDOWS-1252 -t UTF-8 {path.name}")
    return InputError(f"{path} cannot be read as separated values: {getattr(error, 'strerror', None) or error}")
