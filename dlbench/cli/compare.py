"""``dlbench compare``."""

from __future__ import annotations

from pathlib import Path

import click

from dlbench.app.compare import compare
from dlbench.app.outcome import Exit
from dlbench.cli import options
from dlbench.cli.text import command_line, echo, echo_json, exit_code, say

PATH = click.Path(path_type=Path)


@click.command("compare")
@click.argument("a", type=PATH)
@click.argument("b", type=PATH)
@options.as_json
@click.option("--format", "kind", type=click.Choice(["text", "html"]), default="text", help="html: a page as well. [default: text]")
@click.option("--out", type=options.FILE, default=Path("comparison.html"), show_default=True, help="Where the page goes.")
@options.fail_on
@click.option("--min-effect", type=options.Percent(), help="Of two benchmark files: the smallest change that matters. [default: 5%]")
def command(a: Path, b: Path, as_json: bool, kind: str, out: Path, fail_on: tuple[str, ...], min_effect: float | None) -> Exit:  # noqa: PLR0913
    """Compare B with A: two results folders of one study, or two JSON files of pytest-benchmark.

    Folders: the same arms (by name and recipe), paired by seed, with the verdicts of a study. Exit code 4 where no arm can be
    compared, or where both were timed and on different machines; 1, where a --fail-on condition held, goes before it.

    Files: the same cases, normalised by the calibration cases of both, which is weaker than `dlbench gate`. Exit code 1 where a case
    is slower, 4 where nothing can be compared."""
    compared = compare(a, b, fail_on, out if kind == "html" else None, min_effect, command_line())
    if compared.page:
        say(f"page: {compared.page}")
    if as_json and compared.text:
        echo_json(compared.data)
    elif compared.text:
        echo(compared.text)
    if compared.problem and compared.outcome.code == Exit.NOTHING:
        say(compared.problem)
    return exit_code(compared.outcome) if fail_on else compared.outcome.code
