"""``dlbench confirm``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dlbench.app.confirm import confirmation, describe_confirmation
from dlbench.app.outcome import Exit
from dlbench.app.report import DEFAULT_FORMATS
from dlbench.cli import options
from dlbench.cli.carried import carried_out
from dlbench.cli.text import command_line, say


@click.command("confirm")
@options.folder
@click.option("--keep", multiple=True, metavar="ARM", help="Confirm this arm, instead of those that are chosen. Repeatable.")
@click.option("--max-cost", type=options.Times(),
              help="Training time that what is kept may take, as a ratio to the baseline's, such as 1.2x.")
@click.option("--seeds", type=click.IntRange(1), help="Number of new seeds. [default: as many as chose]")
@click.option("--study", help="The study file that the results were made from. [default: the one that the command names that made them]")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Set a key of the study file. Repeatable.")
@options.data_dir
@options.weights
@click.option("--out", type=options.FOLDER, help="Results folder. [default: FOLDER-confirmed]")
@options.allow
@options.execution
@click.option("--no-timing", is_flag=True, help="Leave the timing phase out.")
@options.fail_on
def command(folder: Path, keep: tuple[str, ...], max_cost: float | None, fail_on: tuple[str, ...], no_timing: bool,
            **given: Any) -> Exit:
    """Choose what to keep of a finished study in FOLDER, and try it on seeds that chose nothing.

    The changes that help are made together and compared with the baseline; each part is left out once, and the best part stands alone.
    """
    asked = {name: given.pop(name) for name in ("seeds", "study", "overrides", "data_dir", "weights", "out", "allow")}
    found = confirmation(folder, say, keep, max_cost, **asked)
    say(describe_confirmation(found))
    return carried_out(found.plan, found.request, command_line(), {**given, "timing": not no_timing}, DEFAULT_FORMATS, fail_on)

