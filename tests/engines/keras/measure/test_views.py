"""Scores of predictions that are averaged over views: by both loops, for every task, and nothing of training changes."""

import numpy as np
import pytest

from dlbench.engines.keras.tasks import answering
from dlbench.engines.protocol import RunInputs
from dlbench.study.fitting import clashes
from dlbench.techniques import technique
from dlbench.techniques.transfer_learning import pretraining
from dlbench.values.identity import run_ids
from dlbench.values.recipe import Recipe, edit
from dlbench.values.scoring import Scoring, views
from tests.selection import mostly_slow

TEN = {"scoring__flip": True, "scoring__crop_px": 1}
TASKS = {
    "classes": {}, "two classes": {"data__classes": (3, 8), "data__examples": None},
    "labels": {"data__source": "tests.engines.keras.test_controlled:labelled", "data__task": "multi_label"},
    "numbers": {"data__source": "tests.engines.keras.measure.test_views:sums", "data__task": "regression"},
}


def sums():
    """200 images and the sums of their left halves."""
    x = np.random.default_rng(0).random((200, 8, 8, 1)).astype(np.float32)
    return x, x[:, :, :4].sum(axis=(1, 2, 3)).astype(np.float64)


def symmetric():
    """200 images of 4 classes that are their own mirror images."""
    y = np.arange(200) % 4
    half = np.random.default_rng(0).integers(0, 100, (200, 8, 4, 1)) + 30 * y[:, None, None, None]
    return np.concatenate([half, half[:, :, ::-1]], axis=2).astype(np.uint8), y


def run(worker, recipe):
    """Train a recipe; its outcome, its program and its data."""
    outcome = worker.run(recipe, 0, RunInputs("test_accuracy"))
    assert outcome.status == "done", outcome.reason
    return outcome, worker.program(recipe), worker.data(recipe)


def cut(x, view):
    """One view of images, by numpy."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    crop = padded[:, 1 + view.down_px :][:, : x.shape[1], 1 + view.right_px :][:, :, : x.shape[2]]
    return crop[:, :, ::-1] if view.mirrored else crop


@pytest.mark.parametrize("fields", mostly_slow(TASKS, "classes", "numbers"))
def test_predictions_are_the_mean_over_views_of_those_of_the_same_network(fields, worker, tiny):
    recipe = edit(tiny, **{"training__learning_rate": 0.01, "budget__amount": 8, **fields})
    plain, program, data = run(worker, recipe)
    predict = answering(recipe.data).predictions
    outputs = [program.evaluate(cut(data.test[0].numpy(), view), data.test[1], data.inputs)[2] for view in views(Scoring(True, 1))]
    each = [predict(one, data.scaling) for one in outputs]
    weights = program.network.weights()
    ours, averaging, _ = run(worker, edit(recipe, **TEN))
    got = predict(averaging.evaluate(*data.test, data.inputs)[2], data.scaling)
    np.testing.assert_allclose(got, np.mean(each, axis=0), rtol=1e-3, atol=1e-5)
    assert np.abs(got - each[0]).max() > 0.01, "the views differ"
    of_mean = predict(np.mean(outputs, axis=0), data.scaling)
    assert recipe.data.task != "classification" or np.abs(got - of_mean).max() > 0.003, "the mean of logits gives other probabilities"
    assert all(np.array_equal(value, weights[name]) for name, value in averaging.network.weights().items())
    assert ours.curves["train_loss"] == plain.curves["train_loss"] and ours.curves["validation_loss"] != plain.curves["validation_loss"]


def test_both_loops_score_by_the_same_views(worker, tiny):
    ours, theirs = (run(worker, edit(tiny, **TEN, training__loop=loop))[0] for loop in ("compiled", "keras"))
    assert ours.scores["test_loss"] == pytest.approx(theirs.scores["test_loss"], rel=1e-3)


def test_mirroring_images_that_are_their_own_mirror_images_scores_as_before(worker, tiny):
    recipe = edit(tiny, data__source="tests.engines.keras.measure.test_views:symmetric", data__examples=None)
    plain, ours = (run(worker, one)[0] for one in (recipe, edit(recipe, scoring__flip=True)))
    assert ours.scores["test_loss"] == pytest.approx(plain.scores["test_loss"], rel=1e-4)
    assert ours.scores["test_accuracy"] == plain.scores["test_accuracy"]


def test_the_cost_of_an_answer_counts_all_views_and_the_weights_say_that_something_acts(worker, tiny):
    plain, ours = (run(worker, one)[0] for one in (tiny, edit(tiny, **TEN)))
    assert ours.cost.macs == 10 * plain.cost.macs and ours.cost.parameters == plain.cost.parameters
    assert ours.controls.weights != plain.controls.weights and ours.controls.init == plain.controls.init


def test_runs_without_it_keep_their_identity_and_without_views_there_is_nothing_to_compare():
    off = technique("test_time_augmentation").apply(Recipe(), flip=False, pad=0)
    assert off == Recipe() and run_ids(off, [0]) == run_ids(Recipe(), [0])


def test_a_converted_network_is_refused():
    both = edit(Recipe(), compression__bits=8, **TEN)
    assert [words for words, clash in clashes(both) if clash] == [
        "quantization converts the network alone, and test_time_augmentation averages several of its answers; accepted: one of them"]


@pytest.mark.parametrize("pretrained", [{"transfer__source_classes": (0, 1)}, {"distillation__temperature": 2.0}], ids=str)
def test_a_run_that_weights_come_from_is_shared_with_the_arms_that_are_scored_by_one_view(pretrained):
    from_one, from_ten = (edit(Recipe(), **pretrained, **fields) for fields in ({}, TEN))
    first = [pretraining(one) for one in (from_one, from_ten)]
    assert first[0] == first[1]
