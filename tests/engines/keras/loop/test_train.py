import math

import numpy as np
import pytest

from dlbench.engines.keras.loop.train import epoch_order
from dlbench.engines.keras.measure.scoring import time_to_target
from dlbench.techniques.transfer_learning import pretraining
from dlbench.values.recipe import Budget, Recipe, Transfer, edit
from dlbench.values.window import total_steps


def test_mnist_is_938_steps_of_64_the_last_of_32():
    assert total_steps(Budget("epochs", 1), 60_000, 64) == 938 and 60_000 - 937 * 64 == 32


@pytest.mark.parametrize("budget, steps, examples", [
    (Budget("epochs", 3), 12, 300), (Budget("steps", 6), 6, 164), (Budget("examples", 150), 6, 164),
    (Budget("examples", 32), 1, 32),
])
def test_budgets_are_kept_exactly(train, tiny, budget, steps, examples):
    cost = train(edit(tiny, budget=budget)).cost
    assert (cost.steps, cost.examples) == (steps, examples)


def test_a_budget_in_seconds_ends_the_run_soon_after(train, tiny):
    cost = train(edit(tiny, budget=Budget("seconds", 0.5))).cost
    assert 0.5 <= cost.train_s < 5 and cost.steps > 4


def test_every_epoch_uses_each_example_once_in_an_order_of_its_own():
    orders = [epoch_order(0, (), epoch, 50) for epoch in range(3)]
    for order in orders:
        assert sorted(order) == list(range(50))
    assert len({tuple(order) for order in orders}) == 3
    assert not np.array_equal(epoch_order(0, ("order",), 0, 50), orders[0])


def test_the_order_does_not_depend_on_the_batch_size(train, tiny):
    one, other = (train(edit(tiny, training__batch_size=size)).controls for size in (16, 64))
    assert one.order == other.order and one.weights != other.weights


def test_redrawing_a_stream_moves_that_stream_alone(train, tiny):
    base = train(edit(tiny, model__dropout=0.5)).controls
    for stream in ("init", "order", "augment", "dropout"):
        redrawn = train(edit(tiny, model__dropout=0.5, redrawn=(stream,))).controls
        assert (redrawn.order != base.order) == (stream == "order")
        assert (redrawn.init != base.init) == (stream == "init")
        assert (redrawn.weights != base.weights) == (stream != "augment"), "nothing draws from augment here"


def test_early_stopping_stops_restores_the_best_and_says_so(train, tiny):
    recipe = edit(tiny, budget__amount=60, training__learning_rate=0.03, training__early_stopping__patience_epochs=3)
    result = train(recipe)
    losses = result.curves["validation_loss"]
    assert result.controls.acted == {"early_stopping": True}
    assert len(losses) == np.argmin(losses) + 1 + 3 < 60
    assert result.scores["validation_loss"] == pytest.approx(min(losses), rel=1e-6)
    last = train(edit(recipe, training__early_stopping__restore_best=False))
    assert last.scores["validation_loss"] == pytest.approx(losses[-1], rel=1e-6)


def test_early_stopping_that_never_stops_is_inert(train, tiny):
    result = train(edit(tiny, training__early_stopping__patience_epochs=50))
    assert result.controls.acted == {"early_stopping": False}


def test_a_plateau_cuts_the_rate_that_the_loop_uses(train, tiny):
    recipe = edit(tiny, budget__amount=8, training__learning_rate=1e-12, training__schedule__kind="plateau",
                  training__schedule__factor=0.2, training__schedule__patience_epochs=2)
    rates = train(recipe).curves["learning_rate"]
    np.testing.assert_allclose(np.array(rates) / 1e-12, [1, 1, 1, 0.2, 0.2, 0.04, 0.04, 0.008], rtol=1e-3)


def test_a_run_that_diverges_says_when_and_has_no_scores(train, tiny):
    result = train(edit(tiny, training__optimizer="sgd", training__learning_rate=1e30))
    assert result.status == "diverged" and "epoch 1" in result.reason and result.scores == {}


def test_time_to_target_is_the_first_epoch_or_censored():
    curves = {"validation_accuracy": [0.2, 0.6, 0.5, 0.7], "validation_loss": [2, 1, 0.5, 0.4], "seconds": [1, 2, 3, 4]}
    recipe = edit(Recipe(), target=0.6)
    assert time_to_target(recipe, curves, 10, "test_accuracy") == {"target_epoch": 2, "target_step": 20, "target_s": 2}
    assert time_to_target(recipe, curves, 10, "test_loss")["target_epoch"] == 3
    assert set(time_to_target(edit(recipe, target=0.9), curves, 10, "test_accuracy").values()) == {None}


def test_without_a_validation_split_there_are_no_validation_scores(train, tiny):
    result = train(edit(tiny, data__validation=0.0))
    assert "validation_loss" not in result.scores and all(map(math.isnan, result.curves["validation_loss"]))


@pytest.fixture(scope="module")
def pretrained(train, tiny):
    target = edit(tiny, data__classes=(5, 6, 7, 8, 9), data__examples=None, data__labels_per_class=5)
    recipe = edit(target, transfer=Transfer("frozen", (0, 1, 2, 3, 4)))
    arrays = train(pretraining(recipe)).arrays
    weights = {name.removeprefix("weights/"): value for name, value in arrays.items() if name.startswith("weights/")}
    return target, weights


BASE = {"conv2d_1", "conv2d_2", "conv2d_3"}


@pytest.mark.parametrize("mode, moves", [("frozen", False), ("finetune", True), ("article", True)])
def test_transfer_carries_the_base_over_and_draws_the_head_anew(train, worker, pretrained, mode, moves):
    target, weights = pretrained
    rate = 1e-4 if mode == "finetune" else None
    recipe = edit(target, transfer=Transfer(mode, (0, 1, 2, 3, 4), rate))
    scratch, moved = train(target).controls.init, train(recipe, weights=weights).controls
    for layer, digest in moved.init.items():
        assert (digest == scratch[layer]) == (layer not in BASE), layer
    after = worker.program(recipe).network.weights()
    assert np.array_equal(after["conv2d_1/kernel"], weights["conv2d_1/kernel"]) != moves


def test_fine_tuning_moves_the_base_by_its_own_rate(train, worker, pretrained):
    target, weights = pretrained

    def moved(rate):
        recipe = edit(target, transfer=Transfer("finetune", (0, 1, 2, 3, 4), rate))
        train(recipe, weights=weights)
        return np.abs(worker.program(recipe).network.weights()["conv2d_1/kernel"] - weights["conv2d_1/kernel"]).max()

    assert 0 < moved(1e-6) < moved(1e-4) < moved(1e-2)
