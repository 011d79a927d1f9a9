"""Techniques for rare classes in training, against Keras' own."""

from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from sklearn.utils.class_weight import compute_class_weight

from dlbench.engines.keras.data.batches import Epoch, batch
from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.keras.loop.program import Tally
from dlbench.engines.keras.loop.train import Trainer, draw, epoch_order
from dlbench.engines.keras.measure.pictures import consumed_batch
from dlbench.engines.keras.network.hooks import acting
from dlbench.engines.keras.network.thresholds import move_thresholds, output_bias
from dlbench.engines.keras.plain.script import demand_plain
from dlbench.engines.protocol import Settings
from dlbench.kernels.imbalance import class_weights
from dlbench.techniques.transfer_learning import pretraining
from dlbench.values.errors import InputError
from dlbench.values.recipe import Imbalance, Recipe, Transfer, edit
from tests.engines.keras.loop.test_program import RARE, weights_of


@pytest.fixture
def rare(tiny):
    return edit(tiny, training__optimizer="sgd", training__learning_rate=0.05, budget__amount=1, **RARE)


def test_class_weights_train_as_keras_fit_with_class_weight(worker, rare):
    recipe = edit(rare, imbalance__class_weights=1.0)
    ours, _ = weights_of(worker, recipe)
    data, program = worker.data(recipe), worker.program(recipe)
    program.reset(recipe, 0)
    (x, y), order = data.train, epoch_order(0, (), 0, len(data.positions))
    x, y = (x.numpy() * data.inputs.scale.numpy() + data.inputs.offset.numpy())[order], y.numpy()[order]
    known = dict(enumerate(compute_class_weight("balanced", classes=np.arange(3), y=y)))
    program.model.compile(keras.optimizers.SGD(0.05), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    program.model.fit(x, y, batch_size=32, shuffle=False, verbose=0, class_weight=known)
    for name, value in program.network.weights().items():
        np.testing.assert_allclose(ours[name], value, rtol=1e-5, atol=1e-6)
    plain, _ = weights_of(worker, rare)
    assert any(np.abs(ours[name] - plain[name]).max() > 1e-3 for name in ours)


def test_an_example_of_weight_two_counts_as_two_examples(worker, rare):
    """With the same mean over a batch: the gradient is linear in the weights, whatever is mixed, smoothed or taught."""
    recipe = edit(rare, imbalance__class_weights=1.0, imbalance__focal_gamma=1.5, regularization__label_smoothing=0.1,
                  augmentation__mixup=0.4)
    data, program = worker.data(recipe), worker.program(recipe)
    program.trace(data.train[0])
    order, drawn = np.arange(24, dtype=np.int32), draw(recipe, 0, data, 0)

    def loss(weights):
        program.reset(recipe, 0)
        return program.train(*data.train, data.inputs, Epoch(order, np.zeros(1, np.float32), *drawn[:2], weights), 24).loss

    one, other = np.random.default_rng(0).random((2, len(data.positions))).astype(np.float32)
    assert loss(one) + 2 * loss(other) == pytest.approx(loss(one + 2 * other), rel=1e-5)
    assert loss(0 * one) == 0 and loss(drawn[2]) > 0


@pytest.mark.slow
def test_they_act_beside_a_frozen_base_xla_and_augmentation(train, rare):
    weighted = edit(rare, imbalance__class_weights=1.0, imbalance__focal_gamma=2.0)
    for other in ({"transfer": Transfer("frozen")}, {"training__xla": True}, {"augmentation__rotate_degrees": 10.0}):
        with_it, without = (train(edit(recipe, **other)) for recipe in (weighted, rare))
        assert with_it.status == without.status == "done", with_it.reason
        assert with_it.controls.weights != without.controls.weights


def test_what_a_teacher_says_is_weighted_too(worker, rare):
    taught = edit(rare, imbalance__class_weights=1.0, distillation__temperature=2.0, distillation__weight=1.0, augmentation__mixup=0.4)
    data, program = worker.data(taught), worker.program(taught)
    order, drawn = np.arange(24, dtype=np.int32), draw(taught, 0, data, 0)

    def loss(weights):
        program.reset(taught, 0)
        program.teacher.initialise(1, ())
        return program.train(*data.train, data.inputs, Epoch(order, np.zeros(1, np.float32), *drawn[:2], weights), 24).loss

    ones = np.ones(len(data.positions), np.float32)
    assert loss(3 * ones) == pytest.approx(3 * loss(ones), rel=1e-5) and loss(ones) > 0


def test_data_on_disk_are_weighted_to_the_same_bits(worker, rare, tmp_path):
    recipe = edit(rare, imbalance__class_weights=1.0, augmentation__mixup=0.4)
    on_disk = KerasEngine(Settings(str(tmp_path), device_bytes=1))
    assert weights_of(on_disk, recipe)[1].controls.weights == weights_of(worker, recipe)[1].controls.weights


def test_scores_are_not_weighted(worker, rare):
    """The loss that is reported of the test and validation parts is the plain cross-entropy."""
    recipe = edit(rare, imbalance__class_weights=1.0, imbalance__focal_gamma=2.0)
    _, result = weights_of(worker, recipe)
    data, program = worker.data(recipe), worker.program(recipe)
    outputs = program.evaluate(*data.test, data.inputs)[2]
    plain = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)(data.test[1], outputs)
    assert result.scores["test_loss"] == pytest.approx(float(plain), rel=1e-5)


