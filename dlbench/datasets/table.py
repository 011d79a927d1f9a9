"""Datasets from ``.csv`` files: each row is a label with a text or with numbers."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from dlbench.datasets.beside import KEYS, USUAL_PARTS, beside_notes, named, usable
from dlbench.datasets.classes import demand_classes, is_number, label_notes, order
from dlbench.datasets.columns import ROWS, Survey, frames, numbers, unknown_column
from dlbench.datasets.declaration import Chunk, Examples
from dlbench.datasets.dialect import Dialect, dialect
from dlbench.datasets.places import Places
from dlbench.datasets.texts import checked
from dlbench.tasks import task
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from dlbench.values.text import listed, plural

LABEL = "label"
"""The column of the labels if the study names none."""
USUAL_LABELS = ("label", "labels", "class", "target", "y", "category", "species", "sentiment", "outcome")
"""Names that a column of labels often has, in small letters."""


def load(data: Data, places: Places) -> Examples:
    """The rows of ``csv:PATH``, a file with a header, or a folder with train.csv and, maybe, test.csv.

    Labels are taken as words: the classes are the different ones, in the order of their numbers where they are whole numbers, in
    alphabetical order otherwise. Cells "true" and "false" are 1 and 0. A column that has no name or counts the rows is left out,
    unless ``features`` names it. What was found, converted or left out is noted.

    Args:
        data: ``label`` names the column of the labels; ``text`` the column of the texts, or ``features`` those of the numbers (all
            others where neither is named). ``separator``, ``decimal`` and ``thousands`` say how the file is written.
        places: where the path is looked for.

    Raises:
        InputError: naming the file and row, or the column, that cannot be used.
    """
    tables = [_Table(dialect(file, (data.label or LABEL).strip(), data.separator), data) for file in _files(data, places)]
    for table in tables:
        table.demand_columns(tables[0])
    scans = [table.scan() for table in tables]
    classes, of_targets = _classes(tables[0], scans)
    notes = [*(note for table in tables for note in table.dialect.notes()), *_unread(data, places, tables), *of_targets,
             *beside_notes(data, scans[0].beside)]
    if data.text:
        if empty := sum(scan.empty for scan in scans):
            notes.append(f"{plural(empty, 'text')} {'has' if empty == 1 else 'have'} no word")
        width = max(scan.width for scan in scans)
        return Examples(*(table.texts(scan, classes, width) for table, scan in zip(tables, scans)), names=classes, notes=notes,
                        task=data.task)
    surveys = [table.survey(scan) for table, scan in zip(tables, scans)]
    if faults := [fault for table, survey in zip(tables, surveys) for fault in survey.faults(table.path)]:
        raise InputError("; ".join(faults))
    taken = _taken(tables[0], surveys[0])
    notes += _column_notes(tables[0], surveys, taken)
    every = len(tables[0].dialect.header) - 1 - len([*named(data)])
    return Examples(*(table.numbers(scan, classes, taken) for table, scan in zip(tables, scans)), names=classes, notes=notes,
                    features=tuple(taken) if len(taken) < every and not data.features else (), task=data.task)


def _classes(table: _Table, scans: list[_Scan]) -> tuple[tuple[str, ...] | None, list[str]]:
    """Return the names of the classes, and what is odd about them; None where targets are numbers."""
    labels = sum((scan.labels for scan in scans), Counter())
    if not task(table.data.task).classes:
        return None, []
    demand_classes(f"{table.path}: column '{table.label}'", labels)
    return tuple(sorted(labels, key=order)), list(label_notes(labels))


def _unread(data: Data, places: Places, tables: list[_Table]) -> Iterator[str]:
    """Yield what a folder or a test file has and is not read."""
    path = places.find(data.source)
    if path.is_dir() and (others := sorted(file.name for file in path.glob("*.csv") if file not in [table.path for table in tables])):
        yield f"beside train.csv lies what is not read: {listed(others)}"
    first, *others = (table.dialect.header for table in tables)
    if more := [name for header in others for name in header if name and name not in first]:
        yield f"test.csv has columns that train.csv has not and that are not read: {listed(more)}"


def _column_notes(table: _Table, surveys: list[Survey], taken: dict[str, float]) -> Iterator[str]:
    """Yield what was converted or left out of a table of numbers."""
    if not table.data.features:
        unnamed = sum(not name for name in table.dialect.header)
        counting = [f"'{name}'" for name in surveys[0].names if name not in taken]
        if unnamed:
            yield f"{plural(unnamed, 'column')} without a name {'is' if unnamed == 1 else 'are'} left out"
        if counting:
            yield f"{listed(counting)} {'is' if len(counting) == 1 else 'are'} left out: it counts or names the rows; `features` takes it"
        if parts := [f"'{name}'" for name in taken if name.lower() in USUAL_PARTS]:
            yield (f"{listed(parts)} {'is' if len(parts) == 1 else 'are'} read as a feature, though called as what numbers the parts of a "
                   "split; `features = [...]` leaves it out, and `group` or `part` makes it no feature")
    for place, pair in enumerate(("true and false", "yes and no")):
        truths = [f"'{name}'" for name, found in zip(surveys[0].names, surveys[0].booleans) if found[place] and name in taken]
        if truths:
            yield f"{pair} are read as 1 and 0, in {listed(truths)}"
    if again := [f"'{name}'" for name in surveys[0].repeated.columns() if name in taken]:
        yield f"{listed(again)}: each value stands beside one label alone, so the column tells the label; `features` leaves it out"
    if rounded := [f"'{name}'" for name in surveys[0].rounded() if name in taken]:
        yield f"numbers of more than 15 digits are rounded, in {listed(rounded)}"
    if shifted := [f"{offset:,.0f} off '{name}'" for name, offset in taken.items() if offset]:
        yield f"so that single precision tells values apart, reading takes {listed(shifted)}"


def _files(data: Data, places: Places) -> list[Path]:
    """The file, or the folder's train.csv and test.csv."""
    path = places.find(data.source)
    if not path.is_dir():
        return [path]
    if not (path / "train.csv").is_file():
        there = sorted(file.name for file in path.glob("*.csv"))
        instead = f"; it has {listed(there)}: name one of them, dataset = \"{data.source.rstrip('/')}/{there[0]}\"" if there else ""
        raise InputError(f"dataset '{data.source}': {path} has no train.csv{instead}")
    return [file for file in (path / "train.csv", path / "test.csv") if file.is_file()]


