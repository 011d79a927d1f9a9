"""A model that comes compiled is trained as plain Keras trains it: the peer is its own ``fit`` on the same batches."""

from pkgutil import resolve_name

import numpy as np
import pytest

from dlbench.engines.keras.loop.train import epoch_order
from dlbench.engines.protocol import RunInputs
from dlbench.values.errors import InputError
from dlbench.values.recipe import edit
from dlbench.values.record import Unproven
from tests.engines.keras.loop.test_program import RARE
from tests.selection import mostly_slow

OWN = "tests.engines.keras.own_compiles"
TWO = {"data__source": "tests.cases.models:two", "data__examples": None}
NUMBERS = {"data__source": f"{OWN}:rows", "data__examples": None, "data__task": "regression"}
TAGS = {"data__source": f"{OWN}:labelled", "data__examples": None, "data__task": "multi_label"}
MODELS = {
    "closure": {}, "batchwise": {"training__targets": "one_hot"}, "sparse": {}, "numbered": {}, "hinge": {}, "whole": {}, "one_unit": TWO,
    "number": NUMBERS, "tags": TAGS}


@pytest.fixture
def recipe_of(tiny):
    """The recipe of a model, with what is taken of its compile, at its own learning rate."""
    def made(model, loop="compiled", **fields):
        own = {"training__loss": "model", "training__optimizer": "model", "training__loop": loop}
        return edit(tiny, model__name=f"{OWN}:{model}", model__options=(), **{**own, **fields})
    return made


def run(worker, recipe, seed=0):
    """The trained weights in the order of the model, and the outcome, at the learning rate of the model."""
    data = worker.data(recipe)
    rate = resolve_name(recipe.model.name)(data.shape, data.classes).optimizer.learning_rate
    recipe = edit(recipe, training__learning_rate=float(str(np.float32(rate))))
    programs, make = [], worker.program
    worker.program = lambda *args, **kwargs: programs.append(make(*args, **kwargs)) or programs[-1]
    try:
        outcome = worker.run(recipe, seed, RunInputs("test_accuracy"))
    finally:
        del worker.program
    assert outcome.status == "done", outcome.reason
    return built(programs[-1]).get_weights(), outcome, programs[-1]


def built(program):
    """The model of a program, without what makes logits of its probabilities."""
    return getattr(program.model, "inner", program.model)


def peer(worker, recipe, seed=0, weights=None):
    """What the model's own function and Keras' ``fit`` make of the same initial weights and the same batches."""
    data, program = worker.data(recipe), worker.program(recipe)
    program.reset(recipe, seed)
    model = resolve_name(recipe.model.name)(data.shape, data.classes)
    (x, y), inputs = data.train, data.inputs
    x, y = x.numpy() * inputs.scale.numpy() + inputs.offset.numpy(), y.numpy()
    model(x[:2])
    model.set_weights(built(program).get_weights())
    first = model.get_weights()
    columns = recipe.training.targets == "one_hot" or recipe.model.name.partition(":")[2] in ("hinge", "closure", "whole")
    y = np.eye(data.classes, dtype=np.float32)[y] if columns else y
    for epoch in range(int(recipe.budget.amount)):
        order = epoch_order(seed, (), epoch, len(y))
        model.fit(x[order], y[order], batch_size=recipe.training.batch_size, shuffle=False, verbose=0,
                  sample_weight=None if weights is None else weights[order])
    return model, first


@pytest.mark.parametrize("loop", mostly_slow(("compiled", "keras"), "compiled"))
@pytest.mark.parametrize("model", MODELS)
def test_the_all_off_arm_equals_keras_fit_with_the_models_own_compile(worker, recipe_of, model, loop):
    recipe = recipe_of(model, loop, **MODELS[model])
    ours, _, _ = run(worker, recipe)
    theirs, first = peer(worker, recipe)
    for mine, known, start in zip(ours, theirs.get_weights(), first, strict=True):
        np.testing.assert_allclose(mine, known, rtol=1e-3, atol=2e-5)
        assert np.abs(known - start).max() > 1e-4, "nothing was trained"


