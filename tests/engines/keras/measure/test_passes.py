"""Scores of predictions that are averaged over passes with dropout: for every task and both loops, and nothing of training changes."""

import keras
import numpy as np
import pytest

from dlbench.engines.keras.lengths import shared
from dlbench.engines.keras.network.layers import dropout
from dlbench.engines.keras.network.sampling import dropouts
from dlbench.engines.keras.tasks import answering
from dlbench.engines.protocol import RunInputs
from dlbench.study.fitting import clashes
from dlbench.techniques import technique
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe, edit
from tests.engines.keras.measure.test_views import TASKS, run
from tests.selection import mostly_slow

DROPPING = {"model__dropout": 0.4, "model__dropout_place": "both", "training__learning_rate": 0.01}
MC = {"scoring__passes": 8}


def answers(program, data):
    return program.evaluate(*data.test, data.inputs)[2]


def dropping_twice(shape, classes):
    """A model of the user's own, with two layers of Keras' that drop and one that normalises batches, which stays as in scoring."""
    layers = keras.layers
    return keras.Sequential([keras.Input(shape), layers.Conv2D(4, 3, activation="relu"), layers.SpatialDropout2D(0.3),
                             layers.BatchNormalization(), layers.Flatten(), layers.GaussianDropout(0.2), layers.Dense(classes)])


def always_dropping(shape, classes):
    """A model that drops in scoring too, by its own code."""
    class Always(keras.layers.Dropout):
        def call(self, inputs):
            return super().call(inputs, training=True)

    return keras.Sequential([keras.Input(shape), keras.layers.Flatten(), Always(0.5), keras.layers.Dense(classes)])


@pytest.mark.parametrize("fields", mostly_slow(TASKS, "classes"))
def test_predictions_are_the_mean_of_several_that_differ_and_training_is_the_same(fields, worker, tiny):
    recipe = edit(tiny, **DROPPING, **fields)
    plain, program, data = run(worker, recipe)
    without = answers(program, data)
    weights = program.network.weights()
    ours, averaging, _ = run(worker, edit(recipe, **MC))
    assert all(np.array_equal(value, weights[name]) for name, value in averaging.network.weights().items())
    assert ours.curves["train_loss"] == plain.curves["train_loss"] and ours.controls.init == plain.controls.init
    predict, one = answering(recipe.data).predictions, averaging.scored_by(edit(recipe, scoring__passes=1), data.train[0])
    drawn = [predict(answers(one, data), data.scaling)]
    streams = averaging.network.scoring_seed
    for number in range(1, 400):
        one.network.scoring_seed = lambda layer, place, number=number: streams(f"{layer} {number}", place)
        drawn.append(predict(answers(one, data), data.scaling))
    del one.network.scoring_seed
    spread = np.std(drawn, axis=0)
    assert np.median(spread) > 1e-4, "passes differ"
    many = averaging.scored_by(edit(recipe, scoring__passes=400), data.train[0])
    apart = predict(answers(many, data), data.scaling) - np.mean(drawn, axis=0)
    assert np.abs(apart).max() < 6 * np.sqrt(2 / 400) * spread.max()
    assert np.abs(predict(answers(averaging, data), data.scaling) - predict(without, data.scaling)).max() > 1e-3


def test_one_pass_at_rate_0_is_plain_scoring_to_the_bit(worker, tiny):
    recipe = edit(tiny, **DROPPING)
    _, program, data = run(worker, recipe)
    one = program.scored_by(edit(recipe, scoring__passes=1), data.train[0])
    assert not np.array_equal(answers(one, data), answers(program, data))
    program.network.numbers["model.dropout"].assign(0.0)
    assert np.array_equal(answers(one, data), answers(program, data))


def test_one_pass_drops_the_share_that_training_drops(worker, tiny):
    x = np.ones((2000, 10), np.float32)
    assert np.mean(dropout(x, 0.4, (1, 2)).numpy() == 0) == pytest.approx(0.4, abs=0.02)
    recipe = edit(tiny, model__name="mlp", model__options=(("hidden", 16),), model__dropout=0.4)
    assert len(dropouts(run(worker, recipe)[1].model)) == 1


