"""``dlbench compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dlbench.analysis.comparison import Comparison, Side, as_json, compare_results
from dlbench.cli.common import FAIL_ON, Percent, command_line, echo_json, failing
from dlbench.gate import stored_text
from dlbench.gate.stored import compare_files
from dlbench.report.comparison_page import render
from dlbench.report.comparison_text import text
from dlbench.report.files import write
from dlbench.store.read import finished, read
from dlbench.values.errors import InputError
from dlbench.values.text import one_line

MIN_EFFECT = 0.05


@click.command("compare")
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option("--json", "as_data", is_flag=True, help="Machine-readable.")
@click.option("--format", "kind", type=click.Choice(["text", "html"]), default="text", help="html: a page as well. [default: text]")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("comparison.html"), show_default=True,
              help="Where the page goes.")
@click.option("--fail-on", multiple=True, type=click.Choice(FAIL_ON), help="Exit with 1 where any arm is so. Repeatable.")
@click.option("--min-effect", type=Percent(), help="Of two benchmark files: the smallest change that matters. [default: 5%]")
def command(a: Path, b: Path, as_data: bool, **given: Any) -> int:
    """Compare B with A: two results folders of one study, or two JSON files of pytest-benchmark.

    Folders: the same arms (by name and recipe), paired by seed, with the verdicts of a study. Exit code 4 where no arm can be
    compared, or where both were timed and on different machines; 1, where a --fail-on condition held, goes before it.

    Files: the same cases, normalised by the calibration cases of both, which is weaker than `dlbench gate`. Exit code 1 where a case
    is slower, 4 where nothing can be compared."""
    files = [path.is_file() for path in (a, b)]
    if any(files) and not all(files):
        raise InputError(f"{a}, {b}: a file and a folder; accepted: two results folders, or two JSON files of pytest-benchmark")
    if a.resolve() == b.resolve():
        raise InputError(f"{a}, {b}: one and the same; accepted: two of them")
    if not all(files):
        return _folders(a, b, as_data, given)
    if given["fail_on"] or given["kind"] == "html":
        raise InputError("--fail-on and --format are for results folders; of two benchmark files, a slower case ends with 1")
    return _files(a, b, as_data, given["min_effect"] or MIN_EFFECT)


def _files(a: Path, b: Path, as_data: bool, min_effect: float) -> int:
    found = compare_files(a, b, min_effect)
    if isinstance(found, str):
        click.echo(f"nothing to compare: {found}", err=True)
        return 4
    echo_json(stored_text.as_json(found)) if as_data else click.echo(stored_text.text(found))
    return 1 if any(change.verdict == "slower" for change in found.changes) else 0


def _folders(a: Path, b: Path, as_data: bool, given: dict[str, Any]) -> int:
    if given["min_effect"]:
        raise InputError("--min-effect is for two benchmark files; a study has a margin of its own")
    sides = [Side(str(path), read(path), finished(path)) for path in (a, b)]
    found = compare_results(*sides)
    if given["kind"] == "html":
        click.echo(f"page: {write(given['out'], render(found, *sides, command_line()))}", err=True)
    echo_json(as_json(found)) if as_data else click.echo(text(found))
    return _code(found, given["fail_on"])


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
