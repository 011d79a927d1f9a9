"""``dlbench new`` and ``dlbench check``: for authors of plug-ins."""

from __future__ import annotations

from pathlib import Path

import click

from dlbench.app.extend import FILES, check, create
from dlbench.app.outcome import Exit
from dlbench.cli import options
from dlbench.cli.text import echo, say


@click.command("new")
@click.argument("kind", type=click.Choice(list(FILES)))
@click.argument("name")
@click.option("--folder", type=options.FOLDER, default=".", help="Where to. [default: here]")
def new_command(kind: str, name: str, folder: Path) -> None:
    """Write a working, commented starting point of a KIND under NAME, with its test and a study to run it in."""
    files = create(kind, name, folder)
    for path in files:
        echo(path)
    study = next(path for path in files if path.suffix == ".toml")
    say(f"next: dlbench run {study}" + ("" if kind == "study" else f"; dlbench check {files[0]}"))


@click.command("check")
@click.argument("plugin")
@click.option("--quick", is_flag=True, help="Look at declarations only; train nothing.")
def check_command(plugin: str, quick: bool) -> Exit:
    """Hold a PLUGIN, a file or an installed package, to the contract that dlbench's own techniques, datasets, models, metrics and
    kernels keep. Exits with 1 where something is not kept.
    """
    findings = list(check(plugin, quick))
    for finding in findings:
        echo(f"{finding.kind} {finding.name}: " + ("; ".join(finding.problems) or "ok"))
    return Exit.HELD if any(finding.problems for finding in findings) else Exit.DONE
