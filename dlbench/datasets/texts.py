"""Datasets of texts: ``folder:PATH`` with one file a class and one sentence a line, or with one file a text."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from dlbench.datasets.classes import ordered
from dlbench.datasets.declaration import Chunk, Examples
from dlbench.values.errors import InputError
from dlbench.values.text import plural

LONGEST = 2**16 - 1
"""Bytes of the longest text that is accepted: every text of a dataset is stored in as many bytes as its longest one."""
ROWS = 4096


def load(train: dict[str, Path], test: dict[str, Path] | None = None) -> Examples:
    """Read sentences; the arguments map a class to its file of UTF-8 text with a sentence a line. Empty lines are skipped.

    Raises:
        InputError: a file is not UTF-8 text, or a line is too long.
    """
    return _examples(_lines, train, test)


def documents(train: dict[str, list[Path]], test: dict[str, list[Path]] | None = None) -> Examples:
    """Read documents; the arguments map a class to its files of UTF-8 text, each of them a text. Empty files are skipped.

    Raises:
        InputError: a file is not UTF-8 text, or too long.
    """
    examples = _examples(_documents, train, test)
    files = [file for part in (train, test or {}) for some in part.values() for file in some]
    if empty := sum(not file.read_bytes().strip() for file in files):
        examples.notes.append(f"left out: {plural(empty, 'empty file')}")
    return examples


def _examples(read: Callable[[Any], Iterator[tuple[str, bytes]]], *parts: dict[str, Any] | None) -> Examples:
    given = [part for part in parts if part is not None]
    names, width, returns = ordered(given[0]), 1, 0
    for _, text in (found for part in given for files in part.values() for found in read(files)):
        width, returns = max(width, len(text)), returns + (b"\r" in text.replace(b"\r\n", b""))
    notes = [f"{plural(returns, 'text')} with a carriage return in it, which ends no line here"] if returns else []
    return Examples(*(_chunks({name: read(part[name]) for name in names}, width) for part in given), names=names, notes=notes,
                    changed=names != tuple(sorted(names)))


def _chunks(texts: dict[str, Iterator[tuple[str, bytes]]], width: int) -> Iterator[Chunk]:
    for label, found in enumerate(texts.values()):
        while some := list(islice(found, ROWS)):
            where = [place for place, _ in some]
            yield Chunk(np.array([text for _, text in some], f"S{width}"), np.full(len(some), label), where.__getitem__)


def _lines(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield where each line that is not empty stands, and the line."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            place = f"line {number} of {path}"
            if text := checked(line.removeprefix(codecs.BOM_UTF8 if number == 1 else b"").strip(), place):
                yield place, text


def _documents(files: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield the path of each file that is not empty, and its text."""
    for path in files:
        if text := checked(path.read_bytes().removeprefix(codecs.BOM_UTF8).strip(), str(path)):
            yield str(path), text


def checked(text: bytes, where: str) -> bytes:
    """Return the text, or raise an InputError that begins with ``where``: it is not UTF-8, or too long."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{where} is not UTF-8 text: {error.reason}; iconv converts it: iconv -f WINDOWS-1252 (or UTF-16) "
                         "-t UTF-8") from None
    if len(text) > LONGEST or b"\0" in text:
        raise InputError(f"{where} has {len(text):,} bytes; accepted: up to {LONGEST:,}, none of them zero")
    return text
