"""What is fed with broken input: a function of bytes and an empty folder a target. InputError is the one exception allowed."""

import importlib
import json
import shutil
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np

from dlbench.execution.driver import Options, study_facts
from dlbench.execution.stages import arm_row
from dlbench.report import verdicts
from dlbench.store.database import FILE, Store
from dlbench.store.lock import FILE as LOCK
from dlbench.store.read import finished, progress, read
from dlbench.store.repair import repair
from dlbench.study import load, plan, shipped
from dlbench.values.errors import InputError
from dlbench.values.recipe import to_dict
from dlbench.values.record import Record
from tests.execution.fakes import accuracy, controls

GOOD = """question = "Which?"
dataset = "digits"
margin = 0.01
seeds = 3
budget = { epochs = 2 }
nuisance = { learning_rate = [1e-3, 1e-2] }
[baseline]
batch_size = 16
[[arms]]
technique = "dropout"
rate = [0.2, 0.5]
[[arms]]
name = "both"
techniques = [{ technique = "rotate", degrees = 10.0 }, { technique = "shift", pixels = 1.0 }]
"""


@dataclass(frozen=True)
class Target:
    """Where input goes.

    Attributes:
        feed: ``(data, folder)``; raises nothing but InputError.
        seeds: good inputs, that broken ones are made of.
        words: what such inputs are full of.
        share: of all inputs of a long fuzz.
    """

    feed: Callable[[bytes, Path], None]
    seeds: Callable[[], list[bytes]]
    words: tuple[bytes, ...]
    share: float


def study(data: bytes, folder: Path) -> None:
    """A study file, parsed and planned; large ones are refused, for planning a million runs takes its time."""
    path = folder / "study.toml"
    path.write_bytes(data)
    with ExitStack() as limits, suppress(InputError):
        for module, most in (("schema", "MOST_ARMS"), ("designs", "MOST_ARMS"), ("plan", "MOST_RUNS")):
            limits.enter_context(patch.object(importlib.import_module(f"dlbench.study.{module}"), most, 300))
        plan(load(str(path)))


def studies() -> list[bytes]:
    return [GOOD.encode(), *(path.read_bytes() for path in shipped().values())]


def results(data: bytes, folder: Path) -> None:
    """A results folder whose file is this: read, judged, checked, written to and repaired."""
    for use in (lambda: verdicts(read(folder)), lambda: progress(folder), lambda: finished(folder), lambda: _arrays(folder),
                lambda: _written(folder), lambda: repair(folder), lambda: verdicts(read(folder))):
        if not (folder / FILE).exists():
            (folder / FILE).write_bytes(data)
        with suppress(InputError):
            use()


def _arrays(folder: Path) -> None:
    with Store(folder) as store:
        for run_id in store.statuses():
            store.test_bits(run_id), store.labels(run_id)


def _written(folder: Path) -> None:
    with Store(folder, write=True) as store:
        store.add(Record("new", {}, 0, "killed", "signal 9"), {})


@cache
def _made() -> bytes:
    """The file of a small study's results."""
    place = Path("made")
    place.mkdir()
    (place / "study.toml").write_text(GOOD)
    whole = plan(load(str(place / "study.toml")))
    facts, score = study_facts(whole, Options(place, "dlbench run study.toml", 1, None, "")), accuracy({0.2: 0.01})
    with Store(place, write=True) as store:
        store.open_study("made-up", facts, [arm_row(arm) for arm in whole.arms], [(*cell, run) for cell, run in whole.cells.items()])
        store.add_environment("here", {"tensorflow": "2.21.0"})
        for run in {run.run_id: run for run in whole.runs}.values():
            fields = to_dict(run.recipe)
            store.add(Record(run.run_id, fields, run.seed, "done", "", {"test_accuracy": score(fields, run.seed)}, {}, {"wall_s": 1.0},
                             controls(fields, run.seed), "here", "2026-01-01T00:00:00+00:00"),
                      {"test_bits": np.arange(40, dtype=np.uint8), "test_predictions": np.arange(320, dtype=np.uint16),
                       "test_labels": np.arange(320, dtype=np.uint16)})
    data = (place / FILE).read_bytes()
    shutil.rmtree(place)
    return data


def lock(data: bytes, folder: Path) -> None:
    """What a process that is gone may have left in the lock of a folder."""
    (folder / LOCK).write_bytes(data)
    with suppress(InputError), Store(folder, write=True):
        pass


TARGETS = {
    "study": Target(study, studies, tuple(
        b"seeds arms technique name margin budget epochs baseline nuisance datasets design adaptive looks reference = [ ] { } [[arms]]"
        b" 1e400 -1 0 nan inf true \"\" ''' 1979-05-27 factorial fractional leave_one_out \xff \\u0000".split()), 0.5),
    "results": Target(results, lambda: [_made()], (b"\x00", b"\xff" * 8, b'{"', b"NaN", b"null"), 0.1),
    "lock": Target(lock, lambda: [json.dumps({"pid": 1, "host": "a", "since": "b"}).encode()], (b"{", b"null", b"[]", b"\xff"), 0.1),
}
