"""``dlbench status``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dlbench.cli.common import echo_json
from dlbench.store.read import progress


def _look(number: int, look: dict[str, Any]) -> str:
    """One look in a line."""
    line = f"look {number}, {look['seeds']} seeds, {look['taken']}"
    if look["declared"]:
        return f"{line}: " + "; ".join(f"{arm}: {verdict}" for arm, verdict in look["verdicts"].items())
    return line + (f": judged on {look['seeds'] - look['pilot']} new seeds, {look['pilot']} earlier ones were the pilot"
                   if look["pilot"] else ": judged on all of them")


@click.command("status")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def command(folder: Path, as_json: bool) -> None:
    """Show the runs of results FOLDER by status, and the reasons of failures."""
    facts = progress(folder)
    if as_json:
        echo_json(facts)
        return
    place = f" on {len(facts['datasets'])} datasets: {', '.join(facts['datasets'])}" if len(facts["datasets"]) > 1 else ""
    click.echo(f"{facts['study']}: {facts['planned']} runs planned{place}")
    for status, count in facts["statuses"].items():
        click.echo(f"  {status:10} {count}")
    for number, look in enumerate(facts["looks"], 1):
        click.echo(_look(number, look))
    for failure in facts["failures"]:
        click.echo(f"{failure['arm']}, seed {failure['seed']} ({failure['run_id']}): {failure['status']}: {failure['reason']}")
