"""A plug-in's function takes part where it says, is controlled like anything shipped, and is refused where it does not fit."""

import numpy as np
import pytest

from dlbench.engines.keras.network.hooks import acting
from dlbench.engines.keras.network.network import Network
from dlbench.techniques import hooked
from dlbench.values.controls import effect_of, faults
from dlbench.values.errors import InputError
from dlbench.values.recipe import changes, edit, to_dict
from dlbench.values.record import Record

OWN = "tests.engines.keras.own_hooks:"


@pytest.fixture(scope="module")
def record(train, tiny):
    """``record(recipe)``: of its first seed; each recipe is trained once."""
    kept = {}

    def run(recipe):
        key = str(to_dict(recipe))
        if key not in kept:
            found = train(recipe)
            kept[key] = Record("id", to_dict(recipe), 0, found.status, found.reason, found.scores, found.curves, found.cost,
                               found.controls)
        return kept[key]

    return run


@pytest.mark.parametrize("point, function, options", [
    ("model", "scaled", {"gain": 0.5}), ("model", "deeper", {}), ("images", "noise", {"sd": 0.2}), ("loss", "focal", {}),
    ("gradients", "centred", {}), ("optimizer", "adam", {"beta_1": 0.5}),
])
def test_a_hook_acts_and_is_controlled(point, function, options, tiny, record):
    arm = hooked(tiny, point, OWN + function, **options)
    ours, theirs = record(arm), record(tiny)
    assert ours.status == "done", ours.reason
    assert faults(ours, theirs, changes(arm, tiny)) == []
    assert effect_of(ours, theirs) == "acted"


@pytest.mark.parametrize("point, function", [("loss", "cross_entropy"), ("gradients", "same_gradients")])
def test_a_hook_that_does_what_dlbench_does_changes_no_bit(point, function, tiny, record):
    assert effect_of(record(hooked(tiny, point, OWN + function)), record(tiny)) == "fault"


def test_images_that_are_left_alone_are_handed_back(tiny, record):
    same, theirs = (record(recipe).curves["train_loss"] for recipe in (hooked(tiny, "images", OWN + "same_images"), tiny))
    np.testing.assert_allclose(same, theirs, rtol=1e-4)


def test_an_images_hook_draws_the_same_whatever_the_batch_size(tiny, worker):
    recipe = hooked(edit(tiny, augmentation__flip_horizontal=0.0), "images", OWN + "noise")
    data = worker.data(recipe)
    hook = acting(recipe, data.shape).hooks
    seeds = np.random.default_rng(0).integers(0, 2**32, (8, 2), dtype=np.uint32)
    span = data.inputs.span
    images = np.zeros((8, 8, 8, 1), np.float32)
    whole = hook(images, seeds, span)
    np.testing.assert_array_equal(hook(images[4:], seeds[4:], span), whole[4:])


def test_a_draw_from_a_global_generator_is_found_out(tiny, record):
    arm = hooked(tiny, "images", OWN + "global_noise")
    assert any("global generator" in fault for fault in faults(record(arm), record(tiny), changes(arm, tiny)))


def test_layers_that_a_model_hook_leaves_alone_keep_their_names_and_weights(tiny):
    plain, hooked_one = (Network(recipe, (8, 8, 1), 10) for recipe in (tiny, hooked(tiny, "model", OWN + "scaled")))
    for network in (plain, hooked_one):
        network.initialise(3, ())
    assert hooked_one.touched == ["hook_1_scale", "hook_2_scale", "hook_3_scale"]
    theirs = plain.hashes()
    assert {layer: digest for layer, digest in hooked_one.hashes().items() if layer in theirs} == theirs


def test_a_model_hook_goes_with_the_recipes_own_changes(tiny, record):
    arm = hooked(edit(tiny, model__dropout=0.3, model__dropout_place="both"), "model", OWN + "scaled")
    ours = record(arm)
    assert ours.status == "done" and {"hook_1_scale", "conv2d_1.dropout"} <= set(ours.controls.touched)
    assert faults(ours, record(tiny), changes(arm, tiny)) == []


@pytest.mark.parametrize("point, function, words", [
    ("model", "raises", "ValueError: it is broken"), ("model", "no_model", "wanted a keras.Model, got list"),
    ("model", "other_output", r"wanted a model .* -> \(None, 10\)"), ("model", "missing", "has no 'missing'"),
    ("images", "half_the_images", r"wanted float32 \[2, 8, 8, 1\], got float32 \[2, 4, 8, 1\]"),
    ("images", "raises", "ValueError: it is broken"), ("loss", "mean_loss", r"wanted float32 \[2\], got float32 \[\]"),
    ("optimizer", "name_of_one", "wanted a keras.optimizers.Optimizer, got str"), ("gradients", "missing", "has no 'missing'"),
    ("images", "noise", "unexpected keyword argument 'sdd'"),
])
def test_a_hook_that_does_not_fit_is_refused_before_anything_runs(point, function, words, tiny, worker):
    options = {"sdd": 1.0} if function == "noise" else {}
    with pytest.raises(InputError, match=f"hook '{OWN}{function}': .*{words}"):
        worker.prepare([hooked(tiny, point, OWN + function, **options)])
