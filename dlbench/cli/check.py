"""``dlbench check``."""

from __future__ import annotations

import click

from dlbench.contract import check


@click.command("check")
@click.argument("plugin")
@click.option("--quick", is_flag=True, help="Look at declarations only; train nothing.")
def command(plugin: str, quick: bool) -> int:
    """Hold a PLUGIN, a file or an installed package, to the contract that dlbench's own techniques, datasets, models, metrics and
    kernels keep. Exits with 1 where something is not kept.
    """
    broken = 0
    for found in check(plugin, quick):
        click.echo(f"{found.kind} {found.name}: " + ("ok" if not found.problems else "; ".join(found.problems)))
        broken += bool(found.problems)
    return 1 if broken else 0
