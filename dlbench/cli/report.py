"""``dlbench report``."""

from __future__ import annotations

import time
from pathlib import Path

import click

from dlbench.cli.common import FAIL_ON
from dlbench.cli.index import index, inner
from dlbench.cli.run import conclude
from dlbench.report import FORMATS, render_live
from dlbench.store.database import FILE
from dlbench.store.lock import held
from dlbench.store.read import progress, read
from dlbench.values.errors import InputError

LOOK_EVERY_S = 2.0
REST = 4
"""Between two renderings at least so many times as long as one takes: the machine is there for the runs."""


@click.command("report")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--format", "formats", multiple=True, type=click.Choice(list(FORMATS)), help="Repeatable. [default: html, md]")
@click.option("--watch", is_flag=True, help="Follow a study that runs: a page marked as partial, renewed until all is done.")
@click.option("--fail-on", multiple=True, type=click.Choice(FAIL_ON), help="Exit with 1 where any arm is so. Repeatable.")
def command(folder: Path, formats: tuple[str, ...], watch: bool, fail_on: tuple[str, ...]) -> int:
    """Render the report of results FOLDER again, without TensorFlow; of a folder of studies, theirs and a page that leads to them."""
    if watch:
        follow(folder)
    formats = formats or ("html", "md")
    return index(folder, formats, anew=True) if inner(folder) else conclude(folder, formats, fail_on, failed=False)


def follow(folder: Path) -> None:
    """Render the page anew whenever runs have ended, until every planned run has been tried and nobody writes to the folder.

    Args:
        folder: where ``dlbench run`` writes; it is waited for.
    """
    seen, rest_until = None, 0.0
    if not (folder / FILE).is_file():
        click.echo(f"waiting for the first results in {folder} (Ctrl-C ends the wait)", err=True)
    while (state := _state(folder)) is None or state[1] or held(folder):
        if state is not None and state != seen and time.monotonic() >= rest_until:
            seen, began = state, time.monotonic()
            path = render_live(read(folder), folder, reload_s=5)
            rest_until = time.monotonic() + REST * (time.monotonic() - began)
            click.echo(f"{path}: {state[0]} of {state[0] + state[1]} runs", err=True)
        time.sleep(LOOK_EVERY_S)


def _state(folder: Path) -> tuple[int, int] | None:
    """How many runs were tried and how many are still missing; None before there is anything."""
    try:
        facts = progress(folder)
    except InputError:
        return None
    missing = facts["statuses"].get("missing", 0)
    return facts["planned"] - missing, missing or int(not facts["decided"])
