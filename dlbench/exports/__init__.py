"""Layer 6: results for other programs: Parquet, CSV, JSON, MLflow's file store, TensorBoard's event files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dlbench.analysis import Analysis
from dlbench.exports.files import as_csv, as_json, as_parquet
from dlbench.exports.tables import tables
from dlbench.exports.trackers import to_mlflow, to_tensorboard
from dlbench.values.errors import InputError, unknown

FORMATS: dict[str, Callable[[Analysis, Path], list[Path]]] = {
    "parquet": as_parquet, "csv": as_csv, "json": as_json, "mlflow": to_mlflow, "tensorboard": to_tensorboard}
"""Format -> what writes it."""


def export(analysis: Analysis, format: str, out: Path) -> list[Path]:
    """Write a study's results into a folder.

    Args:
        analysis: of a study, complete or partial.
        format: ``parquet`` or ``csv``: a file a table; ``json``: one file; ``mlflow``: a local file store, one run a run;
            ``tensorboard``: event files, one folder a run.
        out: made where it is not there. Writing the same again replaces files of the same name, and adds no run twice.

    Returns:
        What was written: files, or the folder that the program is to be pointed at.

    Raises:
        InputError: there is no such format, the folder cannot be written, or the package that writes it is not installed.
    """
    if format not in FORMATS:
        raise InputError(unknown("format", format, FORMATS))
    try:
        Path(out).mkdir(parents=True, exist_ok=True)
        return FORMATS[format](analysis, Path(out))
    except OSError as error:
        raise InputError(f"{out}: cannot be written: {error.strerror or error}") from None


__all__ = ["FORMATS", "export", "tables"]
