"""Layer 6: results for other programs: Parquet, CSV, JSON, MLflow's file store, TensorBoard's event files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from dlbench.analysis import Analysis
from dlbench.exports.files import as_csv, as_json, as_parquet
from dlbench.exports.tables import tables
from dlbench.exports.trackers import to_mlflow, to_tensorboard
from dlbench.values.errors import InputError, unknown
from dlbench.values.files import inside
from dlbench.values.text import listed

FORMATS: dict[str, Callable[[Analysis, Path], list[Path]]] = {
    "parquet": as_parquet, "csv": as_csv, "json": as_json, "mlflow": to_mlflow, "tensorboard": to_tensorboard}
"""Format -> what writes it."""


MARK = ".dlbench"
"""A file in every folder that an export has made."""


ADDING = ("mlflow",)
"""Formats whose folder is a store that others add to as well."""


def export(analysis: Analysis, format: str, out: Path, into: bool = False) -> list[Path]:
    """Write a study's results into a folder.

    Args:
        analysis: of a study, complete or partial.
        format: ``parquet`` or ``csv``: a file a table; ``json``: one file; ``mlflow``: a local file store, one run a run;
            ``tensorboard``: event files, one folder a run.
        out: made where it is not there. Writing the same again replaces files of the same
            name, and adds no run twice.
        into: write also into a folder that holds something else, over files of the same names.

    Returns:
        What was written: files, or the folder that the program is to be pointed at.

    Raises:
        InputError: there is no such format, the folder cannot be written or holds something else, or the package that writes it is not
            installed.
    """
    if format not in FORMATS:
        raise InputError(unknown("format", format, FORMATS))
    folder = Path(out)
    try:
        demand_export_folder(folder, into or format in ADDING)
        folder.mkdir(parents=True, exist_ok=True)
        written = FORMATS[format](analysis, folder)
        inside(folder, MARK).touch()
        return written
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror or error}") from None


def demand_export_folder(folder: Path, into: bool = False) -> None:
    """Refuse a folder that holds something else than an export, unless it is to be written ``into`` all the same.

    Raises:
        InputError: it does.
    """
    names = sorted(os.listdir(folder)) if folder.is_dir() else []
    if names and MARK not in names and not into:
        raise InputError(f"{folder}: no export has made this folder, and it is not empty ({listed(names, most=3)}): what is there could be "
                         "overwritten; accepted: another --out, or --into, which writes into it")


__all__ = ["FORMATS", "MARK", "demand_export_folder", "export", "tables"]
