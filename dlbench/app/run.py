"""Carrying a plan out: on this machine, on a Ray cluster, or a part of it here and the others elsewhere."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlbench.app.request import Request, cache_dir, checked_data_dir, results_folder
from dlbench.execution import environment
from dlbench.execution.driver import Driver, Options
from dlbench.execution.options import Listener
from dlbench.store.read import progress
from dlbench.study import Plan
from dlbench.study.parts import Shard, parse_shard
from dlbench.values.errors import InputError

ROUNDS = 10
"""Of the timing phase."""


@dataclass(frozen=True)
class Execution:
    """How and where a plan is carried out.

    Attributes:
        jobs: worker processes; as many as find room where unset.
        backend: ``local`` or ``ray``.
        address: of a running Ray cluster; a cluster of this machine alone where unset.
        shard: part ``I/N`` of the runs, without timing; all of them where unset.
        timeout_s: seconds that one run may take.
        fresh: set earlier results aside and run everything.
        renew: run again what was made with other versions or other data.
        wait: wait for another process that writes to the results folder.
        timing: measure the time of each arm alone on the machine, after the runs.
    """

    jobs: int | None = None
    backend: str = "local"
    address: str | None = None
    shard: str | None = None
    timeout_s: float | None = None
    fresh: bool = False
    renew: bool = False
    wait: bool = False
    timing: bool = True


@dataclass(frozen=True)
class Ran:
    """What came of a plan.

    Attributes:
        folder: of the results.
        done, reused: runs that completed now, and those that were there already.
        failures: arm, seed and run -> the reason why it failed.
        shard: the part of the plan that was carried out; None for the whole.
        joined: of a shard, the folder that the merged results are meant for.
    """

    folder: Path
    done: int
    reused: int
    failures: dict[str, str]
    shard: Shard | None = None
    joined: Path | None = None


def run(plan: Plan, request: Request, how: Execution, command: str, listener: Listener) -> Ran:
    """Run what is missing of a plan.

    Args:
        plan: of the request.
        request: says where data and results lie.
        how: how and where it is carried out.
        command: what reproduces the results, for the report.
        listener: told of warnings and progress.

    Raises:
        InputError: two settings do not go together, the study cannot be run there, or the data or a model cannot be used.
        Stopped: the disk is full, or no worker starts.
    """
    where = placed(plan, how)
    shard, out = where["shard"], request.out
    if shard:
        out = out or shard_folder(plan.study.name, shard)
    folder = results_folder(plan.study, out)
    options = Options(
        out=folder, command=command, data_dir=checked_data_dir(request.data_dir), cache_dir=cache_dir(), timeout_s=how.timeout_s,
        fresh=how.fresh, wait=how.wait, renew=how.renew, rounds=ROUNDS if how.timing and not shard else 0, imagenet=request.weights,
        **where)
    for warning in plan.warnings:
        listener.note(f"warning: {warning}")
    summary = Driver(plan, options, listener).carry_out()
    return Ran(folder, summary.done, summary.reused, _named(summary.failures, folder), shard,
               Path("reports") / plan.study.name if shard else None)


def _named(failures: dict[str, str], folder: Path) -> dict[str, str]:
    """Failures by arm and seed instead of by run id alone."""
    known = {row["run_id"]: f"{row['arm']}, seed {row['seed']}" for row in progress(folder)["failures"]} if failures else {}
    return {f"{known.get(run_id, 'pretraining')} ({run_id})": reason for run_id, reason in failures.items()}


def placed(plan: Plan, how: Execution) -> dict[str, Any]:
    """The options of the driver that say where runs are carried out.

    Raises:
        InputError: two settings do not go together, or the study cannot be run there.
    """
    where, gpus = os.path.basename(plan.study.origin), plan.study.resources.gpus
    if how.address and how.backend != "ray":
        raise InputError(f"--address {how.address}: accepted with --backend ray only")
    if how.backend == "local" and gpus:
        raise InputError(f"{where}: resources.gpus = {gpus:g}: accepted with --backend ray, which gives each run GPUs of its "
                         "own; without: --set resources.gpus=0")
    if how.shard and plan.study.looks:
        raise InputError(f"{where}: adaptive beside --shard: a look needs the runs of all shards; accepted: a study with seeds")
    jobs = how.jobs or max(_room(plan), 1) if how.backend == "local" else how.jobs
    return {"jobs": jobs, "backend": how.backend, "address": how.address, "shard": parse_shard(how.shard) if how.shard else None}


def _room(plan: Plan) -> int:
    """How many workers this machine has room for: by its cores, and by its GPUs where a run is shared out over several."""
    cores, gpus, devices = os.cpu_count() or 1, len(environment.gpus()), plan.study.baseline.training.devices
    fit = plan.study.resources.fit(cores, 0)
    return min(fit, gpus // devices) if gpus and devices > 1 else fit


def shard_folder(name: str, part: Shard) -> Path:
    """The folder of a shard's results, one each: several may be running at once.

    Example:
        >>> shard_folder("quickstart", Shard(1, 4)).as_posix()
        'reports/quickstart.shards/1-of-4'
    """
    return Path("reports") / f"{name}.shards" / str(part)
