"""Where runs are carried out: on this machine, on a Ray cluster, or a part of them here and the others elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from dlbench.execution import environment
from dlbench.study import Plan
from dlbench.study.shards import Shard, parse_shard
from dlbench.values.errors import InputError


def place_options(command: Callable) -> Callable:
    """The options that say where runs are carried out."""
    for decorate in reversed((
        click.option("--jobs", type=click.IntRange(1), help="Worker processes. [default: as many as find room]"),
        click.option("--backend", type=click.Choice(("local", "ray")), default="local", show_default=True, help="Who runs the workers."),
        click.option("--address", help="Of a running Ray cluster, or auto. [default: a cluster of this machine alone]"),
        click.option("--shard", metavar="I/N", help="Only part I of N, without timing and report; `dlbench merge` joins the parts."),
    )):
        command = decorate(command)
    return command


def placed(whole: Plan, jobs: int | None, backend: str, address: str | None, shard: str | None) -> dict[str, Any]:
    """The options of the driver that say where runs are carried out.

    Raises:
        InputError: two options do not go together, or the study cannot be run there.
    """
    where, resources = os.path.basename(whole.study.origin), whole.study.resources
    if address and backend != "ray":
        raise InputError(f"--address {address}: accepted with --backend ray only")
    if backend == "local" and resources.gpus:
        raise InputError(f"{where}: resources.gpus = {resources.gpus:g}: accepted with --backend ray, which gives each run GPUs of its "
                         "own; without: --set resources.gpus=0")
    if shard and whole.study.looks:
        raise InputError(f"{where}: adaptive beside --shard: a look needs the runs of all shards; accepted: a study with seeds")
    if backend == "local":
        jobs = jobs or max(_room(whole), 1)
    return {"jobs": jobs, "backend": backend, "address": address, "shard": parse_shard(shard) if shard else None}


def _room(whole: Plan) -> int:
    """How many workers this machine has room for: by its cores, and by its GPUs where a run is shared out over several."""
    cores, gpus, devices = os.cpu_count() or 1, len(environment.gpus()), whole.study.baseline.training.devices
    fit = whole.study.resources.fit(cores, 0)
    return min(fit, gpus // devices) if gpus and devices > 1 else fit


def shard_folder(name: str, part: Shard) -> Path:
    """Where a shard's results lie, one folder each: several may be running at once.

    Example:
        >>> shard_folder("quickstart", Shard(1, 4)).as_posix()
        'reports/quickstart.shards/1-of-4'
    """
    return Path("reports") / f"{name}.shards" / str(part)


def say_shard(name: str, part: Shard, folder: Path) -> None:
    """What to do with a shard's results."""
    click.echo(f"shard {part.number} of {part.of} is in {folder}; with all of them: "
               f"dlbench merge {folder.parent}/*-of-{part.of} --out reports/{name}", err=True)
