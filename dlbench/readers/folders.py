"""Folders of runs: dlbench's own, KerasTuner's trials and Hydra's multiruns."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pandas as pd

from dlbench.readers.tables import json_value
from dlbench.store.read import read
from dlbench.trackers.runs import RunTable
from dlbench.values.errors import InputError
from dlbench.values.metric import METRICS, SCORERS
from dlbench.values.record import Status
from dlbench.values.text import plural

SCORES = ("*.json", "*.yaml", "*.yml", "*.csv")
"""Files of a Hydra run that may hold its scores."""


def results_folder(path: Path) -> RunTable:
    """Read a results folder of dlbench: arm, seed and every score of the runs that ended with one."""
    results = read(path if path.is_dir() else path.parent)
    done = results.runs[results.runs["status"] == Status.DONE]
    lost = len(results.runs) - len(done)
    scores = [name for name in done if name in {metric.name for metric in (*METRICS, *SCORERS)} or name == results.metric.name]
    notes = (f"{plural(lost, 'run')} without a score {'is' if lost == 1 else 'are'} left out",) if lost else ()
    return RunTable(done[["arm", "seed", *scores]].reset_index(drop=True).astype(object), notes)


def kerastuner(path: Path) -> RunTable:
    """Read the trials of a KerasTuner project: hyperparameters, scores, one row an execution where those were kept."""
    rows: list[dict[str, Any]] = []
    for file in sorted(path.rglob("trial.json")):
        trial = json_value(file)
        values = {**trial.get("hyperparameters", {}).get("values", {}), "trial": trial.get("trial_id", file.parent.name)}
        metrics = trial.get("metrics", {}).get("metrics", {})
        last = {name: [entry["value"][-1] for entry in known.get("observations", []) if entry.get("value")]
                for name, known in metrics.items()}
        rows.append(values | {name: scores[-1] for name, scores in last.items() if scores} | {"score": trial.get("score")})
    note = "KerasTuner keeps the best epoch of each trial, not the last one: these scores were chosen, and flatter"
    return RunTable(pd.DataFrame(rows).astype(object), (note,))


def hydra(path: Path) -> RunTable:
    """Read Hydra's run folders: the overrides of each, and the numbers of the one file beside them that holds scores."""
    yaml = importlib.import_module("yaml")
    rows: list[dict[str, Any]] = []
    for file in sorted(path.rglob(".hydra/overrides.yaml")):
        folder = file.parent.parent
        overrides = [str(text).lstrip("+~") for text in yaml.safe_load(file.read_text(encoding="utf-8")) or []]
        rows.append({key: value for key, _, value in (text.partition("=") for text in overrides)} | _scores(folder, yaml))
    return RunTable(pd.DataFrame(rows).astype(object))


def _scores(folder: Path, yaml: Any) -> dict[str, Any]:
    files = [file for pattern in SCORES for file in sorted(folder.glob(pattern))]
    if len(files) != 1:
        there = ", ".join(file.name for file in files) or "none"
        raise InputError(f"{folder}: accepted: one file of scores in each run's folder ({', '.join(SCORES)}); there: {there}")
    if files[0].suffix == ".csv":
        return dict(pd.read_csv(files[0]).iloc[-1])
    found = json_value(files[0]) if files[0].suffix == ".json" else yaml.safe_load(files[0].read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise InputError(f"{files[0]}: accepted: an object of scores")
    return found
