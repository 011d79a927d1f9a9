"""What a script logs to a tracker of its own: TensorBoard's event files or an MLflow store, in the run's folder."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from dlbench.trackers.runs import read_runs
from dlbench.trackers.stores import mlflow, tensorboard

TRACKERS = {
    "tensorboard": (tensorboard, "tensorboard (folders of event files)", ("tensorboard", "tensorboard")),
    "mlflow": (mlflow, "mlflow (an MLflow store, files or SQLite)", ("", "")),
}
"""Name of a tracker -> what reads its runs, in which form, and the package and the extra of dlbench that it needs."""
UNITS = ("epoch", "step")
Histories = dict[str, list[float]]


def variables(reads: str, out: Path) -> dict[str, str]:
    """The variable that leads a script to the MLflow store of its run, where its study reads one; a database where its name ends so."""
    kind, _, name = reads.partition(":")
    store = out.absolute() / name
    address = f"sqlite:///{store}" if store.suffix in (".db", ".sqlite") else store.as_uri()
    return {"MLFLOW_TRACKING_URI": address} if kind == "mlflow" else {}


def clear(reads: str, out: Path) -> None:
    """Remove the MLflow store of an earlier attempt at the run, so that one run is in it; event files of several attempts are one run."""
    kind, _, name = reads.partition(":")
    if kind == "mlflow" and name:
        (out / name).unlink() if (out / name).is_file() else shutil.rmtree(out / name, ignore_errors=True)


def histories(kind: str, path: Path) -> Histories:
    """Read every number that was logged, in the order of its steps.

    Args:
        kind: one of :data:`TRACKERS`.
        path: a store of MLflow with one run, or folders of event files. Of several folders, as Keras writes them, a name begins with its
            folder: ``validation/epoch_accuracy``.

    Raises:
        ValueError: several runs are in an MLflow store.
        dlbench.values.errors.InputError: nothing is there, or nothing can be read.
    """
    logged = read_runs(path, *TRACKERS[kind])
    runs = list(logged.table["run" if kind == "tensorboard" else "run_name"])
    if kind == "mlflow" and len(runs) > 1:
        raise ValueError(f"{path.name} holds {len(runs)} runs; accepted: one run of MLflow in a run of the script")
    prefixes = [f"{run}/" if len(runs) > 1 else "" for run in runs]
    return {f"{prefixes[row]}{name}": history for name, rows in (logged.curves or {}).items() for row, history in rows.items()
            if name not in UNITS}


def epochs(logged: Mapping[str, list[float]]) -> list[dict[str, float]]:
    """The histories that have as many values as most have, an epoch a row; none where nothing was logged twice.

    Example:
        >>> epochs({"loss": [0.5, 0.4], "accuracy": [0.8, 0.9], "test": [0.9], "step_loss": [3.0, 2.0, 1.0]})
        [{'loss': 0.5, 'accuracy': 0.8}, {'loss': 0.4, 'accuracy': 0.9}]
    """
    lengths = Counter(len(history) for history in logged.values() if len(history) > 1)
    most = max(lengths, key=lambda length: (lengths[length], -length), default=0)
    return [{name: history[place] for name, history in logged.items() if len(history) == most} for place in range(most)]
