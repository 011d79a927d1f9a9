"""``dlbench compare``."""

from __future__ import annotations

from pathlib import Path

import click

from dlbench.cli.common import FAIL_ON, command_line, echo_json, failing
from dlbench.report.comparison import Comparison, Side, as_json, compare_results
from dlbench.report.comparison_page import render
from dlbench.report.comparison_text import text
from dlbench.report.files import write
from dlbench.report.wording import one_line
from dlbench.store.read import finished, read
from dlbench.values.errors import InputError


@click.command("compare")
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option("--json", "as_data", is_flag=True, help="Machine-readable.")
@click.option("--format", "kind", type=click.Choice(["text", "html"]), default="text", help="html: a page as well. [default: text]")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("comparison.html"), show_default=True,
              help="Where the page goes.")
@click.option("--fail-on", multiple=True, type=click.Choice(FAIL_ON), help="Exit with 1 where any arm is so. Repeatable.")
def command(a: Path, b: Path, as_data: bool, kind: str, out: Path, fail_on: tuple[str, ...]) -> int:  # noqa: PLR0913
    """Compare results folder B with results folder A: the same arms (by name and recipe), paired by seed, with the verdicts of a
    study. Exit code 4 where no arm can be compared, or where both were timed and on different machines; 1, where a --fail-on
    condition held, goes before it."""
    for path in (a, b):
        if path.is_file():
            raise InputError(f"{path}: this is a file; accepted: two results folders, such as reports/quickstart")
    if a.resolve() == b.resolve():
        raise InputError(f"{a}, {b}: one and the same folder; accepted: two results folders")
    sides = [Side(str(path), read(path), finished(path)) for path in (a, b)]
    found = compare_results(*sides)
    if kind == "html":
        click.echo(f"page: {write(out, render(found, *sides, command_line()))}", err=True)
    echo_json(as_json(found)) if as_data else click.echo(text(found))
    return _code(found, fail_on)


def _code(found: Comparison, fail_on: tuple[str, ...]) -> int:
    if failing(found.verdicts, fail_on):
        return 1
    if found.empty:
        click.echo("nothing to compare: no arm has the same name, recipe and a completed seed in both", err=True)
        return 4
    if not found.comparable:
        click.echo(one_line(found.times_note), err=True)
        return 4
    return 0
