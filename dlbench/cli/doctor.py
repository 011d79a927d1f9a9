"""``dlbench doctor``."""

from __future__ import annotations

from pathlib import Path

import click

from dlbench.app.doctor import examine, examine_results
from dlbench.app.outcome import Exit
from dlbench.cli import options
from dlbench.cli.text import definitions, echo


@click.command("doctor")
@click.argument("folder", type=options.FOLDER, required=False)
@options.data_dir
def command(folder: Path | None, data_dir: str | None) -> Exit:
    """Check versions, workers, oneDNN, load, memory, frequency scaling, disk and data; or, of results FOLDER, whether they can be trusted.

    Exit code 4 where anything is unfit or doubtful.
    """
    if folder is not None:
        doubts = examine_results(folder)
        for found in doubts:
            echo(found.subject, bold=True)
            echo(definitions([("evidence", found.evidence), ("remedy", found.remedy)], indent=2))
        echo("" if doubts else "nothing in these runs speaks against their verdicts")
        return Exit.NOTHING if doubts else Exit.DONE
    findings = examine(data_dir)
    echo(definitions([(found.subject, ("ok    " if found.fit else "UNFIT ") + found.text) for found in findings]))
    return Exit.DONE if all(found.fit for found in findings) else Exit.NOTHING
