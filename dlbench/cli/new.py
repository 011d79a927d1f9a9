"""``dlbench new``."""

from __future__ import annotations

from pathlib import Path

import click

from dlbench.app.extend import FILES, create
from dlbench.cli import options
from dlbench.cli.text import say


@click.command("new")
@click.argument("kind", type=click.Choice(list(FILES)))
@click.argument("name")
@click.option("--folder", type=options.FOLDER, default=".", help="Where to. [default: here]")
def command(kind: str, name: str, folder: Path) -> None:
    """Write a working, commented starting point of a KIND under NAME, with its test and a study to run it in."""
    files = create(kind, name, folder)
    for path in files:
        click.echo(path)
    study = next(path for path in files if path.suffix == ".toml")
    say(f"next: dlbench run {study}" + ("" if kind == "study" else f"; dlbench check {files[0]}"))
