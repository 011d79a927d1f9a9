"""Prepares the benchmark case of a whole study, which is planned, trained, stored, read and judged in one process."""

from __future__ import annotations

import pkgutil
import tempfile
from pathlib import Path

import numpy as np

from dlbench.engines.protocol import Engine, RunInputs, Settings, engine_named
from dlbench.execution.options import Options
from dlbench.execution.stages import content, study_record
from dlbench.stats.method import Rule
from dlbench.stats.verdict import compare
from dlbench.store.database import Store
from dlbench.store.read import read
from dlbench.study import Plan, load, plan, plan_of_arms
from dlbench.values.case import Prepared
from dlbench.values.recipe import to_dict
from dlbench.values.record import Record

STARTED = "2000-01-01T00:00:00+00:00"


def prepare(study: str, arms: tuple[str, ...], overrides: tuple[str, ...]) -> Prepared:
    """Run a study again and again; the output is the difference of each arm that is compared.

    Args:
        study: a shipped one.
        arms: of it, besides the first.
        overrides: ``KEY=VALUE``, as ``--set`` takes them.
    """
    asked = load(study, overrides)
    engine = pkgutil.resolve_name(engine_named(asked.engine).start)(Settings(tempfile.gettempdir()))

    def call() -> np.ndarray:
        chosen = plan(load(study, overrides))
        chosen = plan_of_arms(chosen, {chosen.arms[0].name, *arms})
        with tempfile.TemporaryDirectory() as folder:
            _train(chosen, engine, Path(folder))
            runs = read(Path(folder)).runs
        scores = runs[["arm", "seed"]].assign(score=runs[chosen.study.metric].astype(float))
        references = {arm.name: arm.reference for arm in chosen.arms if arm.reference}
        return compare(scores, references, Rule(chosen.study.margin))["difference"].to_numpy(float)

    return Prepared(call)


def _train(chosen: Plan, engine: Engine, folder: Path) -> None:
    record = study_record(chosen, Options(folder, "", 1, None, ""))
    with Store(folder, write=True) as store:
        store.open_study("whole", record, *content(chosen))
        store.add_environment("here", {})
        for run in chosen.runs:
            outcome = engine.run(run.recipe, run.seed, RunInputs(chosen.study.metric))
            record = Record.of(outcome, run.run_id, to_dict(run.recipe), run.seed, environment="here", started=STARTED)
            store.add(record, outcome.arrays)
