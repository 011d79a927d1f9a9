"""A run that is read off another one has every bit of a run that is trained by itself, and what depends on the length is not read off."""

import numpy as np
import pytest

from dlbench.engines.keras.lengths import shared
from dlbench.engines.keras.loop.program import Program
from dlbench.engines.protocol import RunInputs
from dlbench.values.recipe import Budget, Recipe, edit
from dlbench.values.record import Status
from dlbench.values.sharing import in_order
from tests.engines.keras.loop.test_program import RARE
from tests.selection import mostly_slow

RECIPES = {
    "plain": {},
    "batch normalisation, dropout, augmentation, last quarter": {
        "model__normalization": "batch", "model__dropout": 0.3, "augmentation__rotate_degrees": 10.0, "augmentation__mixup": 0.2,
        "score_over": "last_quarter"},
    "moving averages, means over epochs": {"training__averaging": 0.9, "score_over": 2},
    "plateau": {"training__schedule__kind": "plateau", "training__schedule__patience_epochs": 1, "training__schedule__min_delta": 0.5},
    "steps, clipping, a target, gradient norms": {
        "training__schedule__kind": "step", "training__schedule__every_epochs": 2, "training__clip_norm": 0.5, "target": 0.2,
        "measure": ("gradient_norms",)},
    "folds": {"data__folds": 3},
    "rare classes": {**RARE, "imbalance__class_weights": 0.5, "imbalance__sampling": 0.5, "imbalance__focal_gamma": 1.0},
}
"""Where a run that is read off has every bit with several of these together, it has with each."""


def without_times(outcome):
    curves = {name: values for name, values in outcome.curves.items() if name != "seconds"}
    scores = {name: value for name, value in outcome.scores.items() if name != "target_s"}
    cost = {name: getattr(outcome.cost, name) for name in ("parameters", "epochs", "steps", "planned_steps", "examples", "train_scored")}
    return outcome.status, outcome.reason, scores, curves, outcome.controls, cost, {k: v.tolist() for k, v in outcome.arrays.items()}


@pytest.mark.parametrize("changed", RECIPES.values(), ids=RECIPES)
def test_every_bit_is_that_of_a_run_of_its_own(worker, tiny, changed):
    recipe = edit(tiny, **changed)
    long, *shorter = (edit(recipe, budget__amount=epochs) for epochs in (6, 2, 4))
    assert all(shared(long, short) == 1 for short in shorter)
    inputs = RunInputs("test_accuracy", others=tuple(shorter))
    whole, plain = worker.run(long, 1, inputs), worker.run(long, 1, RunInputs("test_accuracy"))
    np.testing.assert_equal(without_times(whole), without_times(plain))
    assert len(whole.others) == 2 and plain.others == ()
    for short, read in zip(shorter, whole.others):
        np.testing.assert_equal(without_times(read), without_times(worker.run(short, 1, RunInputs("test_accuracy"))))
    assert whole.others[0].controls.weights != whole.others[1].controls.weights != whole.controls.weights


STOPPING = {"training__early_stopping__patience_epochs": 2, "training__early_stopping__min_delta": 0.01}
ENDS = {
    "best weights": STOPPING,
    "last weights": STOPPING | {"training__early_stopping__restore_best": False},
    "never stops": {"training__early_stopping__patience_epochs": 50},
    "never stops, last weights": {"training__early_stopping__patience_epochs": 50, "training__early_stopping__restore_best": False},
    "stops in fewer epochs": STOPPING | {"budget__amount": 4},
    "float16": {"compression__bits": 16},
    "stops, int8": STOPPING | {"compression__bits": 8},
    "moved thresholds": {"imbalance__thresholds": 0.5},
}
VIEWS = {"views": {"scoring__flip": True}, "views, stops": STOPPING | {"scoring__crop_px": 1}}
TRAINED = {
    "plain": {},
    "means over epochs, dropout": {"score_over": 2, "model__dropout": 0.3, "model__normalization": "batch"},
    "moving averages": {"training__averaging": 0.9, "score_over": "last_quarter"},
    "plateau": {"training__schedule__kind": "plateau", "training__schedule__patience_epochs": 1, "training__schedule__min_delta": 0.5},
    "max norm": {"regularization__max_norm": 0.5},
}


