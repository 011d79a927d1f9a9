"""Tracking programs: MLflow's local file store (an experiment a study, a run an arm and seed) and TensorBoard's event files (a folder a
run). Everything stays on this machine.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from dlbench.analysis import Analysis
from dlbench.exports.files import needed
from dlbench.store.results import Results
from dlbench.values.errors import InputError
from dlbench.values.files import inside
from dlbench.values.text import one_line

WORDS = ("status", "reason", "environment", "control", "control_faults")
IDENTITY = ("run_id", "arm", "status")
"""Tags by which a run that MLflow already has is known."""
STATUS = {"done": "FINISHED", "killed": "KILLED"}
LONGEST = 500
"""Characters of a parameter or tag that MLflow keeps."""
MOST_BYTES = 100
"""Of the name of a folder or metric, before its digest."""
BATCH = 1000
"""Runs that MLflow returns, and numbers that it takes, in one call."""


@dataclass(frozen=True)
class Tracked:
    """One arm and seed.

    Attributes:
        name: arm and seed in words.
        run_id: dlbench's own; arms that share a run have it in common.
        started: seconds since 1970, UTC.
        tags: words: study, dataset, arm, status, control.
        parameters: the recipe's fields that are not at their default, and the seed.
        curves: quantity -> one value an epoch.
        scores: final numbers.
    """

    name: str
    run_id: str
    started: float
    tags: dict[str, str]
    parameters: dict[str, str]
    curves: dict[str, list[float]]
    scores: dict[str, float]


def tracked(results: Results) -> Iterator[Tracked]:
    """Every arm and seed that has a record, on every dataset."""
    for part in results.parts:
        recipes = dict(zip(part.arms["arm"], part.arms["recipe"]))
        curves = dict(iter(part.curves.groupby(["arm", "seed"]))) if len(part.curves) else {}
        for row in part.runs.to_dict("records"):
            tags = {"study": part.study["name"], "dataset": part.study["dataset"], "arm": row["arm"], "run_id": row["run_id"],
                    **{name: str(row[name]) for name in WORDS if row[name]}}
            numbers = {name: float(value) for name, value in row.items()
                       if name not in (*tags, "seed", "started", *WORDS) and _finite(value)}
            parameters = {name: str(value) for name, value in recipes[row["arm"]].items()} | {"seed": str(row["seed"])}
            started = datetime.fromisoformat(row["started"]).timestamp() if row["started"] else 0.0
            yield Tracked(f"{row['arm']}, seed {row['seed']}", row["run_id"], started, tags, parameters,
                          _curves(curves.get((row["arm"], row["seed"]))), numbers)


def _curves(table: pd.DataFrame | None) -> dict[str, list[float]]:
    if table is None:
        return {}
    names = [name for name in table if name not in ("arm", "seed", "epoch", "dataset")]
    return {name: [float(value) for value in table[name]] for name in names if table[name].map(_finite).any()}


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def to_mlflow(analysis: Analysis, out: Path) -> list[Path]:
    """Add what is not there yet; ``mlflow ui --backend-store-uri OUT`` shows it."""
    try:
        _add_missing(analysis.results, out)
    except needed("mlflow.exceptions", "mlflow").MlflowException as error:
        raise InputError(f"{out}: MLflow takes nothing: {one_line(error)}") from None
    return [out]


def _add_missing(results: Results, out: Path) -> None:
    os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
    client = needed("mlflow.tracking", "mlflow").MlflowClient(out.resolve().as_uri())
    known = client.get_experiment_by_name(results.study["name"])
    if known and known.lifecycle_stage == "deleted":
        raise InputError(f"{out}: MLflow's experiment '{known.name}' was deleted there; accepted: another --out, or restore it with "
                         f"`mlflow experiments restore --experiment-id {known.experiment_id}`")
    experiment = known.experiment_id if known else client.create_experiment(results.study["name"])
    known_tags = [run.data.tags for run in _mlflow_runs(client, experiment)]
    stored = {tuple(tags.get(name) for name in IDENTITY) for tags in known_tags}
    for item in tracked(results):
        if tuple(item.tags[name] for name in IDENTITY) not in stored:
            _add_to_mlflow(client, experiment, item)


def _mlflow_runs(client: Any, experiment: str) -> list[Any]:
    runs, token = [], None
    while True:
        page = client.search_runs([experiment], max_results=BATCH, page_token=token)
        runs, token = runs + list(page), page.token
        if not token:
            return runs


def _add_to_mlflow(client: Any, experiment: str, item: Tracked) -> None:
    entities = needed("mlflow.entities", "mlflow")
    when = round(1000 * item.started)
    run = client.create_run(experiment, start_time=when, run_name=item.name)
    metrics = [entities.Metric(metric_name(name), value, when, step) for name, values in item.curves.items()
               for step, value in enumerate(values, start=1) if math.isfinite(value)]
    metrics += [entities.Metric(metric_name(name), value, when, 0) for name, value in item.scores.items()]
    for first in range(0, max(len(metrics), 1), BATCH):
        client.log_batch(run.info.run_id, metrics=metrics[first : first + BATCH])
    client.log_batch(run.info.run_id, params=[entities.Param(name, text[:LONGEST]) for name, text in item.parameters.items()],
                     tags=[entities.RunTag(name, text[:LONGEST]) for name, text in item.tags.items()])
    ended = when + round(1000 * item.scores.get("wall_s", 0))
    client.set_terminated(run.info.run_id, STATUS.get(item.tags["status"], "FAILED"), ended)


def to_tensorboard(analysis: Analysis, out: Path) -> list[Path]:
    """One folder ``ARM/seed-N`` a run, each arm's with a name of its own; ``tensorboard --logdir OUT`` shows it.

    A run that is there already is written anew.
    """
    writer = needed("tensorboard.summary", "tensorboard").Writer
    several = len(analysis.parts) > 1
    for item in tracked(analysis.results):
        folder = inside(out, *([_folder(item.tags["dataset"])] if several else []), _folder(item.tags["arm"]),
                        f"seed-{item.parameters['seed']}")
        shutil.rmtree(folder, ignore_errors=True)
        _add_scalars(writer(str(folder)), item)
    return [out]


def _add_scalars(writer: Any, item: Tracked) -> None:
    for name, values in item.curves.items():
        for step, value in enumerate(values, start=1):
            if math.isfinite(value):
                writer.add_scalar(f"epoch/{name}", value, step, wall_time=item.started)
    for name, value in item.scores.items():
        writer.add_scalar(f"final/{name}", value, 0, wall_time=item.started)
    writer.close()


def metric_name(name: str) -> str:
    """Name a metric with the signs that MLflow takes; one that had others ends in a digest, so that no two share a name.

    Example:
        >>> metric_name("test_accuracy"), metric_name("f1@0.5")
        ('test_accuracy', 'f1_0.5-3b29717e')
    """
    return _distinct(name, re.sub(r"[^\w. /-]", "_", name, flags=re.ASCII))


def _folder(name: str) -> str:
    """Name a folder after an arm or a dataset; where that changes the name, a digest keeps two of them apart.

    Example:
        >>> _folder("rotate + shift"), _folder("a/b"), len(_folder("x" * 300))
        ('rotate + shift', 'a_b-c14cddc0', 109)
    """
    return _distinct(name, re.sub(r"[^\w .=+-]|^\.+$|^ | $", "_", name))


def _distinct(name: str, safe: str) -> str:
    digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]
    return name if name == safe and len(name.encode()) <= MOST_BYTES else f"{safe.encode()[:MOST_BYTES].decode(errors='ignore')}-{digest}"
