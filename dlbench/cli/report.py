"""``dlbench report``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from dlbench.app.outcome import Exit
from dlbench.app.report import DEFAULT_FORMATS, FORMATS, follow, index, report, results_folders
from dlbench.cli import options
from dlbench.cli.text import echo, exit_code, say, warn
from dlbench.values.errors import InputError


@click.command("report")
@options.folder
@click.option("--format", "formats", multiple=True, type=click.Choice(list(FORMATS)), help="Repeatable. [default: html, md]")
@click.option("--watch", is_flag=True, help="Follow a study that runs: a page marked as partial, renewed until all is done.")
@options.fail_on
@options.judged
def command(folder: Path, formats: tuple[str, ...], watch: bool, fail_on: tuple[str, ...], **judged: Any) -> Exit:
    """Render the report of results FOLDER again, without TensorFlow; of a folder of studies, theirs and a page that leads to them."""
    several = results_folders(folder)
    if (stated := next((name for name, value in judged.items() if value is not None), "")) and (watch or several):
        raise InputError(f"--{stated}: accepted for one study whose runs have ended, without --watch")
    if watch:
        follow(folder, say)
    formats = formats or DEFAULT_FORMATS
    return index(folder, formats, say, anew=True).code if several else conclude(folder, formats, fail_on, **judged)


def conclude(folder: Path, formats: Sequence[str], fail_on: Sequence[str], failed: bool = False, **judged: Any) -> Exit:
    """Render a results folder and print its verdicts: a table, advice and the next command on a terminal, elsewhere a line an arm.

    Args:
        folder: of results.
        formats: of the report; none renders no report.
        fail_on: conditions that fail.
        failed: whether runs failed.
        **judged: the metric or margin to judge by, as :func:`dlbench.app.report.report` takes them.
    """
    rendered = report(folder, formats, fail_on, failed, **judged)
    for path in rendered.paths[:1]:
        say(f"report: {path}")
    if rendered.afterwards:
        warn(rendered.afterwards)
    if rendered.closing and sys.stdout is not None and sys.stdout.isatty():
        echo(rendered.closing)
    else:
        for row in rendered.verdicts.itertuples():
            echo(f"{row.arm}: {row.verdict}: {row.reason}")
    return exit_code(rendered.outcome)
