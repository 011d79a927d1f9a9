"""Scores as means over a run's last evaluations: held against the runs that end at each of these epochs."""

import numpy as np
import pytest

from dlbench.engines.keras.measure.window import Evaluation, Window
from dlbench.values.errors import InputError
from dlbench.values.recipe import FINAL, Budget, Recipe, edit
from dlbench.values.window import LAST_QUARTER, demand_window, evaluations, planned_epochs


def ended(train, tiny, epochs, **changes):
    """A run of so many epochs; a constant rate makes the first ones of a longer run the same."""
    return train(edit(tiny, budget__amount=epochs, **changes))


@pytest.fixture(scope="module")
def shorter(train, tiny):
    """Runs that end after 2, 3 and 4 epochs, scored at their end."""
    return [ended(train, tiny, epochs) for epochs in (2, 3, 4)]


def right(outcome):
    return np.unpackbits(outcome.arrays["test_bits"], count=len(outcome.arrays["test_predictions"]))


@pytest.mark.parametrize("over, size", [(3, 3), (LAST_QUARTER, 1), (2, 2), (FINAL, 1)])
def test_a_score_is_the_mean_of_those_of_runs_that_end_at_each_epoch(over, size, train, tiny, shorter):
    averaged, each = ended(train, tiny, 4, score_over=over), shorter[-size:]
    for name in ("test_accuracy", "test_loss", "test_auc", "test_macro_f1", "test_top5"):
        assert averaged.scores[name] == pytest.approx(np.mean([one.scores[name] for one in each]), rel=1e-6), name
    if size > 1:
        assert averaged.arrays["test_rights"].tolist() == np.sum([right(one) for one in each], axis=0).tolist()
        assert averaged.arrays["test_evaluations"].tolist() == [size] and "test_bits" not in averaged.arrays
        assert averaged.scores["test_accuracy"] == pytest.approx(averaged.arrays["test_rights"].mean() / size)


def test_evaluating_changes_nothing_of_the_training(train, tiny, shorter):
    averaged = ended(train, tiny, 4, score_over=3)
    assert averaged.controls == shorter[-1].controls and averaged.curves["train_loss"] == shorter[-1].curves["train_loss"]
    for name in ("validation_accuracy", "validation_loss"):
        assert averaged.scores[name] == shorter[-1].scores[name], "only the test part is averaged"
    assert np.array_equal(averaged.arrays["test_predictions"], shorter[-1].arrays["test_predictions"])


@pytest.mark.parametrize("changes", [{"training__averaging": 0.9}, {"compression__sparsity": 0.5}], ids=["moving average", "pruning"])
def test_what_is_evaluated_in_an_epoch_is_what_a_run_that_ends_there_is_scored_with(changes, train, tiny):
    once, twice = (ended(train, tiny, 3, score_over=over, **changes) for over in (FINAL, 1))
    assert once.scores["test_accuracy"] == twice.scores["test_accuracy"]
    averaged = ended(train, tiny, 3, score_over=2, **changes)
    assert averaged.arrays["test_evaluations"].tolist() == [2]


def test_restored_weights_are_scored_once(train, tiny):
    stopping = {"training__early_stopping__patience_epochs": 2}
    once, averaged = (ended(train, tiny, 4, score_over=over, **stopping) for over in (FINAL, 3))
    sampled = {"train_loss", "train_accuracy", "accuracy_gap"}
    assert {name: score for name, score in once.scores.items() if averaged.scores[name] != score}.keys() <= sampled
    assert "test_bits" in averaged.arrays
    kept = ended(train, tiny, 4, score_over=3, training__early_stopping__restore_best=False, **stopping)
    assert kept.arrays["test_evaluations"].tolist() == [min(3, len(kept.curves["epoch"]))]


def test_a_run_of_an_unknown_number_of_epochs_is_averaged_over_its_own_last_ones(train, tiny):
    data = type("Data", (), {"test": (None, type("Labels", (), {"numpy": staticmethod(lambda: np.array([0, 1]))}))})
    window = Window(edit(tiny, score_over=LAST_QUARTER), data, None)
    found = [Evaluation({"a": float(epoch)}, np.array([0, 0]), {"right": np.array([1, epoch % 2])}) for epoch in range(1, 9)]
    window.found = found[:-1]
    means, values, size = window.closed(found[-1], 8)
    assert (means, values["right"].tolist(), size) == ({"a": 7.5}, [2, 1], 2)
    none = window.closed(Evaluation({"a": None}, np.array([0, 0]), {}), 8)
    assert none[0] == {"a": None}, "a score that is missing once is missing"


def test_the_epochs_of_a_budget_are_counted_with_the_last_part():
    recipe = edit(Recipe(), training__batch_size=32)
    assert [planned_epochs(edit(recipe, budget=Budget(*budget)), 100) for budget in (
        ("epochs", 7), ("steps", 4), ("steps", 5), ("examples", 100), ("examples", 101), ("seconds", 3))] == [7, 1, 2, 1, 2, None]
    assert [evaluations(LAST_QUARTER, epochs) for epochs in (1, 4, 7, 8, 20, 10_000)] == [1, 1, 1, 2, 5, 255]


def test_more_evaluations_than_epochs_are_refused():
    recipe = edit(Recipe(), score_over=3, budget=Budget("steps", 8), training__batch_size=32)
    demand_window(recipe, 64)
    with pytest.raises(InputError, match=r"score = \{ last = 3 \}: a run has 2 epochs"):
        demand_window(recipe, 128)
