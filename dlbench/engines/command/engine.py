"""Carries out runs of scripts."""

from __future__ import annotations

import json
import math
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from dlbench.engines.command import FUNCTION, call, told, trackers
from dlbench.engines.command.output import Output
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.values.errors import InputError
from dlbench.values.identity import run_ids
from dlbench.values.metric import MEASURED, Metric
from dlbench.values.placeholders import filled
from dlbench.values.program import CALL, program
from dlbench.values.recipe import Recipe
from dlbench.values.record import Controls, Cost, Outcome, Status, Unproven
from dlbench.values.text import listed, one_line

WARDEN = str(Path(__file__).with_name("warden.py"))
RESULT, LOG, REPORT = "result.jsonl", "output.log", "process.json"
NOT_TOLD = Unproven("the script does not tell")


class Scripts:
    """Runs the command of a recipe in a fresh process, and reads what it tells.

    Args:
        settings: of the worker.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.cwd = Path(settings.beside or ".")

    def prepare(self, recipes: Sequence[Recipe]) -> list[tuple[int, int]]:
        """Check that the program of every recipe is there."""
        for recipe in recipes:
            word = recipe.command.run[0]
            if word == CALL and self.settings.function is None:
                raise InputError("run: this study calls a function of a Python program, which alone has it; accepted: that program again")
            if word != CALL and program(word, self.cwd) is None:
                raise InputError(f"run: '{word}' is no program that can be started; accepted: a program on the PATH, or the path of one")
        return [(0, 0)] * len(recipes)

    def run(self, recipe: Recipe, seed: int, inputs: RunInputs) -> Outcome:
        """Run the command once, with a seed."""
        out = Path(self.settings.out or self.settings.scratch or ".") / run_ids(recipe, [seed])[0]
        out.mkdir(parents=True, exist_ok=True)
        for stale in (RESULT, REPORT, "metrics.json"):
            (out / stale).unlink(missing_ok=True)
        trackers.clear(recipe.command.reads, out)
        words = filled(recipe.command, seed, str(out))
        words[:1] = [sys.executable, "-m", call.__name__] if words[0] == CALL else [program(words[0], self.cwd) or words[0]]
        with self._function() as function:
            environment = self._environment(recipe, seed, out) | function
            output, report = self._carried_out(words, environment, out, recipe.command.score_pattern)
        try:
            _demand_ended_well(report, output)
            return _outcome(told.read(out, recipe.command.reads, self.cwd, output.scores), report, inputs)
        except (ScriptError, told.Unreadable) as error:
            killed = "status" in report and os.WIFSIGNALED(report["status"])
            return Outcome(Status.KILLED if killed else Status.ERROR, one_line(error, 400), cost=_cost(report, {}))

    @contextmanager
    def _function(self) -> Iterator[dict[str, str]]:
        """Write the study's function for one run, where nobody else can; the variable that names its file."""
        if self.settings.function is None:
            yield {}
            return
        with tempfile.TemporaryDirectory(prefix="dlbench-") as folder:
            file = Path(folder) / "function.pickle"
            file.write_bytes(self.settings.function)
            yield {FUNCTION: str(file)}

    def _environment(self, recipe: Recipe, seed: int, out: Path) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if name not in ("OMP_NUM_THREADS", "PYTHONHASHSEED")}
        threads = str(max(int(self.settings.cpus), 1))
        settings: dict[str, str] = {
            "OMP_NUM_THREADS": threads, "PYTHONHASHSEED": "0", "PYTHONUNBUFFERED": "1", "DLBENCH_SEED": str(seed),
            "DLBENCH_OUT": str(out), "DLBENCH_RESULT": str(out / RESULT), "DLBENCH_PARAMETERS": json.dumps(dict(recipe.command.parameters))}
        if devices := visible_devices(self.settings.worker, self.settings.gpus, os.environ.get("CUDA_VISIBLE_DEVICES")):
            settings["CUDA_VISIBLE_DEVICES"] = devices
        return own | settings | trackers.variables(recipe.command.reads, out) | dict(recipe.command.env)

    def _carried_out(self, words: list[str], environment: dict[str, str], out: Path, pattern: str) -> tuple[Output, dict[str, Any]]:
        """Run words under a warden, which ends them when this process ends; what they wrote, and how they ended."""
        limits = json.dumps({"memory_bytes": self.settings.memory_bytes, "seconds": self.settings.seconds, "report": str(out / REPORT)})
        warden = [sys.executable, "-I", "-S", WARDEN, limits, *words]
        with subprocess.Popen(warden, cwd=self.cwd, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, start_new_session=True) as process:
            output = Output(out / LOG, re.compile(pattern) if pattern else None)
            output.follow(cast(IO[bytes], process.stdout))
            process.wait()
        try:
            report = json.loads((out / REPORT).read_text(encoding="utf-8"))
            if report.get("left"):
                output.note(f"{report['left']} processes that the script left behind were ended")
            return output, report
        except (OSError, ValueError):
            return output, {"failed": "its process was ended from outside"}


