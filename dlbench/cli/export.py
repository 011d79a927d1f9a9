"""``dlbench export``."""

from __future__ import annotations

from pathlib import Path

import click

from dlbench.app.folders import FORMATS, export_folder
from dlbench.cli import options


@click.command("export")
@options.folder
@click.option("--format", "format", type=click.Choice(list(FORMATS)), default="parquet", show_default=True, help="What to write.")
@click.option("--out", type=options.FOLDER, help="Where to. [default: FOLDER/export]")
def command(folder: Path, format: str, out: Path | None) -> None:
    """Write the results in FOLDER for other programs: tables as Parquet, CSV or JSON, runs for MLflow or TensorBoard."""
    for path in export_folder(folder, format, out):
        click.echo(path)
