"""``dlbench check``."""

from __future__ import annotations

import click

from dlbench.app.extend import check
from dlbench.app.outcome import Exit, Outcome


@click.command("check")
@click.argument("plugin")
@click.option("--quick", is_flag=True, help="Look at declarations only; train nothing.")
def command(plugin: str, quick: bool) -> Exit:
    """Hold a PLUGIN, a file or an installed package, to the contract that dlbench's own techniques, datasets, models, metrics and
    kernels keep. Exits with 1 where something is not kept.
    """
    broken = []
    for finding in check(plugin, quick):
        click.echo(f"{finding.kind} {finding.name}: " + ("; ".join(finding.problems) or "ok"))
        broken += [finding.name] * bool(finding.problems)
    return Outcome(held={"broken": broken} if broken else {}).code
