"""``dlbench bench``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dlbench.app.bench import CORES, ROUNDS, SHIPPED, bench
from dlbench.app.outcome import Exit
from dlbench.cli import options
from dlbench.cli.text import echo, interrupted, say


@click.command("bench")
@click.option("-k", "expression", metavar="EXPR", help="Only the cases whose name matches, as in pytest: 'augment and not 224'.")
@click.option("--json", "file", type=options.FILE, help="Also write pytest-benchmark's JSON here.")
@click.option("--threads", type=click.IntRange(1), default=CORES, show_default="all cores", help="Each library may use so many.")
@click.option("--rounds", type=click.IntRange(2), default=ROUNDS, show_default=True, help="How often each case is timed.")
@click.option("--cases", multiple=True, metavar="MODULE", default=[SHIPPED], show_default="all that ship",
              help="A module with a tuple CASES, also one below the working folder. Repeatable.")
def command(expression: str | None, file: Path | None, **given: Any) -> Exit:
    """Check every kernel case against plain numpy, then time all of them side by side.

    Exit code 3 where a kernel's output is wrong or it fails; cases of another library are only reported. `dlbench list kernels`
    has the names.
    """
    try:
        benched = bench(expression, file, **given)
    except KeyboardInterrupt:
        return interrupted()
    if benched.matched:
        echo(benched.text)
    else:
        say(f"dlbench: no case matches -k {expression!r}; see dlbench list kernels")
    for row in benched.wrong if benched.matched else ():
        say(f"dlbench: {row.name} {row.verdict}: {row.reason}")
    return benched.outcome.code
