"""Whether this machine and installation, a study, or results are fit to be trusted."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from dlbench.analysis.beforehand import suspect
from dlbench.analysis.diagnosis import Finding as Doubt
from dlbench.analysis.diagnosis import diagnose
from dlbench.app.request import Request, cache_dir, checked_data_dir, planned, stated_data_dir
from dlbench.app.result import load
from dlbench.engines.protocol import Capability, Diagnosis, Settings, engine_named
from dlbench.execution import environment
from dlbench.execution.backends.local import Pool
from dlbench.execution.gain import bfloat16_gain
from dlbench.values.errors import InputError
from dlbench.values.gain import gain_words
from dlbench.values.metric import metric
from dlbench.values.processor import bfloat16_instructions


@dataclass(frozen=True)
class Finding:
    """One thing that was checked.

    Attributes:
        subject: what was checked.
        text: what was found.
        fit: whether this is fit to measure.
    """

    subject: str
    text: str
    fit: bool


def examine(data_dir: str | None) -> tuple[Finding, ...]:
    """Check versions, processor, load, memory, frequency scaling, cache, data and a worker.

    Args:
        data_dir: where datasets lie; the environment variable ``DLBENCH_DATA_DIR`` where unset.
    """
    every = (*_versions(), *_machine(), *_folders(stated_data_dir(data_dir)), *_workers(), *_precision())
    return tuple(Finding(*checked) for checked in every)


def examine_results(folder: Path) -> list[Doubt]:
    """What in finished runs speaks against trusting their verdicts.

    Raises:
        InputError: there are no results, or none has finished.
    """
    analysis = load(folder).analysis
    if not len(analysis.results.runs):
        raise InputError(f"{folder}: no run has finished yet; accepted: results of one run or more")
    return diagnose(analysis)


def examine_study(study: str, data_dir: str | None, note: Callable[[str], None]) -> list[Doubt]:
    """What in the data, the metric and the margin of a study speaks against trusting its verdicts, before anything is trained.

    Args:
        study: a path, or the name of a shipped one.
        data_dir: where datasets lie.
        note: receives a line before an inspection.

    Raises:
        InputError: the study or its data cannot be used, or its engine does not know its data.
    """
    plan = planned(Request(study, data_dir=data_dir), note)
    asked, engine = plan.study, engine_named(plan.study.engine)
    if Capability.EXAMINE not in engine.capabilities:
        raise InputError(f"{asked.file}: only the script knows its data; accepted: studies of the Keras engine, or results (DIR)")
    settings = Settings(cache_dir(), checked_data_dir(data_dir), str(Path(asked.origin).resolve().parent), plugins=asked.plugins)
    doubts: list[Doubt] = []
    with Pool(1, settings, engine) as pool:
        for part in plan.parts:
            outcome = pool.call(Capability.EXAMINE, {"recipe": part.arms[0].recipe})
            found = suspect(outcome.demanded(asked.file, "its data cannot be looked at"), metric(asked.metric), asked.margin)
            doubts += [one._replace(subject=f"{part.dataset}: {one.subject}") if len(plan.parts) > 1 else one for one in found]
    return doubts


def _versions() -> Iterator[tuple[str, str, bool]]:
    facts = environment.facts()
    for name in ("python", *environment.packages(engine_named())):
        yield name, facts[name], facts[name] != "not installed"


def _machine() -> Iterator[tuple[str, str, bool]]:
    facts, load = environment.facts(), os.getloadavg()[0]
    yield "processor", f"{facts['cpu']}, {facts['cores']} cores", True
    yield "load", f"{load:.1f} on {facts['cores']} cores" + ("; other work will blur timings" if load > 0.5 else ""), load <= facts["cores"]
    free = psutil.virtual_memory().available / 2**30
    yield "memory", f"{free:.1f} GiB available; a worker takes about 0.7 GiB", free > 0.7 * facts["cores"]
    governor = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    kind = governor.read_text(encoding="utf-8").strip() if governor.is_file() else "not visible"
    yield "frequency scaling", kind, kind in ("performance", "not visible")


def _folders(data_dir: str | None) -> Iterator[tuple[str, str, bool]]:
    cache = Path(cache_dir())
    existing = next(folder for folder in (cache, *cache.parents) if folder.exists())
    free = shutil.disk_usage(existing).free / 2**30
    yield "cache", f"{cache}, {free:.0f} GiB free", os.access(existing, os.W_OK) and free > 1
    if data_dir is not None:
        readable = Path(data_dir).is_dir()
        yield "data", data_dir if readable else f"{data_dir}: no such folder", readable


def _workers() -> Iterator[tuple[str, str, bool]]:
    """Start one worker for real; it refuses to start where its engine was not preloaded."""
    began = time.perf_counter()
    try:
        with Pool(1, Settings(cache_dir()), engine_named()) as pool:
            worker: Diagnosis = pool.call(Capability.DIAGNOSE, {}).value
        yield "worker", f"ready after {time.perf_counter() - began:.1f} s with {worker.threads} thread", worker.threads == 1
        yield from ((name, "on" if on else "off", on) for name, on in worker.switches.items())
    except (RuntimeError, AttributeError) as error:
        yield "worker", str(error), False


def _precision() -> Iterator[tuple[str, str, bool]]:
    """Say what the processor gains from bfloat16, which no study needs."""
    with suppress(RuntimeError, AttributeError):  # no worker starts, which is said already
        yield "bfloat16", gain_words(bfloat16_gain(cache_dir(), lambda _: None), bfloat16_instructions()), True
