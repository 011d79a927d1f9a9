"""Studies carried out without a training: the driver's own stages, with records made up from each run's recipe and seed."""

from dlbench.execution.driver import Driver, Options
from dlbench.execution.stages import stages
from dlbench.store.database import Store
from dlbench.values.recipe import to_dict
from dlbench.values.record import Controls, Cost, Record
from tests.execution.fakes import Silent


def carry_out(whole, folder, scores):
    """Run a plan's stages into a store.

    Args:
        whole: the plan.
        folder: of the results.
        scores: ``(recipe, seed) -> (test accuracy, validation accuracy)``, or a dictionary of scores; None for a run that diverged,
            ``"open"`` for one that has not been run.

    Returns:
        The number of runs of each stage.
    """
    driver, sizes = Driver(whole, Options(folder, "dlbench run study.toml", 1, None, ""), Silent()), []
    with Store(folder, write=True) as store:
        for stage in stages(whole, store):
            driver._open(store, stage)
            pending = [run for run in stage.runs if run.run_id not in store.finished()]
            sizes.append(len(pending))
            for run in pending:
                if (found := scores(run.recipe, run.seed)) != "open":
                    store.add(_record(run, found), {})
    return sizes


def _record(run, found):
    fields, when = to_dict(run.recipe), "2026-01-01T00:00:00+00:00"
    if found is None:
        return Record(run.run_id, fields, run.seed, "diverged", "loss is not finite at step 3", environment="here", started=when)
    controls = Controls(run.recipe.data.source, "s", "e", {"dense": "i"}, order=("o",), weights=run.run_id, global_draws=())
    cost = Cost(parameters=1000, macs=5000, train_s=1.0, wall_s=2.0, peak_memory_bytes=10**8, epochs=1)
    scores = found if isinstance(found, dict) else {"test_accuracy": found[0], "validation_accuracy": found[1]}
    return Record(run.run_id, fields, run.seed, "done", "", scores, {}, cost, controls, "here", when)
