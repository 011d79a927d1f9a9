"""``dlbench doctor``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from dlbench.app.doctor import Doubt, examine, examine_results, examine_study
from dlbench.app.outcome import Exit
from dlbench.cli import options
from dlbench.cli.text import definitions, echo, say


@click.command("doctor")
@click.argument("subject", metavar="[STUDY|DIR]", required=False)
@options.data_dir
def command(subject: str | None, data_dir: str | None) -> Exit:
    """Check versions, workers, oneDNN, load, memory, frequency scaling, disk and data; or, of a STUDY, whether its data, metric and margin
    can give an answer; or, of results in DIR, whether they can be trusted.

    Exit code 4 where anything is unfit or doubtful.
    """
    if subject is None:
        findings = examine(data_dir)
        echo(definitions([(found.subject, ("ok    " if found.fit else "UNFIT ") + found.text) for found in findings]))
        return Exit.DONE if all(found.fit for found in findings) else Exit.NOTHING
    if Path(subject).is_dir():
        return _told(examine_results(Path(subject)), "nothing in these runs speaks against their verdicts")
    return _told(examine_study(subject, data_dir, say), "nothing in its data, metric and margin speaks against this study")


def _told(doubts: Sequence[Doubt], sound: str) -> Exit:
    for found in doubts:
        echo(found.subject, bold=True)
        echo(definitions([("evidence", found.evidence), ("remedy", found.remedy)], indent=2))
    if not doubts:
        echo(sound)
    return Exit.NOTHING if doubts else Exit.DONE
