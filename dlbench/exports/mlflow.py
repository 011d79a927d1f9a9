"""MLflow's local file store: an experiment a study, a run an arm and seed."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

from dlbench.analysis import Analysis
from dlbench.exports.files import needed
from dlbench.exports.runs import Tracked, tracked

STATUS = {"done": "FINISHED", "killed": "KILLED"}
LONGEST = 500
"""Characters of a parameter or tag that MLflow keeps."""


def write(analysis: Analysis, out: Path) -> list[Path]:
    """Add what is not there yet; ``mlflow ui --backend-store-uri OUT`` shows it. Everything stays on this machine."""
    results = analysis.results
    os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
    client = needed("mlflow.tracking", "mlflow").MlflowClient(out.resolve().as_uri())
    known = client.get_experiment_by_name(results.study["name"])
    experiment = known.experiment_id if known else client.create_experiment(results.study["name"])
    there = {(run.data.tags.get("run_id"), run.data.tags.get("arm"), run.data.tags.get("status")) for run in _runs(client, experiment)}
    for item in tracked(results):
        if (item.run_id, item.tags["arm"], item.tags["status"]) not in there:
            _add(client, experiment, item)
    return [out]


def _runs(client: Any, experiment: str) -> list[Any]:
    found, token = [], None
    while True:
        page = client.search_runs([experiment], max_results=1000, page_token=token)
        found, token = found + list(page), page.token
        if not token:
            return found


def _add(client: Any, experiment: str, item: Tracked) -> None:
    entities = needed("mlflow.entities", "mlflow")
    when = round(1000 * item.started)
    run = client.create_run(experiment, start_time=when, run_name=item.name)
    metrics = [entities.Metric(name, value, when, step) for name, values in item.curves.items()
               for step, value in enumerate(values, start=1) if math.isfinite(value)]
    metrics += [entities.Metric(name, value, when, 0) for name, value in item.scores.items()]
    for first in range(0, max(len(metrics), 1), 1000):
        client.log_batch(run.info.run_id, metrics=metrics[first : first + 1000])
    client.log_batch(run.info.run_id, params=[entities.Param(name, text[:LONGEST]) for name, text in item.parameters.items()],
                     tags=[entities.RunTag(name, text[:LONGEST]) for name, text in item.tags.items()])
    ended = when + round(1000 * item.scores.get("wall_s", 0))
    client.set_terminated(run.info.run_id, STATUS.get(item.tags["status"], "FAILED"), ended)