def _taken(table: _Table, survey: Survey) -> dict[str, float]:
    """The features, and what is taken off each: those that the study names, or all columns but those that count the rows."""
    counting = [] if table.data.features else survey.counting()
    taken = {name: offset for name, offset in zip(survey.names, survey.offsets()) if name not in counting}
    if not taken:
        raise InputError(f"{table.path} has no column beside its label but {listed(counting)}, which counts the rows; `features = [...]` "
                         "takes a column that only looks like it")
    return taken


@dataclass
class _Scan:
    """The rows of one file.

    Attributes:
        codes: label -> its number, in the order of the first rows.
        by_row, lines: each row's label as that number, and its line.
        beside: of each row, what decides how it is split, as a chunk names it.
        width: bytes of the longest text.
        empty: texts without a word.
    """

    codes: dict[str, int] = field(default_factory=dict)
    by_row: array[int] = field(default_factory=lambda: array("i"))
    lines: array[int] = field(default_factory=lambda: array("q"))
    beside: dict[str, list[str]] = field(default_factory=dict)
    width: int = 1
    empty: int = 0

    @property
    def labels(self) -> Counter[str]:
        """The number of rows of each label."""
        return Counter(dict(zip(self.codes, np.bincount(self.by_row, minlength=len(self.codes)).tolist())))

    def some(self, first: int, count: int) -> dict[str, list[str]]:
        """What stands beside some rows."""
        return {name: values[first : first + count] for name, values in self.beside.items()}

    def y(self, table: _Table, classes: tuple[str, ...] | None) -> np.ndarray:
        """The position of each row's label among the classes; where there are none, its number."""
        rows = np.array(self.by_row, np.int64)
        if classes is not None:
            return np.array([classes.index(name) for name in self.codes], np.int64)[rows]
        values = numbers(pd.DataFrame({0: list(self.codes)}), table.data)[0][:, 0]
        if (bad := np.flatnonzero(~np.isfinite(values[rows]))).size:
            name, more = list(self.codes)[rows[bad[0]]], f" ({bad.size:,} rows in all)" if bad.size > 1 else ""
            raise InputError(f"row {self.lines[bad[0]]} of {table.path}: column '{table.label}' holds {name!r}, which is no number to "
                             f"predict{more}; accepted: finite numbers")
        return values[rows]


