"""The peers: how each one is called, and what it left behind."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers import process
from benchmarks.peers.cases import FOLDER, OWN_MODEL, Case, overrides
from benchmarks.peers.records import left_by

SCRIPTS = FOLDER / "scripts"
ROOT = FOLDER.parents[1]
DRIVER_MARKS = {"ready": r"preparing\b", "training": r"training\b", "trained": r"\d+ runs? done"}
"""What `dlbench run` says: the fork server has imported and the workers exist; data and networks are made; all is stored."""

LOOK = {"looking": r"looking at "}
"""What it says before all that, where data or model are not shipped and it looks at them in a process of its own."""

SCRIPT_MARKS = {"ready": r"imported$"}
DECODED = ("arrays", "fingerprints")
"""What dlbench's cache holds when a round begins: decoded data, and the hashes of its files."""

TORCH_HELP = ("make an environment for it (python -m venv TORCH; TORCH/bin/pip install torch==2.13.0 numpy; the CPU build) "
              "and give --torch-python TORCH/bin/python")


class Failed(Exception):
    """A peer that did not do what it was asked; the message says why."""


@dataclass(frozen=True)
class Place:
    """Where a case is measured.

    Attributes:
        case: the case.
        described: what is trained, from :func:`benchmarks.peers.cases.describe`.
        work: a folder for the study, the case file, the arrays and results.
        data_dir: of dlbench's data.
        torch_python: the interpreter that has torch.
    """

    case: Case
    described: dict[str, Any]
    work: Path
    data_dir: str | None = None
    torch_python: str | None = None

    def cache(self) -> Path:
        """dlbench's cache of decoded data."""
        return self.work / "cache"

    def arrays(self) -> Path:
        """The file with the arrays."""
        return self.work / f"{self.case.name}.npz"

    def study(self) -> Path:
        """The study as it is run, beside which the weights of a frozen base lie."""
        return self.work / self.case.study.name


@dataclass(frozen=True)
class Peer:
    """A contestant.

    Attributes:
        name: on the command line.
        title: in the report.
        measure: runs it once.
        cases: in which it takes part; empty for all.
        missing: says why it cannot run, if so.
    """

    name: str
    title: str
    measure: Callable[[Place], dict[str, Any]]
    cases: tuple[str, ...] = ()
    missing: Callable[[Place], str | None] = lambda place: None