def test_draws_are_those_of_the_seed_alone_however_often_and_with_whom_it_is_scored(worker, tiny):
    recipe = edit(tiny, **DROPPING, **MC)
    _, program, data = run(worker, recipe)
    first = answers(program, data)
    assert np.array_equal(first, answers(program, data))
    program.network.streams = (1, ())
    assert not np.array_equal(first, answers(program, data))
    program.network.streams = (0, ("dropout",))
    assert not np.array_equal(first, answers(program, data)), "the stream `dropout` is redrawn with the others"


def test_layers_of_keras_own_drop_and_batch_normalisation_does_not_train(worker, tiny):
    recipe = edit(tiny, model__name=f"{__name__}:dropping_twice", model__options=())
    _, program, data = run(worker, recipe)
    without, weights = answers(program, data), program.model.get_weights()
    assert len(dropouts(program.model)) == 2
    averaging = program.scored_by(edit(recipe, **MC), data.train[0])
    assert not np.array_equal(answers(averaging, data), without)
    assert all(map(np.array_equal, program.model.get_weights(), weights)) and np.array_equal(answers(program, data), without)


def without_bias(shape, classes):
    """A model whose logits no weight is added to."""
    return keras.Sequential([keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(classes, use_bias=False)])


@pytest.mark.parametrize("fields", [{}, {"model__name": f"{__name__}:always_dropping", "model__options": ()}], ids=["none", "always on"])
def test_a_model_without_dropout_that_can_be_kept_on_is_refused(fields, worker, tiny):
    with pytest.raises(InputError, match="has no dropout layer; accepted: a model that has one, or the technique dropout"):
        worker.run(edit(tiny, **fields, **MC), 0, RunInputs("test_accuracy"))


@pytest.mark.parametrize(("refused", "words"), [
    (MC, "has no dropout layer"),
    ({"model__name": "mlp", "model__options": (), "training__resizing__start": 0.5}, "progressive_resizing"),
    ({"model__name": f"{__name__}:without_bias", "model__options": (), "imbalance__thresholds": 1.0}, "threshold_moving")])
def test_an_arm_is_refused_before_any_run_beside_one_of_the_same_network(refused, words, worker, tiny):
    of_model = {name: value for name, value in refused.items() if name.startswith("model")}
    allowed = edit(tiny, **of_model)
    worker.prepare([allowed])
    with pytest.raises(InputError, match=words):
        worker.prepare([allowed, edit(tiny, **refused)])


def test_both_loops_score_by_passes(worker, tiny):
    ours, theirs = (run(worker, edit(tiny, **DROPPING, **MC, training__loop=loop))[0] for loop in ("compiled", "keras"))
    assert ours.scores["test_loss"] == pytest.approx(theirs.scores["test_loss"], rel=1e-3)


def test_the_cost_of_an_answer_counts_all_passes_and_the_weights_say_that_something_acts(worker, tiny):
    plain, ours, both = (run(worker, edit(tiny, **DROPPING, **more))[0] for more in ({}, MC, MC | {"scoring__flip": True}))
    assert ours.cost.macs == 8 * plain.cost.macs and both.cost.macs == 16 * plain.cost.macs
    assert ours.cost.parameters == plain.cost.parameters and ours.controls.global_draws == ()
    assert len({one.controls.weights for one in (plain, ours, both)}) == 3


def test_it_is_read_off_the_training_that_it_shares_and_a_converted_network_is_refused():
    recipe = edit(Recipe(), model__dropout=0.4)
    arm = technique("mc_dropout").apply(recipe, passes=5)
    assert shared(recipe, arm) and not shared(arm, recipe) and not shared(Recipe(), arm)
    assert [words for words, clash in clashes(edit(arm, compression__bits=8)) if clash] == [
        "quantization converts the network alone, and mc_dropout averages several of its answers; accepted: one of them"]
