"""Regression trained by the compiled loop: the same as plain Keras ``fit`` with squared error, and on targets that are scaled."""

import numpy as np
import pytest

from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.keras.tasks.numbers import rmse
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.values.recipe import Recipe, edit


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A folder with a table of 120 rows whose last columns are the sum of the others, less noise, around 500."""
    folder, draw = tmp_path_factory.mktemp("regression"), np.random.default_rng(0)
    x = draw.normal(size=(120, 3)).round(3)
    np.savez(folder / "t.npz", x=x, y=500 + 40 * x.sum(axis=1) + draw.normal(size=120))
    return folder


@pytest.fixture(scope="module")
def numbers(table):
    return KerasEngine(Settings(str(table / "cache"), beside=str(table)))


RECIPE = edit(Recipe(), data__source="npz:t.npz", data__task="regression", data__normalization="zscore_channel", model__name="mlp",
              model__options=(("hidden", 16),), budget__amount=3)


def trained(worker, recipe):
    result = worker.run(recipe, 0, RunInputs("test_rmse"))
    assert result.status == "done"
    return worker.program(recipe).network.weights(), result


@pytest.mark.parametrize("fields", [
    {"model__dropout": 0.3}, {"regularization__l2": 0.01}, *(pytest.param(fields, marks=pytest.mark.slow)
                                                             for fields in ({}, {"training__optimizer": "sgd"}))])
def test_the_compiled_loop_equals_keras_fit_with_squared_error(numbers, fields):
    recipe = edit(RECIPE, **fields)
    (ours, mine), (theirs, reference) = trained(numbers, recipe), trained(numbers, edit(recipe, training__loop="keras"))
    for name, weights in ours.items():
        np.testing.assert_allclose(weights, theirs[name], rtol=1e-3, atol=2e-5)
    assert mine.curves["train_mae"] == pytest.approx(reference.curves["train_mae"], rel=1e-3)


def test_targets_are_scaled_on_the_training_part_and_scores_are_in_their_own_unit(numbers):
    data, (_, result) = numbers.data(RECIPE), trained(numbers, edit(RECIPE, budget__amount=200, training__learning_rate=0.01))
    assert float(np.mean(data.train[1])) == pytest.approx(0, abs=1e-5) and float(np.std(data.train[1])) == pytest.approx(1, abs=1e-5)
    every = np.concatenate([data.known(y) for _, y in data.parts])
    np.testing.assert_allclose(np.sort(every), np.sort(np.load(f"{numbers.settings.beside}/t.npz")["y"]), rtol=1e-6)
    network = numbers.program(edit(RECIPE, budget__amount=200, training__learning_rate=0.01)).model
    told = network(data.test[0] * data.inputs.scale + data.inputs.offset, training=False).numpy()[:, 0] * data.scaling[1] + data.scaling[0]
    assert result.scores["test_rmse"] == pytest.approx(rmse(data.known(data.test[1]), told), rel=1e-4)
    assert 0 < result.scores["test_rmse"] < 15 and 0.9 < result.scores["test_r2"] < 1 and result.scores["test_mape"] < 0.03
    assert result.arrays["values/test_mae"].mean() == pytest.approx(result.scores["test_mae"], rel=1e-5)
    assert result.curves["validation_mae"][-1] == pytest.approx(result.scores["validation_mae"], rel=1e-5)
    assert result.scores["mae_gap"] == pytest.approx(result.scores["train_mae"] - result.scores["test_mae"])


def test_means_over_evaluations_are_means_of_the_values_of_examples(numbers):
    _, result = trained(numbers, edit(RECIPE, score_over=2))
    for name in ("rmse", "mae", "mape", "r2", "pinball_10", "pinball_90"):
        assert result.arrays[f"values/test_{name}"].mean() == pytest.approx(result.scores[f"test_{name}"], rel=1e-4)


def test_the_error_of_each_test_example_is_kept_with_its_target(numbers):
    _, result = trained(numbers, RECIPE)
    known, error = result.arrays["values/target"], result.arrays["values/error"]
    np.testing.assert_allclose(known, numbers.data(RECIPE).known(numbers.data(RECIPE).test[1]), rtol=1e-6)
    np.testing.assert_allclose(np.abs(error), result.arrays["values/test_mae"], rtol=1e-5)
    assert (error > 0).any() and (error < 0).any()


def test_splits_are_drawn_whatever_the_targets(numbers):
    sizes = [len(y) for _, y in numbers.data(RECIPE).parts]
    assert sizes == [81, 9, 30]