@dataclass(frozen=True)
class _Table:
    """A file and the columns of it that a study names."""

    dialect: Dialect
    data: Data

    @property
    def path(self) -> Path:
        return self.dialect.path

    @property
    def label(self) -> str:
        return (self.data.label or LABEL).strip()

    @cached_property
    def beside(self) -> dict[str, str]:
        """Return the columns that decide how rows are split, by key of the study."""
        return {key: column.strip() for key, column in named(self.data)}

    @property
    def names(self) -> list[str]:
        """The columns of the text or of the numbers; unnamed ones are none of them."""
        stated, others = (self.data.text,) if self.data.text else self.data.features, ("", self.label, *self.beside.values())
        return [name.strip() for name in stated] if stated else [name for name in self.dialect.header if name not in others]

    def demand_columns(self, first: _Table) -> None:
        """Refuse a file that lacks the column of the labels, or one that the training file has."""
        header = self.dialect.header
        others = [name for name in header if name not in (self.label, *self.beside.values())]
        if others and all(map(is_number, others)) and (self.label not in header or not all(map(str.isdigit, others))):
            raise InputError(f"{self.path}: its first row holds numbers where the names of the columns are wanted; write a header above "
                             f"it, such as a,b,{LABEL if self.label in header else self.label}")
        if header and self.label not in header and header[0].startswith("#"):
            raise InputError(f"{self.path}: its first row is a comment ({header[0]}); remove what stands before the names of the columns")
        if len(header) == 1 and not self.data.separator and self.label != header[0] and self.label in re.split(r"\W", header[0]):
            mark = re.findall(r"\W", header[0])[0]
            raise InputError(f"{self.path}: its header is one column, {header[0]!r}; name what stands between cells: "
                             f"`separator = \"{mark}\"`")
        stated = [self.label, *self.names] if self.data.text or self.data.features else self.names
        if twice := next((name for name in stated if stated.count(name) > 1), None):
            what = "is the column of the labels too" if twice == self.label else "is named twice"
            raise InputError(f"{self.path}: {'text' if self.data.text else 'features'}: '{twice}' {what}; accepted: columns beside the "
                             "label, each once")
        if self is not first and self.label not in header:
            raise InputError(f"{self.path} has no column '{self.label}', so nothing can be scored on it (Kaggle's test files are like "
                             "this); name the training file alone, of which a share is set aside for testing: dataset = "
                             f"\"{self.data.source.rstrip('/')}/{first.path.name}\"")
        features = (("text" if self.data.text else "features", name) for name in first.names)
        for key, name in (("label", self.label), *self.beside.items(), *features):
            if name not in header:
                raise InputError(f"{self.path}: {key}: {unknown_column(name, header)}{self._hint(key)}")
        if not first.names:
            raise InputError(f"{self.path} has no column beside its label")

    def _hint(self, key: str) -> str:
        usual = next((name for name in self.dialect.header if name.lower() in USUAL_LABELS), "COLUMN")
        return f"; name the column of the labels: `label = \"{usual}\"`" if key == "label" and not self.data.label else ""

    def scan(self) -> _Scan:
        """Read the labels, and measure the texts."""
        scan, text, unlabelled = _Scan(), self.dialect.header.index(self.names[0]), list[int]()
        label = self.dialect.header.index(self.label)
        for number, cells in self.dialect.rows():
            if not (name := cells[label].strip()):
                unlabelled.append(number)
                continue
            scan.by_row.append(scan.codes.setdefault(name, len(scan.codes)))
            scan.lines.append(number)
            for key, column in self.beside.items():
                cell = cells[self.dialect.header.index(column)].strip()
                scan.beside.setdefault(KEYS[key], []).append(usable(f"row {number} of {self.path}", key, column, cell))
            if self.data.text:
                scan.width = max(scan.width, len(cells[text].encode()))
                scan.empty += not cells[text].strip()
        if unlabelled:
            others = f", nor have {plural(len(unlabelled) - 1, 'other')}" if unlabelled[1:] else ""
            raise InputError(f"row {unlabelled[0]} of {self.path} has no label{others}; leave such rows out (pandas: "
                             f"table.dropna(subset=[\"{self.label}\"]))")
        return scan


    def survey(self, scan: _Scan) -> Survey:
        """Look through the columns of numbers."""
        survey = Survey(self.names, scan.lines, scan.by_row)
        for frame in self._frames(survey.names):
            survey.add(frame, self.data)
        return survey

    def _frames(self, names: list[str]) -> Iterator:
        return frames(self.dialect, [self.dialect.header.index(name) for name in names], self.data)

    def _where(self, scan: _Scan, first: int) -> Callable[[int], str]:
        return lambda row: f"row {scan.lines[first + row]} of {self.path}"

    def numbers(self, scan: _Scan, classes: tuple[str, ...] | None, taken: dict[str, float]) -> Iterator[Chunk]:
        """Yield the numbers, less what is taken off each column, and their labels."""
        y, first = scan.y(self, classes), 0
        for frame in self._frames(list(taken)):
            x = numbers(frame, self.data)[0] - np.array(list(taken.values()))
            with np.errstate(over="ignore"):  # what is infinite then is refused with its row
                x = x.astype(np.float32)
            yield Chunk(x, y[first : first + len(x)], self._where(scan, first), **scan.some(first, len(x)))
            first += len(x)

    def texts(self, scan: _Scan, classes: tuple[str, ...] | None, width: int) -> Iterator[Chunk]:
        """Yield the texts and their labels."""
        y, column, first = scan.y(self, classes), self.dialect.header.index(self.names[0]), 0
        rows = self.dialect.rows()
        while some := list(islice(rows, ROWS)):
            texts = [checked(cells[column].encode(), f"row {number} of {self.path}") for number, cells in some]
            yield Chunk(np.array(texts, f"S{width}"), y[first : first + len(some)], self._where(scan, first),
                        **scan.some(first, len(some)))
            first += len(some)
