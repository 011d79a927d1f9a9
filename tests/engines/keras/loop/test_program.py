"""The compiled loop against plain Keras ``fit`` on the same batches, and against itself."""

import numpy as np
import pytest
import tensorflow as tf

from dlbench.engines.keras.data.resident import fit
from dlbench.engines.keras.loop.optimizers import KERAS
from dlbench.engines.keras.loop.program import Epoch, Program
from dlbench.engines.keras.loop.train import NO_MAPS
from dlbench.engines.protocol import RunInputs
from dlbench.techniques import technique
from dlbench.values.identity import structure
from dlbench.values.recipe import Recipe, edit
from tests.selection import mostly_slow

OPTIMIZERS = {f"optimizer {kind}": {"training__optimizer": kind} for kind in KERAS}
RARE = {"data__source": "tests.engines.keras.samples:rare", "data__examples": None, "data__test": 0.25}
VARIANTS = {
    **OPTIMIZERS, "l1 and l2": {"regularization__l1": 1e-3, "regularization__l2": 1e-2},
    "l2 conv, schedule, max-norm, momentum": {
        "regularization__l2": 1e-2, "regularization__l2_scope": "conv", "training__schedule__kind": "cosine",
        "regularization__max_norm": 0.3, "training__optimizer": "momentum"},
    "proximal l1, batch size": {"regularization__l1": 1e-2, "regularization__l1_form": "proximal", "training__batch_size": 48},
    "adamw, label smoothing": {"regularization__weight_decay": 0.1, "regularization__label_smoothing": 0.2},
    # by SGD: the bias before a normalisation has no gradient, and Adam would divide rounding errors by each other
    "decoupled decay of sgd, batch normalisation": {
        "regularization__weight_decay": 0.1, "model__normalization": "batch", "training__optimizer": "sgd"},
    "constraints of the model's own": {"model__name": "tests.engines.keras.samples:constrained", "model__options": ()},
    "max-norm and constraints of the model's own": {
        "model__name": "tests.engines.keras.samples:constrained", "model__options": (), "regularization__max_norm": 0.3},
    "dropouts, clipping": {"model__dropout": 0.5, "model__spatial_dropout": 0.3, "training__clip_norm": 0.05},
    "separable, augmentation, RandAugment": {
        "model__separable": "all", "augmentation__rotate_degrees": 10.0, "augmentation__brightness": 0.1,
        "augmentation__rand_augment_ops": 2, "augmentation__rand_augment_magnitude": 5.0},
    "elastic distortion, flips, brightness": {"augmentation__elastic_alpha_px": 20.0, "augmentation__elastic_sigma_px": 2.0,
                                              "augmentation__flip_horizontal": 0.5, "augmentation__brightness": 0.1},
    "gradient noise, clipping, weight decay": {"training__gradient_noise": 0.01, "training__clip_norm": 0.05,
                                               "regularization__weight_decay": 0.1},
    "gradient noise, momentum": {"training__gradient_noise": 0.3, "training__gradient_noise_decay": 1.0, "training__optimizer": "momentum"},
    "mixup": {"augmentation__mixup": 0.4},
    "cutmix, cutout and erasing, label smoothing": {
        "augmentation__cutmix": 1.0, "augmentation__cutout_px": 3, "augmentation__erasing": 0.5, "regularization__label_smoothing": 0.1},
    "class weights, mixup, label smoothing": {
        **RARE, "imbalance__class_weights": 0.5, "augmentation__mixup": 0.4, "regularization__label_smoothing": 0.1},
    "focal loss, class weights, label smoothing": {
        **RARE, "imbalance__class_weights": 1.0, "imbalance__focal_gamma": 2.0, "regularization__label_smoothing": 0.1},
    "balanced sampling, mixup, rotation": {**RARE, "imbalance__sampling": 1.0, "augmentation__mixup": 0.4,
                                           "augmentation__rotate_degrees": 10.0},
}
"""Each kind of step once, alone or with others: two loops that agree on all together agree on each."""
QUICK = ("l2 conv, schedule, max-norm, momentum", "proximal l1, batch size", "adamw, label smoothing",
         "decoupled decay of sgd, batch normalisation", "dropouts, clipping", "separable, augmentation, RandAugment",
         "focal loss, class weights, label smoothing")
"""Terms of the loss, rules of an update and ways of augmentation of several kinds; the slow tests hold every one."""


def weights_of(worker, recipe, seed=0):
    result = worker.run(recipe, seed, RunInputs("test_accuracy"))
    assert result.status == "done"
    return worker.program(recipe).network.weights(), result


def weights_before(worker, recipe, seed=0):
    program = worker.program(recipe)
    program.reset(recipe, seed)
    return program.network.weights()


@pytest.mark.parametrize("fields", mostly_slow(VARIANTS, *QUICK))
def test_the_compiled_loop_equals_keras_fit(worker, tiny, fields):
    recipe = edit(tiny, training__learning_rate=3e-4, **fields)
    ours, mine = weights_of(worker, recipe)
    began = weights_before(worker, recipe)
    theirs, reference = weights_of(worker, edit(recipe, training__loop="keras"))
    for name, weights in ours.items():
        differ = np.abs(weights - theirs[name]) > 2e-5 + 1e-3 * np.abs(theirs[name])
        # Lion's steps are signs: where a gradient is zero to rounding, two loops may step apart
        assert differ.mean() <= (0.02 if "lion" in str(fields) else 0), f"{name}: {np.abs(weights - theirs[name]).max()}"
    assert not any(np.array_equal(ours[name], began[name]) for name in ours if name.endswith("kernel")), "something was not trained"
    np.testing.assert_allclose(mine.scores["test_loss"], reference.scores["test_loss"], rtol=1e-3)