@pytest.mark.parametrize("changed", mostly_slow(TRAINED, "means over epochs, dropout"))
def test_runs_that_end_in_another_way_have_every_bit_of_runs_of_their_own(worker, tiny, changed):
    whole = edit(tiny, **RARE, **changed, training__learning_rate=0.02, budget__amount=9)
    ends = ENDS | ({} if whole.training.schedule.kind == "plateau" else VIEWS)
    others = tuple(edit(whole, **end) for end in ends.values())
    assert all(shared(whole, other) == 1 for other in others) and not any(shared(other, whole) for other in others)
    ended, alone = (worker.run(whole, 2, RunInputs("test_accuracy", others=read)) for read in (others, ()))
    np.testing.assert_equal(without_times(ended), without_times(alone))
    for name, other, read in zip(ends, others, ended.others, strict=True):
        np.testing.assert_equal(without_times(read), without_times(worker.run(other, 2, RunInputs("test_accuracy"))), err_msg=name)
    first, last, never = (ended.others[place] for place in range(3))
    assert first.cost.epochs == last.cost.epochs < never.cost.epochs == 9, "early stopping no longer acts in this recipe"
    assert len({one.controls.weights for one in (ended, first, last)}) == 3


def fitting(changes, changed):
    """What a recipe can be changed by: numbers of 16 bits are not converted to fewer."""
    return [change for change in changes.values() if not ("model__precision" in changed and "compression__bits" in change)]


AVERAGED = {
    "batch normalisation, dropout, means over epochs": {"model__normalization": "batch", "model__dropout": 0.3, "score_over": 2},
    "clipping, noise, max norm, step, gradient norms": {
        "training__clip_norm": 0.5, "training__gradient_noise": 0.01, "regularization__max_norm": 0.5, "training__schedule__kind": "step",
        "training__schedule__every_epochs": 3, "measure": ("gradient_norms",), "training__optimizer": "momentum"},
    "float16": {"model__precision": "mixed_float16", "target": 0.2},
}


@pytest.mark.parametrize("changed", mostly_slow(AVERAGED))
def test_runs_without_averages_have_every_bit_of_runs_of_their_own_when_read_off_one_that_averages(worker, tiny, changed):
    plain = edit(tiny, **RARE, **changed, training__learning_rate=0.02, budget__amount=7)
    averaging = edit(plain, training__averaging=0.9)
    ends = (edit(plain, **end) for end in fitting(ENDS | VIEWS, changed))
    others = (edit(plain, budget__amount=3), plain, *ends, edit(averaging, **STOPPING))
    assert all(shared(averaging, other) == 1 for other in others) and not any(shared(other, averaging) for other in others)
    ended, alone = (worker.run(averaging, 2, RunInputs("test_accuracy", others=read)) for read in (others, ()))
    np.testing.assert_equal(without_times(ended), without_times(alone))
    for place, (other, read) in enumerate(zip(others, ended.others, strict=True)):
        np.testing.assert_equal(without_times(read), without_times(worker.run(other, 2, RunInputs("test_accuracy"))), err_msg=f"{place}")
    assert ended.others[1].controls.weights != ended.controls.weights
    assert ended.others[1].curves["train_loss"] == ended.curves["train_loss"] and ended.others[1].controls.order == ended.controls.order


@pytest.mark.parametrize("changed", [
    {"training__xla": True}, {"training__devices": 2}, {"training__schedule__kind": "plateau"}, {"transfer__mode": "frozen"},
    {"compression__sparsity": 0.5}, {"training__loop": "keras"}, {"budget": Budget("seconds", 3)}], ids=str)
def test_a_run_without_averages_is_trained_where_these_may_change_its_bits(changed):
    averaging = edit(Recipe(), training__averaging=0.9, **changed)
    assert not shared(averaging, edit(averaging, training__averaging=0.0))
    assert not shared(averaging, edit(averaging, training__averaging=0.99))