def test_balanced_sampling_trains_on_the_classes_alike_in_every_epoch(worker, rare, monkeypatch):
    recipe, seen = edit(rare, imbalance__sampling=1.0, augmentation__rotate_degrees=20.0, budget__amount=3), []
    data, program = worker.data(recipe), worker.program(recipe)
    monkeypatch.setattr(program, "train", lambda x, y, inputs, epoch, size: seen.append(epoch) or Tally(1.0, 1.0, 0.0))
    Trainer(recipe, 0, data, program).run()
    labels = data.train[1].numpy()
    assert len(seen) == 3 and all(np.ptp(np.bincount(labels[epoch.order])) <= 1 for epoch in seen)
    assert all(sorted(epoch.draws) == list(range(len(labels))) for epoch in seen), "every use is augmented by itself"
    assert not np.array_equal(seen[0].order, seen[1].order)


def test_an_example_that_is_drawn_again_is_augmented_otherwise(worker, rare):
    """In the graph and where images are gathered beforehand alike."""
    recipe = edit(rare, augmentation__rotate_degrees=20.0, augmentation__mixup=0.4)
    data = worker.data(recipe)
    epoch = Epoch(np.array([5, 5, 7], np.int32), np.ones(1, np.float32), *draw(recipe, 0, data, 0), np.array([5, 9, 7], np.int32))
    scaling = data.inputs.scale, data.inputs.offset, data.inputs.span
    ahead, _ = consumed_batch(recipe, epoch, data)
    graph, labels = batch(acting(recipe, data.shape), data.train, scaling, tf.constant(epoch.rows), epoch.drawn())
    np.testing.assert_array_equal(ahead, graph)
    assert np.abs(graph[0] - graph[1]).max() > 0.1 and labels.targets[0] == labels.targets[1]


@pytest.mark.parametrize("other", [{}, {"model__precision": "mixed_bfloat16"}, {"compression__bits": 32},
                                   {"training__averaging": 0.9}, {"training__loop": "keras"}], ids=str)
def test_moved_thresholds_correct_the_logits_of_the_trained_network(worker, train, rare, other):
    ours, plain = train(edit(rare, imbalance__thresholds=1.0, **other)), train(edit(rare, **other))
    assert ours.status == "done", ours.reason
    assert ours.curves["train_loss"] == plain.curves["train_loss"], "training is as it was"
    assert ours.controls.weights != plain.controls.weights and ours.scores["test_loss"] != plain.scores["test_loss"]
    if not other:
        data = worker.data(rare)
        outputs = {}
        for power in (0.0, 1.0):
            program = worker.program(edit(rare, imbalance__thresholds=power))
            train(edit(rare, imbalance__thresholds=power))
            outputs[power] = program.evaluate(*data.test, data.inputs)[2]
        shares = np.bincount(data.train[1].numpy()) / len(data.positions)
        np.testing.assert_allclose(outputs[1.0] - outputs[0.0], np.tile(-np.log(shares), (len(outputs[0.0]), 1)), atol=1e-5)


