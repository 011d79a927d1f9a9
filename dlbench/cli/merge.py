"""``dlbench merge``."""

from __future__ import annotations

from pathlib import Path

import click

from dlbench.store.merge import merge


@click.command("merge")
@click.argument("folders", nargs=-1, required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to make; it has no results yet.")
@click.option("--fresh", is_flag=True, help="Set results that are in --out aside (renamed, not deleted).")
def command(folders: tuple[Path, ...], out: Path, fresh: bool) -> int:
    """Join results FOLDERS of one study, from several machines or shards, into one. Every attempt at every run is kept; of a run
    that several folders have, the first folder's result counts. Exit code 4 where results of one run contradict each other."""
    found = merge(folders, out, fresh)
    left = found.planned - found.finished
    rest = f"; {left} are left: `dlbench run STUDY --out {out}` runs them" if left else ""
    click.echo(f"{out}: {found.finished} of {found.planned} runs, {found.attempts} attempts{rest}", err=True)
    for line in found.conflicts:
        click.echo(f"conflict: {line}")
    return 4 if found.conflicts else 0
