"""A run that is an ensemble: its first member is the run without it, its predictions are the mean of runs of the members' seeds."""

import numpy as np
import pytest

from dlbench.engines.keras.lengths import shared
from dlbench.engines.keras.loop.ensemble import Ensemble
from dlbench.engines.keras.measure.deploy import deployed
from dlbench.engines.keras.tasks import answering
from dlbench.engines.protocol import RunInputs
from dlbench.study.fitting import clashes
from dlbench.techniques import technique
from dlbench.techniques.transfer_learning import pretraining
from dlbench.values.controls import Control, control_of
from dlbench.values.recipe import Recipe, changes, edit, to_dict
from dlbench.values.record import Record, Status
from dlbench.values.seeds import member_seed
from dlbench.values.window import scored_once
from tests.engines.keras.measure.test_views import TASKS
from tests.selection import mostly_slow

THREE = {"scoring__members": 3}
WITH = TASKS | {
    "dropout, augmentation, moving averages": {"model__dropout": 0.3, "augmentation__rotate_degrees": 10.0, "training__averaging": 0.9},
    "early stopping": {"training__early_stopping__patience_epochs": 1, "training__early_stopping__min_delta": 0.2},
    "passes, views": {"model__dropout": 0.3, "scoring__passes": 3, "scoring__flip": True},
    "plain Keras": {"training__loop": "keras"},
    "pruning": {"compression__sparsity": 0.5},
}


def trained(worker, recipe, seed):
    """A run, and the predictions of its network or networks for the test part."""
    outcome = worker.run(recipe, seed, RunInputs("test_accuracy"))
    assert outcome.status == "done", outcome.reason
    program, data = worker.program(recipe), worker.data(recipe)
    found = program.evaluate(*data.test, data.inputs)[2]
    return outcome, answering(recipe.data).predictions(found, data.scaling)


@pytest.mark.parametrize("fields", mostly_slow(WITH, *TASKS, "dropout, augmentation, moving averages", "early stopping"))
def test_it_is_the_mean_of_runs_of_its_members_and_the_first_is_the_run_without_it(fields, worker, tiny, monkeypatch):
    recipe = edit(tiny, **{"training__learning_rate": 0.01, "budget__amount": 4, **fields})
    each = [trained(worker, recipe, member_seed(5, member)) for member in range(3)]
    assert len({outcome.controls.weights for outcome, _ in each}) == len({str(outcome.controls.order) for outcome, _ in each}) == 3
    heard = []
    monkeypatch.setattr(Ensemble, "evaluate", lambda self, *part: heard.append(evaluate(self, *part)) or heard[-1], raising=True)
    ours = worker.run(edit(recipe, **THREE), 5, RunInputs("test_accuracy"))
    first, data = each[0][0], worker.data(recipe)
    predicted = answering(recipe.data).predictions(heard[0][2], data.scaling)
    np.testing.assert_allclose(predicted, np.mean([one for _, one in each], axis=0), rtol=2e-4, atol=2e-6)
    assert np.abs(predicted - each[0][1]).max() > 1e-3
    assert {name: values for name, values in ours.curves.items() if name != "seconds"} == {
        name: values for name, values in first.curves.items() if name != "seconds"}
    assert ours.controls.init == first.controls.init and ours.controls.order == first.controls.order
    arm, reference = (Record("id", to_dict(one), 5, "done", controls=outcome.controls) for one, outcome in
                      ((edit(recipe, **THREE), ours), (recipe, first)))
    known = Control.NOT_PROVEN if recipe.training.loop == "keras" else Control.CONTROLLED
    assert control_of(arm, reference, changes(edit(recipe, **THREE), recipe))[0] is known
    for name in ("steps", "examples", "epochs", "parameters", "model_bytes", "planned_steps"):
        whole, parts = getattr(ours.cost, name), [getattr(outcome.cost, name) for outcome, _ in each]
        assert whole == sum(parts) or (name == "model_bytes" and recipe.compression.sparsity), name
    assert ours.cost.macs == 3 * first.cost.macs
    again = worker.run(edit(recipe, **THREE), 5, RunInputs("test_accuracy"))
    assert again.scores == ours.scores and again.controls == ours.controls


evaluate = Ensemble.evaluate


def test_several_times_the_same_network_answers_as_it_does_alone(worker, tiny):
    outcome, predicted = trained(worker, tiny, 0)
    program, data = worker.program(tiny), worker.data(tiny)
    alike = deployed(program, edit(tiny, **THREE), data)
    loss, answers, outputs = alike.evaluate(*data.test, data.inputs)
    np.testing.assert_allclose(answering(tiny.data).predictions(outputs, data.scaling), predicted, rtol=1e-5, atol=1e-7)
    assert loss == pytest.approx(outcome.scores["test_loss"], rel=1e-5)
    assert np.array_equal(answers, program.evaluate(*data.test, data.inputs)[1])


def test_a_member_that_diverges_is_named(worker, tiny):
    recipe = edit(tiny, training__optimizer="sgd", training__learning_rate=0.1, regularization__l2=30.0, budget__amount=8)
    alone, ours = (worker.run(one, 0, RunInputs("test_accuracy")) for one in (recipe, edit(recipe, **THREE)))
    assert ours.status == Status.DIVERGED and ours.reason == f"member 1 of 3: {alone.reason}" and not ours.scores


@pytest.mark.parametrize(("fields", "words"), [
    ({"compression__bits": 8}, "quantization converts the network alone, and ensemble averages several of its answers"),
    ({"target": 0.9}, "a target asks when a training reaches a score, and an ensemble has several trainings"),
    ({"training__loop": "keras", "training__loss": "model"}, "a training step of the model's own may keep what it learned"),
])
def test_what_cannot_go_together_is_refused(fields, words):
    arm, alone = edit(Recipe(), **THREE, **fields), edit(Recipe(), **fields)
    new = {told for told, clash in clashes(arm) if clash} - {told for told, clash in clashes(alone) if clash}
    assert len(new) == 1 and new.pop().startswith(words)


def test_it_is_trained_for_itself_scored_at_its_end_and_its_pretraining_is_shared():
    arm = technique("ensemble").apply(Recipe(), members=3)
    assert not shared(Recipe(), arm) and not shared(arm, edit(arm, training__early_stopping__patience_epochs=3))
    assert scored_once(arm) and not scored_once(Recipe()) and technique("ensemble").apply(Recipe(), members=1) == Recipe()
    for fields in ({"transfer__source_classes": (0, 1)}, {"distillation__temperature": 2.0}):
        assert pretraining(edit(arm, **fields)) == pretraining(edit(Recipe(), **fields))
