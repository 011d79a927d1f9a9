"""``dlbench bench``."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from dlbench.bench.plugin import ROUNDS
from dlbench.bench.rows import rows
from dlbench.bench.run import measure
from dlbench.bench.tables import LEGEND, tables
from dlbench.cases import load
from dlbench.values.errors import InputError

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@click.command("bench")
@click.option("-k", "expression", metavar="EXPR", help="Only the cases whose name matches, as in pytest: 'augment and not 224'.")
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Also write pytest-benchmark's JSON here.")
@click.option("--peers", is_flag=True, help="Also time what other libraries offer for the same tasks.")
@click.option("--threads", type=click.IntRange(1), default=CORES, show_default="all cores", help="Each library may use so many.")
@click.option("--rounds", type=click.IntRange(2), default=ROUNDS, show_default=True, help="How often each case is timed.")
@click.option("--cases", multiple=True, metavar="MODULE", help="Cases of your own: a module with a tuple CASES. Repeatable.")
def command(file: Path | None, **given) -> int:
    """Check every kernel case against plain numpy, then time all of them side by side.

    Exit code 3 where a kernel's output is wrong or it fails; other libraries' are only reported. `dlbench list kernels` has the
    names.
    """
    if file is not None and not file.absolute().parent.is_dir():
        raise InputError(f"--json {file}: no such folder: {file.absolute().parent}")
    for reference in given["cases"]:
        load(reference)
    data = measure(**given)
    if file is not None:
        file.write_text(json.dumps(data, indent=1), encoding="utf-8")
    found = rows(data)
    if all(row.family == "machine" for row in found):
        click.echo(f"dlbench: no case matches -k {given['expression']!r}; see dlbench list kernels", err=True)
        return 4
    click.echo(tables(found) + f"\n\n{LEGEND}")
    return _judge(found)


def _judge(found: list) -> int:
    wrong = [row for row in found if row.verdict in ("INCORRECT", "FAILED") and not row.peer]
    for row in wrong:
        click.echo(f"dlbench: {row.name} {row.verdict}: {row.reason}", err=True)
    if wrong:
        return 3
    return 0 if any(row.seconds for row in found) else 4
