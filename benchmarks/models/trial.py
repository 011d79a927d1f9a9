"""Tries one model in this process: inspects it, compares the network with it, and trains one step; prints a row as JSON."""

from __future__ import annotations

import json
import sys
import tempfile
from typing import Any
from unittest import mock

from dlbench.engines.keras.engine import start
from dlbench.engines.keras.network import fidelity, inspect
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.values.errors import InputError
from dlbench.values.recipe import Budget, Recipe, edit


def trial(model: str, data: str) -> dict[str, Any]:
    """Return what became of a model.

    Args:
        model, data: references, such as ``benchmarks.models.zoo:Conv2D`` and ``benchmarks.models.data:images_16``.

    Returns:
        ``kind``, ``parameters``, ``difference`` (the largest, as a share of the largest output), ``raw`` (whether it is handed raw values)
        and ``status``: ``trained``, ``refused`` or ``failed``, with ``words`` of a refusal or failure.
    """
    recipe = edit(Recipe(), data__source=data, model__name=model, data__validation=0.2, data__vocabulary=300, data__words=20,
                  training__batch_size=8, budget=Budget("steps", 1))
    row: dict[str, Any] = {"model": model, "data": data}
    with tempfile.TemporaryDirectory() as cache:
        engine = start(Settings(cache))
        try:
            with _noted(compared := []):
                [inspection] = engine.inspect([recipe])
            row |= {"kind": inspection.build.kind, "parameters": inspection.build.parameters, "raw": inspection.build.scaling is not None}
            row["difference"] = compared[0].difference
            outcome = engine.run(recipe, 0, RunInputs("test_accuracy"))
            row |= {"status": "trained" if outcome.status == "done" else "failed", "words": outcome.reason}
        except InputError as refused:
            row |= {"status": "refused", "words": str(refused)}
        except Exception as error:  # a failure is a row, and the point of the table
            row |= {"status": "failed", "words": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}
    return row


def _noted(comparisons: list[fidelity.Comparison]) -> Any:
    """Within the returned context, note what inspections find when they compare a network with its model."""
    def demand_faithful(*given: Any) -> fidelity.Comparison:
        comparisons.append(found := fidelity.demand_faithful(*given))
        return found

    return mock.patch.object(inspect, "demand_faithful", demand_faithful)


if __name__ == "__main__":
    for reference in sys.argv[1:]:
        print("ROW " + json.dumps(trial(*reference.split("@"))), flush=True)
