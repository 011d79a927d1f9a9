"""What is scored at the end of a run is evaluated once, and gives what another evaluation would give."""

import numpy as np
import pytest

from dlbench.engines.keras.loop.program import Program
from dlbench.engines.keras.loop.train import Trainer
from dlbench.engines.keras.measure import scoring
from dlbench.engines.keras.measure.scoring import FULL, scored_in_training
from dlbench.values.recipe import FINAL, edit

STOPPING = {"training__early_stopping__patience_epochs": 1, "training__learning_rate": 0.3, "budget__amount": 6}


@pytest.mark.parametrize("changes", [
    {}, {"training__averaging": 0.9}, {"compression__sparsity": 0.5}, {"compression__sparsity": 0.5, "training__averaging": 0.9}, STOPPING,
    {**STOPPING, "training__averaging": 0.9}, {**STOPPING, "training__early_stopping__restore_best": False},
    {"compression__bits": 8}, {"data__validation": 0.0}, {"training__loop": "keras"}, {"scoring__flip": True}],
    ids=["plain", "averages", "pruned", "pruned averages", "best", "best averages", "last", "int8", "no validation", "keras", "views"])
def test_scores_are_those_of_another_evaluation(changes, train, tiny, monkeypatch):
    recipe = edit(tiny, **changes)
    once = train(recipe)
    real = Trainer.end

    def forgetting(trainer):
        real(trainer)
        trainer.done.validated = None

    monkeypatch.setattr(Trainer, "end", forgetting)
    again = train(recipe)
    assert once.scores == again.scores and once.controls == again.controls
    if changes is STOPPING:
        assert once.curves["validation_loss"][-1] != once.scores["validation_loss"] == min(once.curves["validation_loss"])


def test_each_part_is_evaluated_no_more_often_than_it_must(train, tiny, worker, monkeypatch):
    counted, real, data = [], Program.evaluate, worker.data(tiny)

    def evaluate(program, x, y, inputs):
        counted.append(len(y))
        return real(program, x, y, inputs)

    monkeypatch.setattr(Program, "evaluate", evaluate)
    train(edit(tiny, budget__amount=3, score_over=2))
    validation, test, training = len(data.validation[1]), len(data.test[1]), len(data.positions)
    assert sorted(counted) == sorted([validation] * 3 + [test] * 2 + [training])


def test_training_accuracy_is_measured_on_a_sample_whose_size_is_recorded(train, tiny, worker, monkeypatch):
    monkeypatch.setattr(scoring, "SAMPLE", 40)
    data, windowed = worker.data(tiny), edit(tiny, score_over=1)
    rows, labels = scored_in_training(windowed, data), data.train[1].numpy()
    shares, whole = np.bincount(labels[rows], minlength=10) / 40, np.bincount(labels, minlength=10) / len(labels)
    assert len(rows) == 40 and np.abs(shares - whole).max() <= 1 / 40 and np.array_equal(rows, scored_in_training(windowed, data))
    outcomes = {name: train(recipe) for name, recipe in {
        "sample": windowed, "full": edit(windowed, measure=(FULL,)), "final": edit(tiny, score_over=FINAL)}.items()}
    assert {name: outcome.cost.train_scored for name, outcome in outcomes.items()} == {"sample": 40, "full": 100, "final": 100}
    assert outcomes["full"].scores["train_accuracy"] == outcomes["final"].scores["train_accuracy"]
    for outcome in outcomes.values():
        assert (outcome.scores["train_accuracy"] * outcome.cost.train_scored) == pytest.approx(
            round(outcome.scores["train_accuracy"] * outcome.cost.train_scored))
        assert outcome.scores["accuracy_gap"] == outcome.scores["train_accuracy"] - outcome.scores["test_accuracy"]
    assert len({outcome.controls.weights for outcome in outcomes.values()}) == 1, "measuring changes nothing of the training"


def test_a_sample_from_disk_is_the_one_in_memory(train, tiny, worker, monkeypatch):
    monkeypatch.setattr(scoring, "SAMPLE", 40)
    in_memory = train(edit(tiny, score_over=1))
    monkeypatch.setattr(worker, "settings", worker.settings.__class__(**(vars(worker.settings) | {"device_bytes": 0})))
    worker._resident.values.clear()
    from_disk = train(edit(tiny, score_over=1))
    worker._resident.values.clear()
    assert from_disk.scores == in_memory.scores