def test_runs_that_evaluate_for_themselves_are_trained_where_the_other_one_diverged(worker, tiny):
    plain = edit(tiny, training__optimizer="sgd", training__learning_rate=0.1, regularization__l2=30.0, budget__amount=8)
    averaging = edit(plain, training__averaging=0.9)
    others = (edit(plain, budget__amount=1), plain, edit(averaging, scoring__flip=True), edit(averaging, budget__amount=7))
    ended = worker.run(averaging, 0, RunInputs("test_accuracy", others=others))
    assert (ended.status, ended.others[0].status, ended.others[1].status) == (Status.DIVERGED, Status.DONE, Status.DIVERGED)
    for other, read in zip(others, ended.others):
        np.testing.assert_equal(without_times(read), without_times(worker.run(other, 0, RunInputs("test_accuracy"))))


STEP = {"training__schedule__kind": "step", "training__schedule__factor": 0.3}
PLATEAU = {"training__schedule__kind": "plateau", "training__schedule__patience_epochs": 1, "training__schedule__min_delta": 0.5}
SCHEDULES = {
    "step": STEP | {"training__schedule__every_epochs": 3},
    "another factor": STEP | {"training__schedule__every_epochs": 3, "training__schedule__factor": 0.5},
    "later": STEP | {"training__schedule__every_epochs": 6},
    "never": STEP | {"training__schedule__every_epochs": 50},
    "plateau": PLATEAU,
    "stops": STOPPING,
    "step, stops": STEP | {"training__schedule__every_epochs": 3} | STOPPING,
    "plateau, stops": PLATEAU | STOPPING,
    "plateau, last weights": PLATEAU | STOPPING | {"training__early_stopping__restore_best": False},
    "later, int8": STEP | {"training__schedule__every_epochs": 6, "compression__bits": 8},
    "step, views": STEP | {"training__schedule__every_epochs": 3, "scoring__flip": True},
}
BEGUN = {
    "batch normalisation, dropout, augmentation, means over epochs": {
        "model__normalization": "batch", "model__dropout": 0.3, "augmentation__rotate_degrees": 10.0, "augmentation__mixup": 0.2,
        "score_over": 3},
    "momentum, noise, clipping, max norm, float16": {
        "training__optimizer": "momentum", "training__gradient_noise": 0.01, "training__clip_norm": 0.5,
        "model__precision": "mixed_float16", "regularization__max_norm": 0.5, "measure": ("gradient_norms",)},
    "Keras' rule": {"training__optimizer": "lion", "model__spatial_dropout": 0.2, "target": 0.2},
}


def together(recipe, changes):
    return tuple(sorted((edit(recipe, **change) for change in changes), key=in_order))


@pytest.mark.parametrize("changed", mostly_slow(BEGUN, "batch normalisation, dropout, augmentation, means over epochs"))
def test_schedules_that_begin_alike_have_every_bit_of_runs_of_their_own(worker, tiny, changed, monkeypatch):
    base = edit(tiny, **RARE, **changed, training__learning_rate=0.01, budget__amount=9)
    others = together(base, fitting(SCHEDULES, changed))
    assert all(shared(base, other) for other in others)
    trained, train = [], Program.train
    monkeypatch.setattr(Program, "train", lambda self, x, y, inputs, epoch, size: (
        trained.append(len(epoch.rates)), train(self, x, y, inputs, epoch, size))[1])
    whole = worker.run(base, 2, RunInputs("test_accuracy", others=others))
    every = (whole, *whole.others)
    assert sum(trained) == sum(one.cost.steps - (one.cost.shared_steps or 0) for one in every) < 0.6 * sum(one.cost.steps for one in every)
    np.testing.assert_equal(without_times(whole), without_times(worker.run(base, 2, RunInputs("test_accuracy"))))
    for place, (other, read) in enumerate(zip(others, whole.others, strict=True)):
        alone = worker.run(other, 2, RunInputs("test_accuracy"))
        np.testing.assert_equal(without_times(read), without_times(alone), err_msg=f"{place}")
        epochs = read.cost.shared_steps * read.cost.epochs // read.cost.steps
        assert epochs and alone.cost.shared_steps is None and read.controls.order[:epochs] == whole.controls.order[:epochs]
        assert any(read.curves["train_loss"][:epochs] == one.curves["train_loss"][:epochs] for one in every if one is not read)
    by_kind = dict(zip(others, whole.others))
    step, later, plateau = (by_kind[edit(base, **SCHEDULES[name])] for name in ("step", "later", "plateau"))
    assert [round(9 * one.cost.shared_steps / one.cost.steps) for one in (step, later)] == [3, 6]
    assert plateau.controls.acted["lr_schedule"] and 0 < plateau.cost.shared_steps < plateau.cost.steps
    assert len({one.controls.weights for one in (whole, step, later, plateau)}) == 4


