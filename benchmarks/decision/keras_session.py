"""The Keras loop as a process that trains when asked: for each (arm, seed) build, compile, fit, evaluate."""

from __future__ import annotations

from typing import Any

from benchmarks.decision.sessions import serve
from benchmarks.peers.scripts.common import with_arrays
from benchmarks.peers.scripts.keras_model import trained


def train(request: dict[str, Any]) -> dict[str, Any]:
    """Train every arm with its own seeds.

    Args:
        request: ``case`` as of :func:`benchmarks.decision.cases.described`, ``arrays`` (a path), and ``seeds``: for each arm a list.

    Returns:
        ``scores``: arm -> the final test accuracies; ``steps`` of all trainings.
    """
    case, data = with_arrays(request["case"] | {"many_steps": False}, request["arrays"])
    done = {arm["name"]: [trained(arm, case, data, seed) for seed in seeds]
            for arm, seeds in zip(case["arms"], request["seeds"])}
    return {"scores": {arm: [run.accuracy for run in runs] for arm, runs in done.items()},
            "steps": sum(run.steps for runs in done.values() for run in runs)}


if __name__ == "__main__":
    serve(train)
