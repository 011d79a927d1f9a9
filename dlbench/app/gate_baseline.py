"""Trains the baseline of a study once, for the gate of training quality: ``python -m dlbench.app.gate_baseline STUDY SEED``."""

from __future__ import annotations

import pkgutil
import sys
from pathlib import Path

from dlbench import track
from dlbench.app.request import Request, cache_dir, checked_data_dir, planned
from dlbench.engines.protocol import RunInputs, Settings, engine_named
from dlbench.techniques.transfer_learning import pretraining
from dlbench.values.errors import InputError


def main(arguments: list[str]) -> str:
    """Train the baseline with a seed, and tell its scores as a script does.

    Args:
        arguments: the study file and the seed.

    Returns:
        Why there are no scores; empty where there are.
    """
    study, seed = arguments
    try:
        plan = planned(Request(study, trusted=True), lambda text: print(text, file=sys.stderr))
        recipe = plan.arms[0].recipe
        if pretraining(recipe) is not None:
            raise InputError(f"{study}: its baseline starts from a pretraining, which the gate does not make")
        settings = Settings(cache_dir(), checked_data_dir(None), str(Path(plan.study.origin).resolve().parent), plugins=plan.study.plugins)
        engine = pkgutil.resolve_name(engine_named(plan.study.engine).start)(settings)
        outcome = engine.run(recipe, int(seed), RunInputs(plan.study.metric))
    except InputError as error:
        return str(error)
    track.score(**{name: value for name, value in outcome.scores.items() if value is not None})
    return outcome.reason


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) or None)