def test_schedules_of_arms_that_average_and_of_those_that_do_not_go_on_from_one_run(worker, tiny):
    averaging = edit(tiny, **RARE, training__averaging=0.9, model__dropout=0.2, score_over=2, budget__amount=6)
    plain, step = {"training__averaging": 0.0}, SCHEDULES["step"]
    others = together(averaging, (plain, step, plain | step, plain | step | STOPPING, plain | STOPPING, step | STOPPING, STOPPING))
    whole = worker.run(averaging, 1, RunInputs("test_accuracy", others=others))
    np.testing.assert_equal(without_times(whole), without_times(worker.run(averaging, 1, RunInputs("test_accuracy"))))
    for place, (other, read) in enumerate(zip(others, whole.others, strict=True)):
        np.testing.assert_equal(without_times(read), without_times(worker.run(other, 1, RunInputs("test_accuracy"))), err_msg=f"{place}")
        assert read.cost.shared_steps


def test_two_rises_are_shared_until_the_rates_part(worker, tiny):
    warm = {"training__schedule__kind": "warmup_cosine", "training__schedule__warmup": 0.5}
    base, other = (edit(tiny, **warm, budget__amount=8, training__schedule__floor=floor) for floor in (0.0, 0.3))
    assert shared(base, other) == 0.5
    read = worker.run(base, 1, RunInputs("test_accuracy", others=(other,))).others[0]
    np.testing.assert_equal(without_times(read), without_times(worker.run(other, 1, RunInputs("test_accuracy"))))
    assert 2 * read.cost.shared_steps == read.cost.steps


@pytest.mark.parametrize("changed", [
    {"training__loop": "keras"}, {"compression__sparsity": 0.5}, {"training__devices": 2}, {"distillation__temperature": 4.0},
    {"budget": Budget("seconds", 9)}, {"budget": Budget("steps", 90)}], ids=str)
def test_what_may_differ_before_the_rate_does_is_trained_from_its_start(changed):
    base = edit(Recipe(budget=Budget("epochs", 9)), **changed)
    assert not shared(base, edit(base, **SCHEDULES["step"]))
    assert not shared(edit(base, training__batch_size=16), edit(base, **SCHEDULES["step"])), "another batch size has other steps"


def test_steps_that_draw_without_a_seed_are_made_anew(worker, tiny, monkeypatch):
    monkeypatch.setattr(Program, "global_draws", lambda self: ("RandomUniform",))
    base = edit(tiny, budget__amount=4)
    others = together(base, (SCHEDULES["step"], STOPPING))
    step, stops = worker.run(base, 1, RunInputs("test_accuracy", others=others)).others
    assert step.cost.shared_steps is None and stops.cost.shared_steps == stops.cost.steps
    np.testing.assert_equal(without_times(step), without_times(worker.run(others[0], 1, RunInputs("test_accuracy"))))


