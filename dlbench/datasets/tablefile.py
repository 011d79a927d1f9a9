"""A ``.csv`` file, and what is read of it: labels, texts, numbers, words, and what says how rows are split."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, zip_longest
from pathlib import Path

import numpy as np
import pandas as pd

from dlbench.datasets import categories, tags
from dlbench.datasets.beside import KEYS, named, usable
from dlbench.datasets.classes import is_number
from dlbench.datasets.columns import ROWS, Survey, frames, numbers, unknown_column
from dlbench.datasets.declaration import Chunk
from dlbench.datasets.dialect import Dialect
from dlbench.datasets.texts import checked
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from dlbench.values.text import plural

LABEL = "label"
"""The column of the labels if the study names none."""
USUAL_LABELS = ("label", "labels", "class", "target", "y", "category", "species", "sentiment", "outcome")
"""Names that a column of labels often has, in small letters."""


def columns(data: Data) -> tuple[str, ...]:
    """Return the names of the columns of the labels."""
    stated = data.label or LABEL
    return tuple(name.strip() for name in ((stated,) if isinstance(stated, str) else stated))


@dataclass
class Scan:
    """The rows of one file.

    Attributes:
        codes: label -> its number, in the order of the first rows.
        by_row, lines: each row's label as that number, and its line.
        beside: of each row, what decides how it is split, as a chunk names it.
        width: bytes of the longest text.
        empty: texts without a word.
        files: of each row, the name of the file of its image.
    """

    codes: dict[str, int] = field(default_factory=dict)
    by_row: array[int] = field(default_factory=lambda: array("i"))
    lines: array[int] = field(default_factory=lambda: array("q"))
    beside: dict[str, list[str]] = field(default_factory=dict)
    width: int = 1
    empty: int = 0
    files: list[str] = field(default_factory=list)

    @property
    def labels(self) -> Counter[str]:
        """The number of rows of each label."""
        return Counter(dict(zip(self.codes, np.bincount(self.by_row, minlength=len(self.codes)).tolist())))

    def some(self, first: int, count: int) -> dict[str, list[str]]:
        """What stands beside some rows."""
        return {name: values[first : first + count] for name, values in self.beside.items()}

    def y(self, table: TableFile, classes: tuple[str, ...] | None) -> np.ndarray:
        """The position of each row's label among the classes; of several labels its row of 0 and 1; where there are none, its number."""
        rows = np.array(self.by_row, np.int64)
        if classes is not None and tags.several(table.data):
            where = table.where(self, self.by_row.index)
            return tags.rows(table.labels, table.data, [*self.codes], classes, where)[rows]
        if classes is not None:
            return np.array([classes.index(name) for name in self.codes], np.int64)[rows]
        values = numbers(pd.DataFrame({0: list(self.codes)}), table.data)[0][:, 0]
        if (bad := np.flatnonzero(~np.isfinite(values[rows]))).size:
            name, more = list(self.codes)[rows[bad[0]]], f" ({bad.size:,} rows in all)" if bad.size > 1 else ""
            raise InputError(f"row {self.lines[bad[0]]} of {table.path}: column '{table.labels[0]}' holds {name!r}, which is no number to "
                             f"predict{more}; accepted: finite numbers")
        return values[rows]


