"""The readers, and which of them reads a path."""

from __future__ import annotations

import importlib
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dlbench.values.catalogue import Catalogue
from dlbench.values.errors import InputError, unknown

Curves = dict[str, dict[Any, list[float]]]
"""Column of a score -> its history by row of the table."""


@dataclass(frozen=True)
class Found:
    """What was read.

    Attributes:
        table: one row a run, values as they stand in the files; a column a thing that was set, seed or score.
        notes: what was taken, converted or left out, one sentence each.
        curves: column of a score -> that score's whole history by row of the table, where one was kept.
    """

    table: pd.DataFrame
    notes: tuple[str, ...] = ()
    curves: Curves | None = None


@dataclass(frozen=True)
class Reader:
    """One form in which results are kept.

    Attributes:
        name: as ``--reads`` has it.
        what: in words, for lists.
        suffixes: of files in this form.
        marks: file names or patterns that a folder in this form holds.
        holds: pattern of text that files in this form begin with, for those that have their suffix from another form.
        read: reference ``module:function`` of ``read(path) -> Found``; it raises InputError for what it cannot read.
        needs: module that it needs and the extra of dlbench that brings it; empty where none.
    """

    name: str
    what: str
    read: str
    suffixes: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    needs: tuple[str, str] = ("", "")
    holds: str = ""


SHIPPED = (
    Reader("dlbench", "a results folder of dlbench", "dlbench.readers.folders:own", marks=("results.sqlite",)),
    Reader("wandb", "an export of Weights & Biases", "dlbench.readers.wandb:wandb", (".csv", ".json"),
           holds=r'\A[^\n]* - [^\n]*__MIN|\A(?=[^\n]*\bsummary\b)[^\n]*\bconfig\b|'
                 r'\A\s*\[\s*\{(?=[^\[]*"summary"\s*:\s*\{)[^\[]*"config"\s*:\s*\{'),
    Reader("csv", "a table with commas, tabs or semicolons", "dlbench.readers.tables:csv", (".csv", ".tsv", ".txt")),
    Reader("jsonl", "a JSON object a line", "dlbench.readers.tables:json_lines", (".jsonl", ".ndjson")),
    Reader("pytest-benchmark", "what pytest-benchmark saves", "dlbench.readers.times:pytest_benchmark", (".json",),
           holds='"machine_info"'),
    Reader("asv", "results of asv, a JSON file or their folder", "dlbench.readers.times:asv", (".json",), ("benchmarks.json",),
           holds='"result_columns"'),
    Reader("json", "a list of objects, or columns", "dlbench.readers.tables:json_table", (".json",)),
    Reader("neptune", "what Neptune's exporter leaves", "dlbench.readers.neptune:neptune", (".parquet",), ("**/*_part_*.parquet",),
           ("pyarrow", "parquet"), holds="attribute_path"),
    Reader("parquet", "a Parquet file", "dlbench.readers.tables:parquet", (".parquet", ".pq"), needs=("pyarrow", "parquet")),
    Reader("mlflow", "an MLflow store, files or SQLite", "dlbench.readers.trackers:mlflow", marks=("*/*/meta.yaml", "*/meta.yaml")),
    Reader("tensorboard", "folders of event files", "dlbench.readers.trackers:tensorboard", marks=("**/events.out.tfevents.*",),
           needs=("tensorboard", "tensorboard")),
    Reader("kerastuner", "a folder of KerasTuner trials", "dlbench.readers.folders:kerastuner", marks=("**/trial.json",)),
    Reader("hydra", "Hydra's multirun folders", "dlbench.readers.folders:hydra", marks=("**/.hydra/overrides.yaml",),
           needs=("yaml", "hydra")),
    Reader("optuna", "an Optuna study in SQLite", "dlbench.readers.trackers:optuna", (".db", ".sqlite", ".sqlite3")),
)
HEAD_CHARACTERS = 20_000
"""Of a file, in which it says what has made it."""
READERS: Catalogue[Reader] = Catalogue("reader", Reader, SHIPPED)
"""The shipped readers, and those of installed packages (entry-point group ``dlbench.readers``)."""


def read(path: Path, name: str | None = None) -> tuple[Reader, Found]:
    """Read results.

    Args:
        path: a file or folder.
        name: of the reader; found by the path's suffix and contents where unset.

    Raises:
        InputError: there is no such path, no reader for it, what the reader needs is not installed, or it holds no runs.
    """
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    reader = _named(name) if name else _fitting(path)
    module, extra = reader.needs
    if module and importlib.util.find_spec(module) is None:
        raise InputError(f"{path}: reading '{reader.name}' needs {module}: pip install 'dlbench[{extra}]'")
    where, _, function = reader.read.partition(":")
    found: Found = getattr(importlib.import_module(where), function)(path)
    if not len(found.table):
        raise InputError(f"{path}: it holds no runs, read as {reader.name} ({reader.what})")
    return reader, found


def _named(name: str) -> Reader:
    known = {reader.name: reader for reader in READERS}
    if name not in known:
        raise InputError(f"--reads: {unknown('reader', name, known)}")
    return known[name]


def _fitting(path: Path) -> Reader:
    fitting = [reader for reader in READERS if _fits(reader, path)]
    if not fitting:
        raise InputError(f"{path}: no reader knows it; accepted: --reads with one of {', '.join(reader.name for reader in READERS)}")
    return fitting[0]


def _fits(reader: Reader, path: Path) -> bool:
    if path.is_dir():
        return any(next(path.glob(mark), None) for mark in reader.marks)
    return path.suffix.lower() in reader.suffixes and (not reader.holds or _holds(path, reader.holds))


def _holds(path: Path, pattern: str) -> bool:
    """Whether a pattern stands in the first or last characters of a file: Parquet names its columns at the end."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_CHARACTERS)
            file.seek(max(0, path.stat().st_size - HEAD_CHARACTERS))
            shown = head if path.suffix != ".parquet" else file.read()
    except OSError:
        return False
    return bool(re.search(pattern, shown.decode(errors="replace").lstrip("\ufeff")))
