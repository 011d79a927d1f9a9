"""``dlbench export``."""

from __future__ import annotations

from pathlib import Path

import click

from dlbench.analysis import analyse
from dlbench.exports import FORMATS, export
from dlbench.store.read import read


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--format", "format", type=click.Choice(list(FORMATS)), default="parquet", show_default=True, help="What to write.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Where to. [default: FOLDER/export]")
def command(folder: Path, format: str, out: Path | None) -> None:
    """Write the results in FOLDER for other programs: tables as Parquet, CSV or JSON, runs for MLflow or TensorBoard."""
    for path in export(analyse(read(folder)), format, out or folder / "export"):
        click.echo(path)
