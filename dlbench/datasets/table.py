"""Datasets from ``.csv`` files: each row is a label with a text or with numbers."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from dlbench.datasets.declaration import Chunk, Examples
from dlbench.datasets.places import Places
from dlbench.datasets.texts import checked
from dlbench.values.errors import InputError, unknown
from dlbench.values.recipe import Data

ROWS = 4096
LABEL = "label"
"""The column of the labels if the study names none."""


def load(data: Data, places: Places) -> Examples:
    """The rows of ``csv:PATH``, a file with a header, or a folder with train.csv and, maybe, test.csv.

    Labels are taken as words: the classes are the different ones, in the order of their numbers where all are whole numbers, in
    alphabetical order otherwise.

    Args:
        data: ``label`` names the column of the labels; ``text`` the column of the texts, or ``features`` those of the numbers (all
            others where neither is named).
        places: where the path is looked for.

    Raises:
        InputError: naming the file and row, or the column, that cannot be used.
    """
    path = places.find(data.source)
    files = [path / "train.csv", path / "test.csv"] if path.is_dir() else [path]
    tables = [_Table(file, data) for file in files if file == files[0] or file.is_file()]
    scans = [table.scan() for table in tables]
    classes = tuple(sorted(set().union(*(labels for labels, _ in scans)), key=_order))
    width = max(width for _, width in scans)
    return Examples(*(table.chunks(classes, width) for table in tables), names=classes)


def _order(label: str) -> tuple:
    return (0, int(label), "") if label.lstrip("-").isdigit() else (1, 0, label)


@dataclass(frozen=True)
class _Table:
    """A file and the columns of it that a study names."""

    path: Path
    data: Data

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row's line number and its cells: the label, then the text or the numbers."""
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.reader(file, strict=True)
                header = next(reader, [])
                chosen = self._columns(header)
                for row in reader:
                    if len(row) != len(header) and row:
                        raise InputError(f"row {reader.line_num} of {self.path} has {len(row)} cells, its header {len(header)}")
                    if row:
                        yield reader.line_num, [row[column] for column in chosen]
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"{self.path} cannot be read as UTF-8 comma-separated values: {error}") from None

    def _columns(self, header: list[str]) -> list[int]:
        label = self.data.label or LABEL
        others = [name for name in header if name != label]
        wanted = [label, *([self.data.text] if self.data.text else self.data.features or others)]
        for key, name in zip(("label", *["text" if self.data.text else "features"] * len(wanted)), wanted):
            if name not in header:
                raise InputError(f"{self.path}: {key}: {unknown('column', name, header)}")
        return [header.index(name) for name in wanted]

    def scan(self) -> tuple[set[str], int]:
        """Return the labels that occur, and the bytes of the longest text."""
        labels, width = set(), 1
        for _, (label, first, *_) in self._with_values():
            labels.add(label.strip())
            width = max(width, len(first.encode())) if self.data.text else width
        return labels, width

    def _with_values(self) -> Iterator[tuple[int, list[str]]]:
        for number, cells in self.rows():
            if len(cells) < 2:
                raise InputError(f"{self.path} has no column beside its label")
            if not cells[0].strip():
                raise InputError(f"row {number} of {self.path} has no label")
            yield number, cells

    def chunks(self, classes: tuple[str, ...], width: int) -> Iterator[Chunk]:
        numbers = {name: label for label, name in enumerate(classes)}
        rows = self.rows()
        while some := list(islice(rows, ROWS)):
            where = [f"row {number} of {self.path}" for number, _ in some]
            y = np.array([numbers[cells[0].strip()] for _, cells in some])
            yield Chunk(self._values(some, where, width), y, where.__getitem__)

    def _values(self, some: list[tuple[int, list[str]]], where: list[str], width: int) -> np.ndarray:
        if self.data.text:
            return np.array([checked(cells[1].encode(), place) for (_, cells), place in zip(some, where)], f"S{width}")
        try:
            return np.array([cells[1:] for _, cells in some], np.float32)
        except ValueError:
            place, cell = next((place, cell) for (_, cells), place in zip(some, where) for cell in cells[1:] if not _number(cell))
            raise InputError(f"{place} has {cell!r} where a number is wanted; name the columns with `features = [...]`, or the column "
                             "of a text with `text = \"...\"`") from None


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
