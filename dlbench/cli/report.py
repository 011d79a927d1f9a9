"""``dlbench report``."""

from __future__ import annotations

from pathlib import Path

import click

from dlbench.cli.common import FAIL_ON
from dlbench.cli.run import conclude
from dlbench.report import FORMATS, render, render_index
from dlbench.store.database import FILE
from dlbench.store.read import read


@click.command("report")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--format", "formats", multiple=True, type=click.Choice(list(FORMATS)), help="Repeatable. [default: html, md]")
@click.option("--fail-on", multiple=True, type=click.Choice(FAIL_ON), help="Exit with 1 where any arm is so. Repeatable.")
def command(folder: Path, formats: tuple[str, ...], fail_on: tuple[str, ...]) -> int:
    """Render the report of results FOLDER again, without TensorFlow; of a folder of several studies, their index page."""
    inner = [] if (folder / FILE).is_file() else sorted(path.parent for path in folder.glob(f"*/{FILE}"))
    if not inner:
        return conclude(folder, formats or ("html", "md"), fail_on, failed=False)
    found = {str(study.relative_to(folder)): read(study) for study in inner}
    for name, results in found.items():
        render(results, folder / name, formats or ("html", "md"))
    click.echo(f"index: {render_index(found, folder)}", err=True)
    return 0
