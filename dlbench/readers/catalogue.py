"""The readers, and which of them reads a path."""

from __future__ import annotations

import pkgutil
import re
from dataclasses import dataclass
from pathlib import Path

from dlbench.trackers.runs import RunTable, read_runs
from dlbench.values.catalogue import Catalogue
from dlbench.values.errors import InputError, unknown


@dataclass(frozen=True)
class Reader:
    """One form in which results are kept.

    Attributes:
        name: as ``--reads`` has it.
        what: in words, for lists.
        suffixes: of files in this form.
        marks: file names or patterns that a folder in this form holds.
        holds: pattern of text that files in this form begin with, for those that have their suffix from another form.
        read: reference ``module:function`` of ``read(path) -> RunTable``; it raises InputError for what it cannot read.
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
    Reader("dlbench", "a results folder of dlbench", "dlbench.readers.folders:results_folder", marks=("results.sqlite",)),
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
    Reader("mlflow", "an MLflow store, files or SQLite", "dlbench.trackers.stores:mlflow", marks=("*/*/meta.yaml", "*/meta.yaml")),
    Reader("tensorboard", "folders of event files", "dlbench.trackers.stores:tensorboard", marks=("**/events.out.tfevents.*",),
           needs=("tensorboard", "tensorboard")),
    Reader("kerastuner", "a folder of KerasTuner trials", "dlbench.readers.folders:kerastuner", marks=("**/trial.json",)),
    Reader("hydra", "Hydra's multirun folders", "dlbench.readers.folders:hydra", marks=("**/.hydra/overrides.yaml",),
           needs=("yaml", "hydra")),
    Reader("optuna", "an Optuna study in SQLite", "dlbench.trackers.stores:optuna", (".db", ".sqlite", ".sqlite3")),
)
HEAD_CHARACTERS = 20_000
"""Of a file, in which it says what has made it."""
READERS: Catalogue[Reader] = Catalogue("reader", Reader, SHIPPED)
"""The shipped readers, and those of installed packages (entry-point group ``dlbench.readers``)."""


def read(path: Path, name: str | None = None) -> tuple[Reader, RunTable]:
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
    return reader, read_runs(path, pkgutil.resolve_name(reader.read), f"{reader.name} ({reader.what})", reader.needs)


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
