"""A table of runs, and how it is read from a path or refused."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dlbench.values.errors import InputError

Curves = dict[str, dict[Any, list[float]]]
"""Column of a score -> its history by row of the table."""


@dataclass(frozen=True)
class RunTable:
    """Runs as a program has logged them.

    Attributes:
        table: one row a run, values as they stand in the files; a column a thing that was set, seed or score.
        notes: what was taken, converted or left out, one sentence each.
        curves: column of a score -> that score's whole history by row of the table, where one was kept.
    """

    table: pd.DataFrame
    notes: tuple[str, ...] = ()
    curves: Curves | None = None


def read_runs(path: Path, read: Callable[[Path], RunTable], form: str, needs: tuple[str, str] = ("", "")) -> RunTable:
    """Read the runs at a path.

    Args:
        path: a file or folder.
        read: reads it; it raises InputError for what it cannot read.
        form: in which the runs are kept, for messages: "tensorboard (folders of event files)".
        needs: module that ``read`` needs and the extra of dlbench that brings it; empty where none.

    Raises:
        InputError: what ``read`` needs is not installed, the path cannot be read, or it holds no runs.
    """
    module, extra = needs
    if module and importlib.util.find_spec(module) is None:
        raise InputError(f"{path}: reading '{form.partition(' (')[0]}' needs {module}: pip install 'dlbench[{extra}]'")
    runs = read(path)
    if not len(runs.table):
        raise InputError(f"{path}: it holds no runs, read as {form}")
    return runs