def test_a_teacher_and_a_pretrained_base_keep_the_thresholds_of_their_training(rare):
    moved = edit(rare, imbalance__thresholds=1.0, imbalance__focal_gamma=2.0)
    for recipe in (edit(moved, distillation__temperature=2.0), edit(moved, transfer=Transfer("frozen", (0, 1)))):
        assert pretraining(recipe).imbalance == Imbalance(focal_gamma=2.0)


@pytest.mark.parametrize("units", [1, 2])
def test_thresholds_of_two_classes_move_alike_with_one_logit_and_with_two(units):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(units)])
    network, x = SimpleNamespace(model=model, shape=(3,), units=units), np.ones((5, 3), np.float32)
    before = np.asarray(model(x))
    move_thresholds(network, "mine", np.array([0.25, 3.0], np.float32))
    np.testing.assert_allclose(np.asarray(model(x)) - before, np.tile([2.75] if units == 1 else [0.25, 3.0], (5, 1)), rtol=1e-5)


def test_a_network_without_a_bias_at_its_end_is_refused():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.Dense(2, use_bias=False)])
    with pytest.raises(InputError, match="model 'mine': threshold_moving changes the bias of its output layer"):
        output_bias(SimpleNamespace(model=model, shape=(3,), units=2), "mine")


COSTS = np.random.default_rng(2).integers(0, 5, 200) / 2


@pytest.fixture
def weighted(tmp_path, rare):
    """An engine and a recipe for a table whose column ``cost`` weighs its rows; ``factor`` multiplies it."""
    draw = np.random.default_rng(0)
    table = pd.DataFrame(draw.normal(size=(200, 3)), columns=list("abc")).assign(label=draw.integers(0, 3, 200))

    def make(factor=1.0, **fields):
        table.assign(cost=factor * COSTS).to_csv(tmp_path / "t.csv", index=False)
        recipe = edit(rare, data__source="csv:t.csv", data__weight="cost", data__normalization="none", model__name="mlp",
                      model__options=(("hidden", 8),), **fields)
        return KerasEngine(Settings(str(tmp_path / f"cache{factor}"), str(tmp_path))), recipe

    return make


def test_a_column_of_weights_trains_as_keras_fit_with_sample_weight(weighted):
    engine, recipe = weighted()
    ours, result = weights_of(engine, recipe)
    data, program = engine.data(recipe), engine.program(recipe)
    assert data.shape == (3,), "the weight is no feature"
    program.reset(recipe, 0)
    order = epoch_order(0, (), 0, len(data.positions))
    costs = COSTS[data.positions] / COSTS[data.positions].mean()
    program.model.compile(keras.optimizers.SGD(0.05), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    program.model.fit(data.train[0].numpy()[order], data.train[1].numpy()[order], batch_size=32, shuffle=False, verbose=0,
                      sample_weight=costs[order])
    for name, value in program.network.weights().items():
        np.testing.assert_allclose(ours[name], value, rtol=1e-5, atol=1e-6)
    outputs = program.evaluate(*data.test, data.inputs)[2]
    plain = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(data.test[1], outputs)
    assert result.scores["test_loss"] == pytest.approx(float(plain), rel=1e-4), "scores are not weighted"


def test_only_the_ratios_of_weights_matter_and_class_weights_multiply_them(weighted):
    (engine, recipe), (other, same) = weighted(), weighted(1024.0)
    assert weights_of(engine, recipe)[1].controls.weights == weights_of(other, same)[1].controls.weights
    both = edit(recipe, imbalance__class_weights=1.0)
    data = engine.data(both)
    wanted = data.weights * class_weights(data.train[1].numpy(), 1.0)
    np.testing.assert_allclose(draw(both, 0, data, 0)[2], wanted, rtol=1e-6)
    plain = edit(recipe, data__weight=None, data__features=("a", "b", "c"))
    assert weights_of(engine, plain)[1].controls.weights != weights_of(engine, recipe)[1].controls.weights


def test_a_plain_script_of_weighted_rows_is_refused():
    with pytest.raises(InputError, match=r"no plain Keras script is written for data\.weight = cost"):
        demand_plain(edit(Recipe(), data__weight="cost"))