def test_weights_stay_within_the_constraints_of_the_model_and_of_the_technique(worker, tiny):
    recipe = edit(tiny, training__learning_rate=0.1)
    own = weights_of(worker, edit(recipe, model__name="tests.engines.keras.samples:constrained", model__options=()))[0]
    first, last = (weights for weights in own.values() if weights.ndim == 2)
    assert first.min() == 0 and np.linalg.norm(last, axis=0).max() == pytest.approx(0.5, abs=1e-5)
    held = weights_of(worker, edit(recipe, regularization__max_norm=0.5))[0]
    norms = [np.linalg.norm(weights.reshape(-1, weights.shape[-1]), axis=0).max() for name, weights in held.items() if "kernel" in name]
    assert max(norms) == pytest.approx(0.5, abs=1e-5)
    acted = [worker.run(edit(tiny, regularization__max_norm=limit), 0, RunInputs("test_accuracy")).controls.acted for limit in (0.5, 1e6)]
    assert acted == [{"max_norm": True}, {"max_norm": False}]


def test_the_same_run_is_bit_identical_after_any_other_run(worker, tiny):
    recipe = edit(tiny, model__dropout=0.3, augmentation__rotate_degrees=10.0)
    first, one = weights_of(worker, recipe)
    for other in (edit(recipe, model__dropout=0.6), edit(tiny, training__optimizer="sgd"), edit(recipe, training__batch_size=16)):
        weights_of(worker, other, seed=5)
    second, two = weights_of(worker, recipe)
    fresh, three = weights_of(type(worker)(worker.settings), recipe)
    for name in first:
        assert np.array_equal(first[name], second[name]) and np.array_equal(first[name], fresh[name])
    assert one.controls == two.controls == three.controls
    assert one.scores == two.scores == three.scores


def test_another_seed_is_another_run(worker, tiny):
    assert weights_of(worker, tiny, 0)[1].controls.weights != weights_of(worker, tiny, 1)[1].controls.weights


def test_numbers_share_one_traced_program(worker, tiny):
    recipes = [edit(tiny, regularization__l2=value, training__learning_rate=rate, training__batch_size=size)
               for value, rate, size in ((1e-3, 1e-3, 32), (1e-2, 1e-4, 16))]
    assert len({structure(recipe) for recipe in recipes}) == 1
    assert worker.program(recipes[0]) is worker.program(recipes[1])


@pytest.mark.parametrize("fields, ratio", [
    ({"regularization__l2": 1e-3, "training__optimizer": "sgd", "training__learning_rate": 0.01}, 0.99800198),
    ({"regularization__weight_decay": 0.01, "training__learning_rate": 1e-3}, 0.99900049),
])
def test_weights_shrink_at_their_rate_without_a_data_gradient(fields, ratio):
    recipe = edit(Recipe(), training__batch_size=1, **fields)
    program = Program(recipe, (8, 8, 1), 10)
    x, y = tf.zeros([100, 8, 8, 1]), tf.zeros([100], tf.int64)
    program.trace(x)
    program.reset(recipe, 0)
    kernel = next(w for w in program.network.kernels["conv"])
    before = kernel.numpy()
    inputs = fit("none", [x.numpy()], 1.0)
    program.train(x, y, inputs, Epoch(np.arange(100), np.full(100, recipe.training.learning_rate), NO_MAPS), 1)
    np.testing.assert_allclose(kernel.numpy() / before, ratio, rtol=1e-5)
    assert np.abs(kernel).sum() / np.abs(before).sum() == pytest.approx(ratio, rel=2e-6)


def test_the_proximal_step_reaches_exact_zeros_and_the_subgradient_does_not(worker, tiny):
    def zeros(form):
        recipe = edit(tiny, regularization__l1=0.05, regularization__l1_form=form, budget__amount=30,
                      training__learning_rate=0.01)
        return np.mean([np.mean(w == 0) for name, w in weights_of(worker, recipe)[0].items() if name.endswith("kernel")])

    assert zeros("proximal") > 0.02 and zeros("subgradient") == 0


def test_the_initial_loss_is_close_to_ln_k(worker):
    recipe = edit(Recipe(), training__learning_rate=1e-12, budget__amount=1)
    assert weights_of(worker, recipe)[1].scores["test_loss"] == pytest.approx(np.log(10), abs=0.1)


def test_clipping_says_whether_it_ever_acted(train, tiny):
    assert train(edit(tiny, training__clip_norm=1e-3)).controls.acted == {"gradient_clipping": True}
    assert train(edit(tiny, training__clip_norm=1e6)).controls.acted == {"gradient_clipping": False}


def test_layers_that_draw_from_a_global_generator_are_seen(worker, tiny):
    assert worker.program(tiny).global_draws() == ()
    assert worker.program(edit(tiny, model__dropout=0.5)).global_draws() == ()
    assert worker.program(edit(tiny, model__name="tests.engines.keras.mutants:noisy_call", model__options=())).global_draws() != ()


def test_every_optimizer_of_the_catalogue_is_built():
    kinds = next(item for item in technique("optimizer").parameters if item.name == "kind").choices
    assert set(kinds) - {"adamw"} == set(KERAS)
