"""Images that grow while training goes on: what each epoch is trained on, what it costs, and which networks take it."""

import math

import keras
import numpy as np
import pytest

from dlbench.engines.keras.data.batches import Epoch
from dlbench.engines.keras.lengths import shared
from dlbench.engines.keras.loop import program as of_programs
from dlbench.engines.keras.loop.train import NO_MAPS
from dlbench.engines.keras.network.cost import macs
from dlbench.engines.keras.network.network import Network
from dlbench.engines.protocol import RunInputs
from dlbench.study.fitting import clashes
from dlbench.techniques import technique
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe, edit
from tests.engines.keras.test_lengths import without_times

HALF = {"training__resizing__start": 0.5, "training__resizing__stages": 2}


@pytest.fixture
def pooled(tiny):
    return edit(tiny, model__pooling="average", budget__amount=4)


def run(worker, recipe):
    outcome = worker.run(recipe, 0, RunInputs("test_accuracy"))
    assert outcome.status == "done", outcome.reason
    return outcome


def test_images_of_their_own_size_in_all_stages_are_the_baseline_to_the_bit(worker, pooled):
    whole = edit(pooled, training__resizing__start=1.0)
    np.testing.assert_equal(without_times(run(worker, whole)), without_times(run(worker, pooled)))


def test_it_trains_on_small_images_first_and_is_scored_on_whole_ones(worker, pooled, monkeypatch):
    seen, trained_on = [], of_programs.Program._trained_on
    monkeypatch.setattr(of_programs.Program, "_trained_on", lambda self, size: seen.append(size) or trained_on(self, size))
    ours, plain = run(worker, edit(pooled, **HALF)), run(worker, pooled)
    assert seen[:4] == [(4, 4), (4, 4), None, None] and set(seen[4:]) == {None}
    assert ours.controls.init == plain.controls.init and ours.controls.order == plain.controls.order
    assert ours.controls.evaluation == plain.controls.evaluation and ours.controls.weights != plain.controls.weights
    assert ours.controls.global_draws == ()
    assert np.isfinite(ours.curves["validation_loss"]).all() and ours.curves["train_loss"][0] != plain.curves["train_loss"][0]


def test_training_on_small_images_is_training_on_images_that_were_made_small(worker, tiny):
    """A network without padding at edges or pooling: the mean of pixels and a dense layer."""
    recipe = edit(tiny, model__name=f"{__name__}:linear", model__options=(), training__optimizer="sgd", training__learning_rate=0.1,
                  data__normalization="none", training__resizing__stages=2, training__resizing__start=0.5)
    made = edit(recipe, data__source=f"{__name__}:halved_digits", data__examples=None, training__resizing__start=0.0)
    whole = edit(made, data__source=f"{__name__}:whole_digits", training__resizing__start=0.5)
    first, halved = run(worker, whole), run(worker, made)
    assert first.curves["train_loss"][0] == pytest.approx(halved.curves["train_loss"][0], rel=1e-5)
    assert first.curves["train_loss"][1] != pytest.approx(halved.curves["train_loss"][1], rel=1e-5)


def whole_digits():
    y = np.arange(120) % 4
    x = np.random.default_rng(0).random((120, 8, 8, 1)) + y[:, None, None, None]
    return x.astype(np.float32), y


def halved_digits():
    """The same images, made half as large by the triangle filter."""
    x, y = whole_digits()
    centre = (np.arange(4)[:, None] + 0.5) * 2
    share = np.maximum(0, 1 - np.abs(np.arange(8) + 0.5 - centre) / 2)
    share /= share.sum(axis=1, keepdims=True)
    return np.einsum("hi,wj,bijc->bhwc", share, share, x).astype(np.float32), y


def linear(shape, classes):
    layers = keras.layers
    return keras.Sequential([keras.Input(shape), layers.Conv2D(8, 3, activation="relu"), layers.GlobalAveragePooling2D(),
                             layers.Dense(classes)])


def test_the_cost_counts_each_example_at_the_size_that_it_had(worker, pooled):
    plain, ours = run(worker, pooled), run(worker, edit(pooled, **HALF))
    network, examples = worker.program(pooled).network, plain.cost.examples
    fresh = Network(edit(pooled, model__options=(("hidden", 16), ("width", 4))), (4, 4, 1), 10)
    assert plain.cost.train_macs == examples * network.macs and ours.cost.macs == plain.cost.macs
    assert ours.cost.train_macs == examples // 2 * (network.macs + macs(fresh.model, (4, 4, 1)))
    assert (ours.cost.steps, ours.cost.examples, ours.cost.parameters) == (plain.cost.steps, plain.cost.examples, plain.cost.parameters)
    three = run(worker, edit(pooled, scoring__members=3))
    assert three.cost.train_macs == 3 * plain.cost.train_macs


@pytest.mark.parametrize("fields", [
    {"model__normalization": "batch", "augmentation__mixup": 0.2, "augmentation__rotate_degrees": 10.0, "model__dropout": 0.2},
    pytest.param({"model__name": "resnet20", "model__options": (("blocks", 1), ("width", 4)), "model__pooling": None},
                 marks=pytest.mark.slow)], ids=["mixed", "resnet20"])
def test_it_goes_together_with_augmentation_and_other_networks(fields, worker, pooled):
    ours = run(worker, edit(pooled, **HALF, **fields))
    assert math.isfinite(ours.scores["test_loss"])


@pytest.mark.parametrize("fields", [{"model__pooling": None}, {"model__name": "mlp", "model__options": (), "model__pooling": None}],
                         ids=["flattened", "mlp"])
def test_a_network_whose_weights_depend_on_the_size_is_refused(fields, worker, pooled):
    with pytest.raises(InputError, match=r"progressive_resizing trains on images of 4x4, and model '.*' does not take them"):
        worker.prepare([edit(pooled, **HALF, **fields)])


def test_a_run_of_fewer_epochs_than_stages_is_refused(worker, pooled):
    with pytest.raises(InputError, match="stages = 5 of progressive_resizing: a run has 4 epochs; accepted: from 2 to as many"):
        worker.prepare([edit(pooled, **HALF | {"training__resizing__stages": 5})])


def test_another_length_is_trained_for_and_another_end_is_not():
    whole = technique("progressive_resizing").apply(edit(Recipe(), budget__amount=8), start=0.5, stages=4)
    assert not shared(whole, edit(whole, budget__amount=4)) and shared(whole, edit(whole, scoring__flip=True))


@pytest.mark.parametrize(("fields", "words"), [
    ({"budget__unit": "seconds"}, "progressive_resizing needs a budget whose epochs are known beforehand"),
    ({"distillation__temperature": 2.0}, "distillation's teacher is for images of its own size"),
    ({"training__loop": "keras"}, "loop = 'keras' is the plain reference and has no progressive_resizing"),
    ({"training__devices": 2}, "progressive_resizing is for one device"),
])
def test_what_cannot_go_together_is_refused(fields, words):
    arm, alone = edit(Recipe(), **HALF, **fields), edit(Recipe(), **fields)
    new = {told for told, clash in clashes(arm) if clash} - {told for told, clash in clashes(alone) if clash}
    assert len(new) == 1 and new.pop().startswith(words)


def test_a_stretch_of_an_epoch_whose_images_were_read_beforehand_has_its_size():
    epoch = Epoch(np.arange(10), np.ones(3, np.float32), NO_MAPS, size=(4, 4))
    assert epoch.part(slice(0, 4), 4).size == (4, 4)
