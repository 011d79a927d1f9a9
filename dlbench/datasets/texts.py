"""Datasets of sentences: ``folder:PATH`` with one text file a class, one sentence a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from dlbench.datasets.declaration import Chunk, Examples
from dlbench.values.errors import InputError

LONGEST = 2**16 - 1
"""Bytes of the longest text that is accepted: every text of a dataset is stored in as many bytes as its longest one."""
ROWS = 4096


def load(train: dict[str, Path], test: dict[str, Path] | None = None) -> Examples:
    """Read sentences; the arguments map a class to its file of UTF-8 text with a sentence a line. Empty lines are skipped.

    Raises:
        InputError: a file is not UTF-8 text, or a line is too long.
    """
    names = tuple(sorted(train))
    given = [part for part in (train, test) if part is not None]
    width = max((len(text) for part in given for file in part.values() for _, text in lines(file)), default=1)
    return Examples(*(_chunks(part, names, width) for part in given), names=names)


def _chunks(files: dict[str, Path], names: Sequence[str], width: int) -> Iterator[Chunk]:
    for label, name in enumerate(names):
        numbered = list(lines(files[name]))
        for first in range(0, len(numbered), ROWS):
            numbers, texts = zip(*numbered[first : first + ROWS])
            where = [f"line {number} of {files[name]}" for number in numbers]
            yield Chunk(np.array(texts, f"S{width}"), np.full(len(texts), label), where.__getitem__)


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the sentences of a file with their line numbers; a line that cannot be used is an InputError."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if text := checked(line.strip(), f"line {number} of {path}"):
                yield number, text


def checked(text: bytes, where: str) -> bytes:
    """Return the text, or raise an InputError that begins with ``where``: it is not UTF-8, or too long."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{where} is not UTF-8 text: {error.reason}") from None
    if len(text) > LONGEST or b"\0" in text:
        raise InputError(f"{where} has {len(text):,} bytes; accepted: up to {LONGEST:,}, none of them zero")
    return text
