"""``dlbench merge``."""

from __future__ import annotations

from pathlib import Path

import click

from dlbench.app.folders import merge
from dlbench.app.outcome import Exit, Outcome
from dlbench.cli import options
from dlbench.cli.text import say


@click.command("merge")
@click.argument("folders", nargs=-1, required=True, type=options.FOLDER)
@click.option("--out", required=True, type=options.FOLDER, help="The folder to make; it has no results yet.")
@click.option("--fresh", is_flag=True, help="Set results that are in --out aside (renamed, not deleted).")
def command(folders: tuple[Path, ...], out: Path, fresh: bool) -> Exit:
    """Join results FOLDERS of one study, from several machines or shards, into one. Every attempt at every run is kept; of a run
    that several folders have, the first folder's result counts. Exit code 4 where results of one run contradict each other."""
    merged = merge(folders, out, fresh)
    left = merged.planned - merged.finished
    rest = f"; {left} are left: `dlbench run STUDY --out {out}` runs them" if left else ""
    say(f"{out}: {merged.finished} of {merged.planned} runs, {merged.attempts} attempts{rest}")
    for line in merged.conflicts:
        click.echo(f"conflict: {line}")
    return Outcome(nothing=bool(merged.conflicts)).code
