"""The columns of numbers of a table: what they hold, which of them are no features, and their values."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from dlbench.datasets.dialect import Dialect
from dlbench.datasets.telling import RepeatedLabel
from dlbench.values.errors import unknown
from dlbench.values.recipe import Data
from dlbench.values.text import listed

ROWS = 4096
MOST_LISTED = 20
"""Columns that a message lists."""
MISSING = tuple({form(word) for form in (str, str.lower, str.upper, str.title) for word in (
    "", "#DIV/0!", "#N/A", "#N/A N/A", "#NA", "#REF!", "#VALUE!", "-", "--", "-NaN", ".", "..", "<NA>", "?", "N.A.", "N/A", "NA", "NULL",
    "NaN", "None", "missing")})
"""Cells that stand for a value that is missing, where a number is wanted."""
EXACT = 2**53
"""Whole numbers up to it are told apart in double precision."""
FEWEST_COUNTED = 5
"""Rows from which on a column that counts 0, 1, 2, ... is taken to count them."""
IDENTIFIER = re.compile(r"(?i:(.*[\s_.-])?(id|idx|index|key|uuid|guid|row|nr))|.*[a-z]I[dD]|Unnamed: \d+")
TRUTHS = ({"true": "1", "false": "0"}, {"yes": "1", "no": "0", "y": "1", "n": "0"})
"""Pairs of words that are 1 and 0, in small letters."""
MARKS = {"thousands": re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII), "decimal": re.compile(r"[-+]?\d*,\d+|[-+]?\d+", re.ASCII),
         "both": re.compile(r"[-+]?\d{1,3}(\.\d{3})*,\d+", re.ASCII),
         "gaps": re.compile(r"[-+]?\d{1,3}([ '\u2019\xa0\u202f]\d{3})+", re.ASCII)}
"""How a number is written that has a mark in it -> its cells."""
HINTS = {"thousands": "`thousands = \",\"` in the study reads 1,234 as 1234, and `decimal = \",\"` as 1.234",
         "decimal": "`decimal = \",\"` in the study reads 1,5 as 1.5",
         "both": "`decimal = \",\"` and `thousands = \".\"` in the study read 1.234,5 as 1234.5",
         "gaps": "`thousands` in the study names what stands between thousands, such as \" \", \"\\u00a0\" or \"'\""}
PRECISE = 2**12
"""A column whose values are so many times as large as their range is shifted, before single precision makes its values equal."""


@dataclass
class Words:
    """The cells of a column that are no numbers: how many, the first of them, and some of the different ones."""

    count: int = 0
    first: tuple[int, str] = (0, "")
    different: set[str] = field(default_factory=set)


@dataclass
class Survey:
    """What the columns of numbers of one file hold, each array [columns].

    Attributes:
        names: of the columns.
        lines: the line of each row, for messages.
        rows: how many rows there are.
        missing, first_missing: missing values, and the row of the first of them, from 0.
        low, high: smallest and largest value.
        booleans: whether there are cells of each pair of :data:`TRUTHS`, [columns, pairs].
        step: +1 or -1 for a column that goes up or down by one from row to row, else 0.
        keys: the values of the columns whose names are those of identifiers.
        words: column -> its cells that are no numbers.
        repeated: which columns repeat the label.
    """

    names: list[str]
    lines: Sequence[int]
    labels: Sequence[int] = ()
    rows: int = 0
    words: dict[str, Words] = field(default_factory=dict)
    keys: dict[str, list[np.ndarray]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.names)
        self.missing, self.first_missing = np.zeros(count, int), np.zeros(count, int)
        self.low, self.high = np.full(count, np.inf), np.full(count, -np.inf)
        self.booleans, self.step = np.zeros((count, len(TRUTHS)), bool), np.zeros(count)
        self.repeated = RepeatedLabel(self.names, len(set(self.labels)))
        self._last = np.full(count, np.nan)

    def add(self, frame: pd.DataFrame, data: Data) -> None:
        """Take in the next rows of the file."""
        x, words, booleans = numbers(frame, data)
        gone = np.isnan(x) & ~words
        new = gone.any(axis=0) & (self.missing == 0)
        self.first_missing[new] = self.rows + gone[:, new].argmax(axis=0)
        self.missing += gone.sum(axis=0)
        self.booleans |= booleans
        self.low, self.high = np.fmin(self.low, np.fmin.reduce(x)), np.fmax(self.high, np.fmax.reduce(x))
        self._count_steps(x)
        self.repeated.add(x, np.asarray(self.labels[self.rows : self.rows + len(x)]))
        for column in np.flatnonzero(words.any(axis=0)):
            self._add_words(self.names[column], frame.iloc[:, column][words[:, column]])
        for column, name in enumerate(self.names):
            if IDENTIFIER.fullmatch(name):
                self.keys.setdefault(name, []).append(x[:, column])
        self.rows += len(x)

    def _count_steps(self, x: np.ndarray) -> None:
        steps = np.diff(x, axis=0, prepend=self._last[None])[int(not self.rows):]
        if len(steps):
            one = steps[0] if self.rows <= 1 else self.step
            self.step = np.where((np.abs(one) == 1) & (steps == one).all(axis=0), one, 0.0)
        self._last = x[-1]

    def _add_words(self, name: str, cells: pd.Series) -> None:
        known = self.words.setdefault(name, Words(first=(self.lines[cells.index[0]], str(cells.iloc[0]))))
        known.count += len(cells)
        known.different.update(cells.astype(str).unique())

    def counting(self) -> list[str]:
        """Columns that count the rows from 0 or 1, upwards or downwards, and identifiers: whole numbers that never repeat."""
        least = np.isin(self.low, (0, 1)) & (self.step != 0) & (self.rows >= FEWEST_COUNTED)
        known = {name for name, counts in zip(self.names, least) if counts}
        for name, parts in self.keys.items():
            values = np.concatenate(parts)
            if self.rows >= FEWEST_COUNTED and (values == np.floor(values)).all() and len(np.unique(values)) == len(values):
                known.add(name)
        return [name for name in self.names if name in known]

    def offsets(self) -> np.ndarray:
        """Return the number to subtract from each column so that single precision tells its values apart; 0 for most."""
        extent = self.high - self.low
        large = (extent > 0) & (np.maximum(np.abs(self.low), np.abs(self.high)) > PRECISE * extent)
        return np.where(large & np.isfinite(extent), np.floor(self.low), 0.0)

    def rounded(self) -> list[str]:
        """Columns with whole numbers that double precision rounds."""
        return [name for name, low, high in zip(self.names, self.low, self.high) if max(abs(low), abs(high)) > EXACT]

    def faults(self, path: Any, data: Data) -> list[str]:
        """Word what keeps the columns from being numbers: all missing values, and all columns of words that are no categories."""
        gaps = [f"{name} ({count:,}, first in row {self.lines[row]})"
                for name, count, row in zip(self.names, self.missing, self.first_missing) if count and not data.missing]
        found = []
        if gaps:
            found.append(f"{path} has {self.missing.sum():,} missing values, in {listed(gaps, 8)}; fill them (`missing = \"median\"` in "
                         "the study, or pandas: table.fillna(table.mean())), drop their rows (table.dropna()), or leave their columns out "
                         f"with {self._features()}")
        marked = any(self._mark(known) for known in self.words.values())
        if self.words and (marked or not data.categories):
            rows = [f"{name} ({known.count:,} cells, {len(known.different)} different, such as {known.first[1]!r} in row {known.first[0]})"
                    for name, known in self.words.items()]
            found.append(f"{path} has words where numbers are wanted, in {listed(rows, 8)}; {self._remedy()}")
        return found

    def _features(self) -> str:
        usable = [name for name, missing in zip(self.names, self.missing) if not missing and name not in self.words]
        shown = ", ".join(f'"{name}"' for name in usable[:6]) + (", ..." if len(usable) > 6 else "")
        return f"`features = [{shown or '...'}]`"

    def _remedy(self) -> str:
        kinds = {name: self._mark(known) for name, known in self.words.items()}
        hints = [f"in {listed([name for name in kinds if kinds[name] == kind])}, {hint}" for kind, hint in HINTS.items()
                 if kind in kinds.values()]
        if text := [name for name, kind in kinds.items() if not kind]:
            hints.append(f"name the columns of numbers with {self._features()}, give each word a column of 0 and 1 (`categories = "
                         f"\"one_hot\"`, or pandas.get_dummies) or a vector that is learned (`categories = \"embedding\"`), or name the "
                         f"column of a text: `text = \"{text[0]}\"`")
        return "; ".join(hints)

    @staticmethod
    def _mark(known: Words) -> str:
        """Return which mark in them makes the cells of a column words, where they are numbers; empty for words."""
        return next((kind for kind, pattern in MARKS.items() if all(map(pattern.fullmatch, known.different))), "")


def frames(dialect: Dialect, positions: Sequence[int], data: Data, words: Collection[int] = ()) -> Iterator[pd.DataFrame]:
    """Yield the rows of some columns, in chunks; cells are numbers where pandas reads them as such and they are not among ``words``."""
    with pd.read_csv(
        dialect.path, sep=dialect.separator, encoding=dialect.encoding, header=0, names=list(range(len(dialect.header))),
        usecols=list(positions), skiprows=dialect.skipped, index_col=False, keep_default_na=False, na_values=list(MISSING),
        skipinitialspace=True, decimal=data.decimal or ".", low_memory=False, chunksize=ROWS, dtype=dict.fromkeys(words, str),
    ) as chunks:
        yield from (chunk[list(positions)] for chunk in chunks if len(chunk))


def numbers(frame: pd.DataFrame, data: Data) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn columns into numbers.

    Args:
        frame: from :func:`frames`, [rows, columns].
        data: says how thousands are separated.

    Returns:
        The numbers, float64 [rows, columns], NaN where a value is missing or a word; which cells are words, bool [rows, columns]; and
        which columns hold words of each pair of :data:`TRUTHS`, which are 1 and 0, bool [columns, pairs].
    """
    x, words, booleans = np.full(frame.shape, np.nan), np.zeros(frame.shape, bool), np.zeros((frame.shape[1], len(TRUTHS)), bool)
    kinds = np.array([kind.kind if isinstance(kind, np.dtype) else "O" for kind in frame.dtypes])
    plain = np.isin(kinds, list("iufb"))
    x[:, plain] = frame.loc[:, plain].to_numpy(np.float64)
    booleans[kinds == "b", 0] = True
    for column in np.flatnonzero(~plain):
        cells = frame.iloc[:, column]
        text = cells[cells.notna()].astype(str).str.strip().str.lower()
        booleans[column] = [bool(text.isin(truth).any()) for truth in TRUTHS]
        truth = text.map(TRUTHS[0] | TRUTHS[1]) if booleans[column].any() else text
        values = pd.to_numeric(_without_thousands(truth.fillna(text), data), errors="coerce")
        known = cells.notna().to_numpy()
        x[known, column] = values.to_numpy(np.float64)
        words[known, column] = values.isna().to_numpy()
    return x, words, booleans


def _without_thousands(text: pd.Series, data: Data) -> pd.Series:
    """Numbers without the marks between their thousands, and with a decimal point; anything else stays as it is."""
    mark, point = data.thousands, data.decimal or "."
    if mark:
        grouped = text.str.fullmatch(rf"[-+]?\d{{1,3}}({re.escape(mark)}\d{{3}})+({re.escape(point)}\d+)?")
        text = text.where(~grouped, text.str.replace(mark, "", regex=False))
    if point == ".":
        return text
    return text.mask(text.str.contains(".", regex=False), "").str.replace(point, ".", regex=False)


def unknown_column(name: str, header: tuple[str, ...]) -> str:
    """Word a message about an unknown column, with the nearest name; of a wide table, the first columns are listed."""
    if len(header) <= MOST_LISTED:
        return unknown("column", name, header)
    near = difflib.get_close_matches(name, header, n=1, cutoff=0.5)
    return unknown("column", name, [*near, *header[:MOST_LISTED // 2], f"... ({len(header):,} columns)"])