def environment(place: Place) -> dict[str, str]:
    """The variables of every process: oneDNN on, the CPU, and as many threads as each peer chooses for itself."""
    kept = {name: value for name, value in os.environ.items() if name not in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    return kept | {
        "TF_ENABLE_ONEDNN_OPTS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "",
        "DLBENCH_CACHE_DIR": str(place.cache()), "PYTHONPATH": str(ROOT),
    }


def prepare(place: Place) -> None:
    """Write the case and its arrays.

    Raises:
        Failed: the data cannot be had.
    """
    place.work.mkdir(parents=True, exist_ok=True)
    for file in (place.case.study, OWN_MODEL):
        shutil.copy(file, place.work)
    (place.work / "case.json").write_text(json.dumps(place.described), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.peers.export", str(place.work), "--cache-dir", str(place.cache()), *_data_dir(place)]
    made = subprocess.run(command, env=environment(place), stderr=subprocess.PIPE, text=True, check=False)
    if made.returncode:
        raise Failed(f"the data of case '{place.case.name}' cannot be exported: {scrubbed(place, _last(made.stderr))}")


def _data_dir(place: Place) -> list[str]:
    return ["--data-dir", place.data_dir] if place.data_dir else []


def scrubbed(place: Place, text: str) -> str:
    """A text without the paths of this machine."""
    torch = str(Path(place.torch_python).parents[1]) if place.torch_python else None
    for path, word in ((place.work, "WORK"), (ROOT, "."), (place.data_dir, "DATA"), (torch, "TORCH"), (sys.prefix, "PYTHON")):
        text = text.replace(str(path), word) if path else text
    return text


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"


def _dlbench(*changes: str) -> Callable[[Place], dict[str, Any]]:
    def measure(place: Place) -> dict[str, Any]:
        out = place.work / "dlbench"
        shutil.rmtree(out, ignore_errors=True)
        keep_decoded(place.cache())
        finished = _finished(place, dlbench_command(place, out, changes), DRIVER_MARKS, LOOK)
        left = left_by(out, [arm["name"] for arm in place.described["arms"]], place.arrays())
        return {**_times(finished), "left_s": finished.left_s, "marks": finished.marks, "cold": True, **of_equal_size(place, left)}

    return measure


def keep_decoded(cache: Path) -> None:
    """Empty dlbench's cache but for decoded data, so that it computes features, looks at data and rehearses in every round anew."""
    for entry in cache.iterdir() if cache.is_dir() else ():
        if entry.name not in DECODED:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def dlbench_command(place: Place, out: Path, changes: Sequence[str] = ()) -> list[str]:
    """``dlbench run`` as a user calls it; report and timing phase left out, tracing included."""
    wanted = place.described
    arms = [part for arm in wanted["arms"] for part in ("--arm", arm["name"])]
    size = ["--seeds", str(len(wanted["seeds"])), *(part for change in (*overrides(wanted), *changes) for part in ("--set", change))]
    return [sys.executable, "-m", "dlbench", "run", str(place.study()), "--no-timing", "--no-report", "--fresh", "--out",
            str(out), *size, *arms, *_data_dir(place)]


def _script(name: str, *options: str) -> Callable[[Place], dict[str, Any]]:
    def measure(place: Place) -> dict[str, Any]:
        python = place.torch_python if name == "pytorch" else sys.executable
        command = [python, str(SCRIPTS / f"{name}.py"), "--case", str(place.work / "case.json"), "--data", str(place.arrays())]
        finished = _finished(place, [*command, *options], SCRIPT_MARKS)
        return {**_times(finished), **of_equal_size(place, json.loads(_last(finished.output)))}

    return measure


def of_equal_size(place: Place, left: dict[str, Any]) -> dict[str, Any]:
    """What a peer left, with the trainable parameters of each arm alone.

    Raises:
        Failed: its networks have other numbers of parameters than dlbench's.
    """
    wanted = json.loads((place.work / "parameters.json").read_text(encoding="utf-8"))
    for arm, numbers in left["parameters"].items():
        for kind, number in numbers.items():
            if number != wanted[arm][kind]:
                raise Failed(f"its network of '{arm}' has {number:,} parameters ({kind}), and dlbench's {wanted[arm][kind]:,}")
    return left | {"parameters": {arm: wanted[arm]["trainable"] for arm in left["parameters"]}}


def _sgemm(place: Place) -> dict[str, Any]:
    finished = _finished(place, [sys.executable, str(SCRIPTS / "sgemm.py")], {})
    return {"wall_s": finished.wall_s, **json.loads(_last(finished.output))}


def _finished(place: Place, command: list[str], marks: dict[str, str], others: dict[str, str] | None = None) -> process.Finished:
    """Run a command to its end; it must say all of the ``marks``, and may say the ``others``."""
    finished = process.run(command, environment(place), marks | (others or {}))
    if finished.code:
        raise Failed(f"exit code {finished.code}: {_last(finished.tail)}")
    if missed := [name for name in marks if name not in finished.marks]:
        raise Failed(f"it never said that it was {missed[0]}, so its imports cannot be told from its work")
    return finished


def _times(finished: process.Finished) -> dict[str, float]:
    return {"wall_s": finished.wall_s, "ready_s": finished.marks["ready"], "work_s": finished.wall_s - finished.marks["ready"]}


def _no_torch(place: Place) -> str | None:
    return None if place.torch_python else f"no --torch-python was given: {TORCH_HELP}"


def _no_tuner(place: Place) -> str | None:
    """KerasTuner imports tensorboard in its search without requiring it."""
    there = all(map(importlib.util.find_spec, ("keras_tuner", "tensorboard")))
    return None if there else "it is not installed: pip install keras-tuner tensorboard"


PEERS = (
    Peer("dlbench", "dlbench", _dlbench()),
    Peer("dlbench_bfloat16", "dlbench in bfloat16", _dlbench("precision=bfloat16"), cases=("mnist_sweep",)),
    Peer("keras", "Keras script", _script("keras_fit")),
    Peer("keras_spe", "Keras script, steps_per_execution", _script("keras_fit", "--steps-per-execution"), cases=("digits", "mnist")),
    Peer("tuner", "KerasTuner grid search", _script("tuner"), missing=_no_tuner),
    Peer("torch", "PyTorch script", _script("pytorch"), missing=_no_torch),
    Peer("sgemm", "matrix multiplication", _sgemm, cases=("mnist",)),
)
"""In the order of the report. ``sgemm`` is no peer: it measures the machine in the same session."""

OURS = ("dlbench", "dlbench_bfloat16")
"""dlbench's own ways, which the others are compared with."""
