"""``dlbench report``."""

from __future__ import annotations

from pathlib import Path

import click

from dlbench.cli.common import FAIL_ON
from dlbench.cli.run import conclude
from dlbench.report import FORMATS


@click.command("report")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--format", "formats", multiple=True, type=click.Choice(list(FORMATS)), help="Repeatable. [default: html, md]")
@click.option("--fail-on", multiple=True, type=click.Choice(FAIL_ON), help="Exit with 1 where any arm is so. Repeatable.")
def command(folder: Path, formats: tuple[str, ...], fail_on: tuple[str, ...]) -> int:
    """Render the report of results FOLDER again, without TensorFlow."""
    return conclude(folder, formats or ("html", "md"), fail_on, failed=False)
