"""``dlbench doctor``."""

from __future__ import annotations

import click

from dlbench.app.doctor import examine
from dlbench.app.outcome import Exit
from dlbench.cli import options
from dlbench.cli.text import definitions, echo


@click.command("doctor")
@options.data_dir
def command(data_dir: str | None) -> Exit:
    """Check versions, workers, oneDNN, load, memory, frequency scaling, disk and data. Exit code 4 where anything is unfit."""
    findings = examine(data_dir)
    echo(definitions([(found.subject, ("ok    " if found.fit else "UNFIT ") + found.text) for found in findings]))
    return Exit.DONE if all(found.fit for found in findings) else Exit.NOTHING