def test_a_run_that_has_left_before_another_one_diverged_goes_on(worker, tiny):
    base = edit(tiny, training__optimizer="sgd", training__learning_rate=0.1, regularization__l2=30.0, budget__amount=8)
    ended = worker.run(base, 0, RunInputs("test_accuracy")).cost.epochs
    assert 1 < ended < 8, "the recipe no longer diverges"
    first, last = ({**STEP, "training__schedule__factor": 1e-4, "training__schedule__every_epochs": every} for every in (1, ended))
    others = together(base, (first, last, last | STOPPING))
    whole = worker.run(base, 0, RunInputs("test_accuracy", others=others))
    left, along = whole.others[:2]
    assert whole.status == along.status == Status.DIVERGED and along.curves["learning_rate"] == whole.curves["learning_rate"]
    assert left.curves["learning_rate"][:2] == [pytest.approx(0.1), pytest.approx(1e-5)]
    for other, read in zip(others, whole.others, strict=True):
        np.testing.assert_equal(without_times(read), without_times(worker.run(other, 0, RunInputs("test_accuracy"))))


def test_runs_that_a_divergence_cuts_short_diverged_with_it_and_those_before_it_are_scored(worker, tiny):
    recipe = edit(tiny, training__optimizer="sgd", training__learning_rate=0.1, regularization__l2=30.0)
    ended = worker.run(edit(recipe, budget__amount=8), 0, RunInputs("test_accuracy")).cost.epochs
    assert ended is not None and ended < 8, "the recipe no longer diverges"
    shorter = tuple(edit(recipe, budget__amount=epochs) for epochs in range(1, 8))
    whole = worker.run(edit(recipe, budget__amount=8), 0, RunInputs("test_accuracy", others=shorter))
    assert [read.status for read in whole.others] == [Status.DONE] * (ended - 1) + [Status.DIVERGED] * (8 - ended)
    for short, read in zip(shorter, whole.others):
        np.testing.assert_equal(without_times(read), without_times(worker.run(short, 0, RunInputs("test_accuracy"))))


@pytest.mark.parametrize("kind, same", [("constant", True), ("plateau", True), ("step", True), ("cosine", False), ("exponential", False),
                                        ("warmup_cosine", False), ("one_cycle", False)])
def test_a_schedule_decides_by_its_rates(kind, same):
    long, short = (edit(Recipe(budget=Budget("epochs", epochs)), training__schedule__kind=kind, training__schedule__warmup=0.1)
                   for epochs in (20, 5))
    assert (shared(long, short) == 1) is same and not shared(short, long) and not shared(long, long)


@pytest.mark.parametrize("changed", [
    {"compression__sparsity": 0.5}, {"training__early_stopping__patience_epochs": 3}, {"compression__bits": 8},
    {"imbalance__thresholds": 1.0}, {"training__loop": "keras"}, {"distillation__temperature": 4.0},
    {"transfer__mode": "frozen", "transfer__source_classes": (0, 1)}, {"transfer__mode": "pretrain"}, {"budget__unit": "steps"},
    {"budget__unit": "seconds"}], ids=str)
def test_what_depends_on_the_length_is_trained_for_each(changed):
    long, short = (edit(Recipe(budget=Budget("epochs", epochs)), **changed) for epochs in (20, 5))
    assert not shared(long, short)


@pytest.mark.parametrize("changed", [
    {"compression__sparsity": 0.5}, {"training__loop": "keras"}, {"distillation__temperature": 4.0}, {"budget__unit": "seconds"},
    {"transfer__mode": "frozen", "transfer__source_classes": (0, 1)}], ids=str)
def test_another_end_is_trained_for_where_training_may_differ(changed):
    whole = edit(Recipe(budget=Budget("epochs", 20)), **changed)
    assert not shared(whole, edit(whole, **STOPPING)) and not shared(whole, whole)


def test_views_that_decide_when_the_rate_falls_are_trained_for():
    whole = edit(Recipe(budget=Budget("epochs", 20)), training__schedule__kind="plateau")
    assert not shared(whole, edit(whole, **VIEWS["views"])) and shared(whole, edit(whole, **STOPPING))


def test_another_change_beside_the_budget_is_another_run():
    assert not shared(Recipe(budget=Budget("epochs", 20)), edit(Recipe(budget=Budget("epochs", 5)), model__dropout=0.1))