@pytest.mark.parametrize(("model", "targets"), [("own_step", "numbers"), ("own_loss", "one_hot")])
def test_a_step_or_loss_of_its_own_runs_through_keras_fit_and_proves_what_can_be(worker, recipe_of, model, targets):
    recipe = recipe_of(model, "keras", training__targets=targets)
    ours, outcome, _ = run(worker, recipe)
    theirs, _ = peer(worker, recipe)
    for mine, known in zip(ours, theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, known, rtol=1e-3, atol=2e-5)
    again, same, _ = run(worker, recipe)
    assert all(map(np.array_equal, ours, again)) and same.scores == outcome.scores, "a run depends on the run before"
    controls = outcome.controls
    assert isinstance(controls.global_draws, Unproven) and len(controls.order) == 2
    assert all(isinstance(part, str) for part in (controls.data, controls.split, controls.evaluation, controls.weights)) and controls.init


def test_the_step_of_its_own_is_what_trains(worker, recipe_of):
    stepped, plain = (run(worker, recipe_of(model, "keras", training__targets=form))[0]
                      for model, form in (("own_step", "numbers"), ("sparse", None)))
    assert not all(map(np.allclose, stepped, plain))


def test_its_loss_and_metrics_are_scored_as_keras_evaluates_them(worker, recipe_of):
    recipe = recipe_of("closure")
    _, outcome, _ = run(worker, recipe)
    model, _ = peer(worker, recipe)
    data = worker.data(recipe)
    for split in ("test", "validation"):
        x, y = getattr(data, split)
        known = model.evaluate(x.numpy() * data.inputs.scale.numpy() + data.inputs.offset.numpy(), np.eye(10)[y.numpy()], batch_size=1000,
                               verbose=0, return_dict=True)
        assert outcome.scores[f"{split}_own_loss"] == pytest.approx(known["loss"], rel=1e-3)
        assert outcome.scores[f"{split}_distance"] == pytest.approx(known["distance"], rel=1e-3)
        ours = [outcome.scores[f"{split}_f1_score_{place}"] for place in range(10)]
        np.testing.assert_allclose(ours, known["f1_score"], rtol=1e-3)
    assert outcome.scores["test_accuracy"] == pytest.approx(model.evaluate(
        data.test[0].numpy() * data.inputs.scale.numpy() + data.inputs.offset.numpy(), np.eye(10)[data.test[1].numpy()], verbose=0,
        return_dict=True)["accuracy"])


@pytest.mark.parametrize("fields", [TWO, {**TWO, "training__loss": "task", "training__optimizer": "sgd"}], ids=["own loss", "the task's"])
def test_both_loops_count_the_same_right_answers_of_one_unit(worker, recipe_of, fields):
    counted = [run(worker, recipe_of("one_unit", loop, **fields))[1].curves["train_accuracy"] for loop in ("compiled", "keras")]
    np.testing.assert_allclose(*counted, atol=1e-6)
    assert 0 < counted[0][-1] < 1


def test_weights_of_examples_reach_its_loss_as_in_keras(worker, recipe_of):
    recipe = recipe_of("sparse", imbalance__class_weights=1.0, **RARE)
    ours, _, _ = run(worker, recipe)
    y = worker.data(recipe).train[1].numpy()
    balanced = len(y) / (3 * np.bincount(y))[y]
    theirs, _ = peer(worker, recipe, weights=balanced)
    for mine, known in zip(ours, theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, known, rtol=1e-3, atol=2e-5)


BESIDE = {
    "mixup": {"augmentation__mixup": 0.4}, "l2": {"regularization__l2": 1e-2}, "dropout": {"model__dropout": 0.5},
    "clipping": {"training__clip_norm": 0.05},
    "mixup, class weights": {"augmentation__mixup": 0.4, "imbalance__class_weights": 1.0, **RARE},
    "cosine": {"training__schedule__kind": "cosine"}, "adam": {"training__optimizer": "adam"}}
"""Techniques that act beside the model's own loss, by the fields that they set."""


