"""Carrying a plan out: on this machine, on a Ray cluster, or a part of it here and the others elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dlbench.app.cache import features_bytes, shared_bytes
from dlbench.app.elsewhere import found_elsewhere, kept_runs, remember
from dlbench.app.folders import demand_ours
from dlbench.app.request import Request, cache_dir, checked_data_dir, results_folder
from dlbench.execution import environment
from dlbench.execution.driver import Driver
from dlbench.execution.estimates import ShowsEstimates, Watched
from dlbench.execution.options import Listener, Options, Reuse
from dlbench.store.read import progress
from dlbench.study import Plan, Study
from dlbench.study.parts import Shard, parse_shard
from dlbench.values.errors import InputError, unknown
from dlbench.values.metric import MEASURED
from dlbench.values.text import plural

ROUNDS = 10
"""Of the timing phase."""
WORKER_BYTES = 2**29
"""Memory that a worker needs at least: its engine, a network and a batch."""


@dataclass(frozen=True)
class Ran:
    """What came of a plan.

    Attributes:
        folder: of the results.
        done, reused, taken: runs that completed now, those that were there already, and those that other studies of this machine had made.
        failures: arm, seed and run -> the reason why it failed.
        shard: the part of the plan that was carried out; None for the whole.
        joined: of a shard, the folder that the merged results are meant for.
    """

    folder: Path
    done: int
    reused: int
    taken: int
    failures: dict[str, str]
    shard: Shard | None = None
    joined: Path | None = None


def run(plan: Plan, request: Request, command: str, listener: Listener, shard: str | None = None,  # noqa: PLR0913
        timing: bool = True, into: bool = False, **how: Any) -> Ran:
    """Run what is missing of a plan.

    Args:
        plan: of the request.
        request: says where data and results lie.
        command: what reproduces the results, for the report.
        listener: told of warnings and progress.
        shard: part ``I/N`` of the runs, without timing; all of them where unset.
        timing: measure the time of each arm alone on the machine, after the runs.
        into: write also into a folder that holds something else than results.
        **how: ``jobs, timeout_s, fresh, renew, wait, backend, address, reuse, screened`` of :class:`dlbench.execution.options.Options`.

    Raises:
        InputError: two settings do not go together, the study cannot be run there, or the data or a model cannot be used.
        Stopped: the disk is full, or no worker starts.
    """
    options = _options(plan, request, command, shard, timing, **how)
    demand_ours(options.out, into)
    options = replace(options, jobs=_within_memory(options.jobs, options.address, listener.note))
    for warning in plan.warnings:
        listener.note(f"warning: {warning}")
    for hint in [] if options.fresh or options.shard else _elsewhere(plan, options):
        listener.note(f"warning: {hint}")
    remember(options.out, options.cache_dir)
    shown = Watched(listener, plan, options.out) if isinstance(listener, ShowsEstimates) else listener
    summary = Driver(plan, options, shown).carry_out()
    return Ran(options.out, summary.done, summary.reused, summary.taken, _named(summary.failures, options.out), options.shard,
               Path("reports") / plan.study.name if options.shard else None)


def _elsewhere(plan: Plan, options: Options) -> list[str]:
    kept = set() if options.reuse == Reuse.NONE else kept_runs(plan, options.out, options.cache_dir, lambda _: None)
    return found_elsewhere(plan, options.out, options.cache_dir, kept)


def _options(plan: Plan, request: Request, command: str, shard: str | None, timing: bool,  # noqa: PLR0913
             jobs: int | None = None, **how: Any) -> Options:
    """The driver's options; of a run on this machine, ``jobs`` is as many as find room where unset.

    Raises:
        InputError: two settings do not go together, or the study cannot be run there.
    """
    part = parse_shard(shard) if shard else None
    out = results_folder(plan.study, request.out or (shard_folder(plan.study.name, part) if part else None))
    options = Options(out, command, jobs, checked_data_dir(request.data_dir), cache_dir(), shard=part, imagenet=request.weights,
                      rounds=ROUNDS if timing and not shard else 0, shared_bytes=shared_bytes(), features_bytes=features_bytes(),
                      **how)
    if options.reuse == Reuse.ANY and (options.fresh or options.renew):
        anew = "--fresh" if options.fresh else "--renew"
        raise InputError(f"--reuse any beside {anew}, which wants runs made anew; accepted: one of them")
    if options.reuse not in tuple(Reuse):
        raise InputError(unknown("choice of reuse", options.reuse, Reuse))
    file, gpus = os.path.basename(plan.study.origin), plan.study.resources.gpus
    if options.address and options.backend != "ray":
        raise InputError(f"--address {options.address}: accepted with --backend ray only")
    if options.backend == "local" and gpus and plan.study.baseline.command.run:
        if gpus > (there := environment.gpu_count()):
            raise InputError(f"{file}: resources.gpus = {gpus:g}: this machine has {there}; accepted: fewer, or --backend ray on a cluster")
    elif options.backend == "local" and gpus:
        raise InputError(f"{file}: resources.gpus = {gpus:g}: accepted with --backend ray, which gives each run GPUs of its "
                         "own; without: --set resources.gpus=0")
    if plan.study.baseline.command.alone and ((jobs or 1) > 1 or options.backend == "ray"):
        raise InputError(f"{file}: timing = true: a run has the machine to itself; accepted: --jobs 1 here, or --set timing=false")
    if shard and plan.study.adaptive:
        raise InputError(f"{file}: adaptive beside --shard: a look needs the runs of all shards; accepted: a study with seeds")
    return replace(options, jobs=max(fitting_workers(plan), 1)) if options.backend == "local" and not jobs else options


def alone(study: Study) -> bool:
    """Whether one run of a study has the machine at a time, because times are compared."""
    return study.metric in MEASURED or study.baseline.command.alone


def _within_memory(jobs: int | None, address: str | None, note: Callable[[str], None]) -> int | None:
    """Limit the workers of this machine to those that find room in its memory, and say so."""
    most = max(environment.available_bytes() // WORKER_BYTES, 1)
    if address or not jobs or jobs <= most:
        return jobs
    note(f"warning: --jobs {jobs}: memory has room for {plural(most, 'worker')} of {WORKER_BYTES / 2**30:g} GiB; that many are started")
    return most


def _named(failures: dict[str, str], folder: Path) -> dict[str, str]:
    """Failures by arm and seed instead of by run id alone."""
    known = {row["run_id"]: f"{row['arm']}, seed {row['seed']}" for row in progress(folder)["failures"]} if failures else {}
    return {f"{known.get(run_id, 'a run beside the arms')} ({run_id})": reason for run_id, reason in failures.items()}


def fitting_workers(plan: Plan) -> int:
    """How many workers this machine has room for: by its cores, and by its GPUs where a run is shared out over several."""
    cores, gpus, devices = os.cpu_count() or 1, len(environment.gpus()), plan.study.baseline.training.devices
    if plan.study.baseline.command.run:
        there = environment.gpu_count() if plan.study.resources.gpus else 0
        return 1 if alone(plan.study) else plan.study.resources.fit(cores, there)
    fit = plan.study.resources.fit(cores, 0)
    return min(fit, gpus // devices) if gpus and devices > 1 else fit


def shard_folder(name: str, part: Shard) -> Path:
    """The folder of a shard's results, one each: several may be running at once.

    Example:
        >>> shard_folder("quickstart", Shard(1, 4)).as_posix()
        'reports/quickstart.shards/1-of-4'
    """
    return Path("reports") / f"{name}.shards" / str(part)
