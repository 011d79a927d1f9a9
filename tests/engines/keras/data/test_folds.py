"""The seeds test the folds of the data in turn, and a fold is trained and scored as data with that test part of its own would be."""

from dataclasses import replace

import numpy as np

from dlbench.datasets import Arrays, digits
from dlbench.datasets.splits import split
from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.values.folds import of_seed
from dlbench.values.identity import run_ids
from dlbench.values.recipe import Data, Recipe, edit


def test_a_fold_is_trained_as_data_with_that_test_part(train, tiny, tmp_path):
    recipe = edit(tiny, data__folds=3)
    folded = {seed: train(recipe, seed) for seed in range(4)}
    data = digits.load()
    for seed, outcome in folded.items():
        part = split(data, of_seed(recipe, seed).data)
        assert (outcome.arrays["test_labels"] == data.y[part.test]).all()
    assert folded[0].controls.evaluation == folded[3].controls.evaluation != folded[1].controls.evaluation
    part = split(data, Data(folds=3, fold=1, validation=0.0))
    own = np.concatenate([part.train, part.test])
    own = Arrays(data.x[own], data.y[own], len(own) - len(part.test), 10, data.full_range)
    whole = edit(tiny, data__examples=None, data__validation=0.0, budget__unit="steps", budget__amount=6)
    engine = KerasEngine(Settings(str(tmp_path), load=lambda *_: own))
    alone = engine.run(edit(whole, data__source="npz:own"), 1, RunInputs("test_accuracy"))
    assert train(edit(whole, data__folds=3), 1).controls.weights == alone.controls.weights


def test_near_duplicates_are_counted_over_all_folds(worker, tiny, monkeypatch):
    data = digits.load()
    twice = replace(data, x=np.concatenate([data.x[:300]] * 2), y=np.concatenate([data.y[:300]] * 2), train=600)
    monkeypatch.setattr(worker, "load", lambda *_: twice)
    recipe = edit(tiny, data__source="npz:twice", data__folds=3, data__examples=None)
    near, examined, _ = worker.near_duplicates(recipe)
    each = [worker.near_duplicates(of_seed(recipe, fold))[0] for fold in range(3)]
    assert examined == 600 and near == sum(each) > 300


def test_a_study_without_folds_keeps_its_run_ids():
    assert run_ids(edit(Recipe(), data__folds=0), [0]) == run_ids(Recipe(), [0]) != run_ids(edit(Recipe(), data__folds=2), [0])