@pytest.mark.parametrize("fields", mostly_slow(BESIDE, "mixup, class weights"))
def test_both_loops_agree_on_techniques_beside_its_loss(worker, recipe_of, fields):
    recipes = [edit(recipe_of("closure", loop), **fields) for loop in ("compiled", "keras")]
    (ours, mine, _), (theirs, others, _) = (run(worker, recipe) for recipe in recipes)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=2e-5)
    assert mine.controls.weights != run(worker, recipe_of("closure"))[1].controls.weights
    assert mine.scores["test_own_loss"] == pytest.approx(others.scores["test_own_loss"], rel=1e-3)


def test_runs_do_not_depend_on_those_before(worker, recipe_of):
    recipe = recipe_of("numbered")
    first, one, _ = run(worker, recipe)
    run(worker, recipe, seed=1)
    again, two, _ = run(worker, recipe)
    fresh, three, _ = run(type(worker)(worker.settings), recipe)
    assert all(map(np.array_equal, first, again)) and all(map(np.array_equal, first, fresh))
    assert one.controls == two.controls == three.controls and one.scores == three.scores


def test_a_loss_that_draws_by_a_global_generator_is_seen(worker, recipe_of):
    _, _, program = run(worker, recipe_of("drawing"))
    assert "RandomUniform" in program.global_draws()


@pytest.mark.parametrize(("model", "fields", "words"), [
    ("uncompiled", {}, "its function returns it uncompiled; accepted: model.compile(optimizer, loss=…, metrics=[…])"),
    ("lossless", {}, "it was compiled without a loss; accepted: model.compile(optimizer, loss=…)"),
    ("two_outputs", {}, "it has 2 outputs"),
    ("either", {}, "its loss even can be given class numbers as well as a column a class, and the study does not say which; accepted: "
                   'targets = "numbers"'),
    ("sparse", {"training__targets": "one_hot"}, "its loss SparseCategoricalCrossentropy or one of its metrics fails on a batch"),
    ("sparse", {"augmentation__mixup": 0.2}, "takes class numbers, and mixed labels are shares of two classes"),
    ("counting", {}, "its loss Counting keeps variables"),
    ("in_numpy", {"training__targets": "one_hot"}, "its loss eager cannot be compiled"),
    ("in_numpy", {}, "its loss eager can be given class numbers as well as a column a class"),
    ("bad_metric", {}, "one of its metrics fails on a batch"),
    ("scheduled", {}, "the learning rate of its optimizer SGD is a schedule; accepted: a number there, and the technique lr_schedule"),
    ("averaging", {}, "averages weights (use_ema); accepted: the technique averaging"),
    ("stubborn", {}, "its optimizer Stubborn cannot be made anew for each run"),
    ("decaying", {"regularization__weight_decay": 0.1}, "has weight_decay = 0.004, and the technique weight_decay does the same"),
    ("decaying", {"training__clip_norm": 0.1}, "has clipnorm = 1, and the technique gradient_clipping does the same"),
    ("own_step", {}, 'it has train_step of its own, which Keras\' fit alone calls; accepted: loop = "keras"'),
    ("own_step", {"training__loop": "keras", "training__loss": "task", "training__optimizer": "adam"},
     'accepted: loss = "model", or loop = "compiled", which does not call it'),
    ("own_step", {"training__loop": "keras", "model__dropout": 0.5}, "cannot be changed from outside"),
    ("own_loss", {"training__loop": "keras"}, "its own compute_loss can be given class numbers as well as a column a class"),
    ("fitted", {"training__loop": "keras"}, "its own fit decides the order of examples"),
    ("silent", {"training__loop": "keras"}, "its own train_step returns cost; accepted: a dict with the key loss"),
])
def test_what_cannot_be_taken_is_refused_before_any_run(worker, recipe_of, model, fields, words):
    tried, = worker.rehearse([edit(recipe_of(model), **fields)])
    assert words in tried.problem and tried.problem.count("\n") == 0, tried.problem
    if model != "silent":
        with pytest.raises(InputError):
            worker.prepare([edit(recipe_of(model), **fields)])