class ScriptError(Exception):
    """A run of a script that has no result."""


def visible_devices(worker: int, gpus: float, allowed: str | None) -> str:
    """Name the GPUs that a worker's runs see; empty where they ask for none.

    Args:
        worker: its number, from 0.
        gpus: of one run; a share below 1 is of one GPU.
        allowed: the GPUs of this process, as ``CUDA_VISIBLE_DEVICES`` names them; None: all.

    Example:
        >>> visible_devices(1, 2, None), visible_devices(3, 0.5, None), visible_devices(1, 1, "4,6"), visible_devices(0, 0, None)
        ('2,3', '1', '6', '')
    """
    if not gpus:
        return ""
    first = int(worker * gpus + 1e-9)
    names = allowed.split(",") if allowed else []
    wanted = range(first, first + max(int(gpus), 1))
    return ",".join(names[place % len(names)] if names else str(place) for place in wanted)


def _demand_ended_well(report: Mapping[str, Any], output: Output) -> None:
    if "failed" in report:
        raise ScriptError(report["failed"])
    if report["reason"]:
        raise ScriptError(report["reason"])
    status = report["status"]
    last = f": {output.last}" if output.last else ""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        raise ScriptError(f"the script was ended by signal {number} ({signal.Signals(number).name}){last}")
    if code := os.WEXITSTATUS(status):
        raise ScriptError(f"the script ended with exit code {code}{last}")


def _outcome(heard: told.Told, report: Mapping[str, Any], inputs: RunInputs) -> Outcome:
    measured = {name: report[name] for name in MEASURED}
    scores = dict(heard.scores)
    if inputs.metric in measured and inputs.metric not in scores:
        scores[inputs.metric] = measured[inputs.metric]
    controls = Controls(**{name: heard.proofs.get(name, NOT_TOLD) for name in told.PROVEN})
    if inputs.metric not in scores:
        raise ScriptError(_no_score(inputs.metric, scores, heard))
    reason = _unusable(scores[inputs.metric], inputs.metric, inputs.measure)
    kept = {name: value for name, value in scores.items() if math.isfinite(value)}
    status, cost = Status.DIVERGED if reason else Status.DONE, _cost(report, heard.cost)
    return Outcome(status, reason, kept, heard.curves, cost, controls, heard.arrays)


def _cost(report: Mapping[str, Any], told_of: Mapping[str, Any]) -> Cost:
    return Cost(**{name: report[name] for name in ("wall_s", "peak_memory_bytes") if name in report}, **told_of)


def _no_score(name: str, scores: Mapping[str, float], heard: told.Told) -> str:
    known = f"; it told {listed(sorted(scores), most=8)}" if scores else ""
    epochs = " (a line with \"epoch\" is a curve, not a score)" if heard.curves and name in heard.curves else ""
    return f"the script ended without a score '{name}'{known}{epochs}; docs/scripts.md says how to tell one"


def _unusable(score: float, name: str, measure: Metric | None) -> str:
    """Say why a score cannot be judged: it is no finite number, or impossible; empty where it can."""
    if not np.isfinite(score):
        return f"{name} is {score}"
    if measure is not None and not measure.low <= score <= measure.high:
        hint = "; a percentage is divided by 100 where unit = 'fraction'" if measure.unit == "fraction" else ""
        raise ScriptError(f"{name} = {score:g} lies beyond its range, {measure.low:g} to {measure.high:g}{hint}")
    return ""


def start(settings: Settings) -> Scripts:
    """Start the engine, as every engine's ``start`` does."""
    return Scripts(settings)