@dataclass(frozen=True)
class TableFile:
    """A file and the columns of it that a study names."""

    dialect: Dialect
    data: Data

    @property
    def path(self) -> Path:
        return self.dialect.path

    @property
    def labels(self) -> tuple[str, ...]:
        """The columns of the labels: one, unless the study names several."""
        return columns(self.data)

    @cached_property
    def beside(self) -> dict[str, str]:
        """Return the columns that decide how rows are split, by key of the study."""
        return {key: column.strip() for key, column in named(self.data)}

    @property
    def key(self) -> str:
        """The key of the study that names the columns that examples are read from."""
        return next((key for key in ("text", "image") if getattr(self.data, key)), "features")

    @property
    def said(self) -> str:
        """That key for messages; where it reads one of several inputs, the name of that."""
        stated = getattr(self.data, self.key)
        return next((f"inputs: {name}" for name, columns in self.data.inputs or () if columns == stated), self.key)

    @property
    def names(self) -> list[str]:
        """The columns of the text, of the names of images or of the numbers; unnamed ones are none of them."""
        stated, others = getattr(self.data, self.key), ("", *self.labels, *self.beside.values())
        listed = (stated,) if isinstance(stated, str) else stated
        return [name.strip() for name in listed] if listed else [name for name in self.dialect.header if name not in others]

    def demand_columns(self, first: TableFile) -> None:
        """Refuse a file that lacks the column of the labels, or one that the training file has."""
        header = self.dialect.header
        label = next((name for name in self.labels if name not in header), self.labels[0])
        others = [name for name in header if name not in (*self.labels, *self.beside.values())]
        if others and all(map(is_number, others)) and (label not in header or not all(map(str.isdigit, others))):
            raise InputError(f"{self.path}: its first row holds numbers where the names of the columns are wanted; write a header above "
                             f"it, such as a,b,{LABEL if label in header else label}")
        if header and label not in header and header[0].startswith("#"):
            raise InputError(f"{self.path}: its first row is a comment ({header[0]}); remove what stands before the names of the columns")
        if len(header) == 1 and not self.data.separator and label != header[0] and label in re.split(r"\W", header[0]):
            mark = re.findall(r"\W", header[0])[0]
            raise InputError(f"{self.path}: its header is one column, {header[0]!r}; name what stands between cells: "
                             f"`separator = \"{mark}\"`")
        stated = [*self.labels, *self.names] if getattr(self.data, self.key) else self.names
        if twice := next((name for name in stated if stated.count(name) > 1), None):
            what = "is the column of the labels too" if twice in self.labels else "is named twice"
            raise InputError(f"{self.path}: {self.said}: '{twice}' {what}; accepted: columns beside the label, each once")
        if self is not first and label not in header:
            raise InputError(f"{self.path} has no column '{label}', so nothing can be scored on it (Kaggle's test files are like "
                             "this); name the training file alone, of which a share is set aside for testing: dataset = "
                             f"\"{self.data.source.rstrip('/')}/{first.path.name}\"")
        features = ((self.said, name) for name in first.names)
        for key, name in (*(("label", name) for name in self.labels), *self.beside.items(), *features):
            if name not in header:
                raise InputError(f"{self.path}: {key}: {unknown_column(name, header)}{self._hint(key)}")
        if not first.names:
            raise InputError(f"{self.path} has no column beside its label")

    def _hint(self, key: str) -> str:
        usual = next((name for name in self.dialect.header if name.lower() in USUAL_LABELS), "COLUMN")
        return f"; name the column of the labels: `label = \"{usual}\"`" if key == "label" and not self.data.label else ""

    def scan(self) -> Scan:
        """Read the labels and what stands beside the examples, measure the texts, and list the names of images."""
        scan, example, unlabelled = Scan(), self.dialect.header.index(self.names[0]), list[tuple[int, str]]()
        labels = [self.dialect.header.index(label) for label in self.labels]
        for number, cells in self.dialect.rows():
            found = [cells[label].strip() for label in labels]
            if not all(found) and not self.data.label_separator:
                unlabelled.append((number, self.labels[found.index("")]))
                continue
            name = tags.JOINT.join(found)
            scan.by_row.append(scan.codes.setdefault(name, len(scan.codes)))
            scan.lines.append(number)
            for key, column in self.beside.items():
                cell = cells[self.dialect.header.index(column)].strip()
                cell = cell.replace(self.data.decimal or ".", ".") if key == "weight" else cell
                scan.beside.setdefault(KEYS[key], []).append(usable(f"row {number} of {self.path}", key, column, cell))
            if self.data.image:
                scan.files.append(cells[example].strip())
            if self.data.text:
                scan.width = max(scan.width, len(cells[example].encode()))
                scan.empty += not cells[example].strip()
        if unlabelled:
            others = f", nor have {plural(len(unlabelled) - 1, 'other')}" if unlabelled[1:] else ""
            (row, column), which = unlabelled[0], ", ".join(f'"{label}"' for label in self.labels)
            lost = f"label '{column}'" if self.labels[1:] else "label"
            raise InputError(f"row {row} of {self.path} has no {lost}{others}; leave such rows out (pandas: "
                             f"table.dropna(subset=[{which}]))")
        return scan


    def survey(self, scan: Scan) -> Survey:
        """Look through the columns of numbers."""
        survey = Survey(self.names, scan.lines, scan.by_row)
        for frame in self.frames(survey.names):
            survey.add(frame, self.data)
        return survey

    def frames(self, names: Sequence[str], words: bool = False) -> Iterator[pd.DataFrame]:
        """Yield the cells of columns, as text where they are words."""
        places = [self.dialect.header.index(name) for name in names]
        return frames(self.dialect, places, self.data, places if words else ())

    def where(self, scan: Scan, row_of: Callable[[int], int]) -> Callable[[int], str]:
        """Return what names a row of the file by a number that ``row_of`` turns into its position."""
        return lambda number: f"row {scan.lines[row_of(number)]} of {self.path}"

    def numbers(self, scan: Scan, classes: tuple[str, ...] | None, taken: dict[str, float],
                known: categories.Categories) -> Iterator[Chunk]:
        """Yield the numbers, less what is taken off each column, then the columns of words as numbers, and their labels."""
        y, first = scan.y(self, classes), 0
        for columns in self._columns(taken, known):
            with np.errstate(over="ignore"):  # what is infinite then is refused with its row
                x = columns.astype(np.float32)
            yield Chunk(x, y[first : first + len(x)], self.where(scan, first.__add__), **scan.some(first, len(x)))
            first += len(x)

    def _columns(self, taken: dict[str, float], known: categories.Categories) -> Iterator[np.ndarray]:
        """Yield the numbers of columns, and those of words, in chunks of rows."""
        encoded = categories.ENCODERS[self.data.categories or categories.ONE_HOT]
        rows = zip_longest(self.frames([*taken]) if taken else (), self.frames([*known], words=True) if known else ())
        for plain, words in rows:
            x = [] if plain is None else [numbers(plain, self.data)[0] - np.array(list(taken.values()))]
            yield np.concatenate([*x, *([] if words is None else [encoded(words, known)])], axis=1)

    def texts(self, scan: Scan, classes: tuple[str, ...] | None, width: int) -> Iterator[Chunk]:
        """Yield the texts and their labels."""
        y, column, first = scan.y(self, classes), self.dialect.header.index(self.names[0]), 0
        rows = self.dialect.rows()
        while some := list(islice(rows, ROWS)):
            texts = [checked(cells[column].encode(), f"row {number} of {self.path}") for number, cells in some]
            yield Chunk(np.array(texts, f"S{width}"), y[first : first + len(some)], self.where(scan, first.__add__),
                        **scan.some(first, len(some)))
            first += len(some)
