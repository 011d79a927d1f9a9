"""What techniques change of a model, and what they leave as it is: rows M3, M5 and M8 of the cases, and their kin."""

from __future__ import annotations

import numpy as np
import pytest
from keras import layers

from dlbench.values.errors import InputError
from tests.cases.building import CLASSES, FAITHFUL, RAW, Widened, functional, head, network
from tests.faults.models import Scaled


def test_m5_a_residual_made_with_a_plus_counts_as_one():
    def build(x):
        for _ in range(2):
            x = x + layers.Conv2D(3, 3, padding="same")(x)
        return head(x)

    assert network(lambda: functional(build)).build.residual
    thinned = network(lambda: functional(build), model__stochastic_depth=0.5)
    assert thinned.touched == ["op_add_1.stochastic_depth", "op_add_2.stochastic_depth"]
    assert not network(lambda: functional(lambda x: head(x + 1.0))).build.residual


NEUTRAL = {"model__dropout": 0.5, "model__spatial_dropout": 0.5}


@pytest.mark.parametrize("change", NEUTRAL)
@pytest.mark.parametrize("name", ["m8 shared", "m3 a config without its argument", "m5 division", "nested", "random", "m4 an average"])
def test_a_technique_of_strength_zero_changes_nothing(name, change):
    """Its layers are there, and with a rate of 0 the network computes in training what it computes without them."""
    without = network(FAITHFUL[name])
    try:
        changed = network(FAITHFUL[name], **{change: NEUTRAL[change]})
    except InputError as refused:
        assert "needs" in str(refused)
        return
    for one in (without, changed):
        one.initialise(3, ())
    assert changed.touched
    weights = without.weights()
    assert all(np.array_equal(value, weights[key]) for key, value in changed.weights().items() if key in weights)
    if name != "random":
        np.testing.assert_array_equal(*(np.asarray(one.model(RAW[:4] / 255, training=True)) for one in (without, changed)))


@pytest.mark.parametrize("changes", [
    {"model__dropout": 0.3, "model__dropout_place": "both"}, {"model__normalization": "batch"}, {"model__spatial_dropout": 0.2},
    {"model__depth": 2}, {"model__activation": "gelu"}, {"model__width": 2.0}], ids=str)
def test_m8_a_shared_layer_can_be_followed_by_others(changes):
    if changes == {"model__width": 2.0}:
        with pytest.raises(InputError, match=r"model 'mine:net' cannot be changed so: .*expected axis -1"):
            network(FAITHFUL["m8 shared"], **changes)
        return
    made = network(FAITHFUL["m8 shared"], **changes)
    assert made.model(RAW, training=True).shape == (32, CLASSES) and made.touched == sorted(set(made.touched))


def test_m3_a_layer_of_ones_own_keeps_its_argument_in_a_wider_network():
    def build(x):
        return head(Scaled(10.0)(layers.Conv2D(4, 3, activation="relu")(x)))

    wide = network(lambda: functional(build), model__width=2.0)
    assert next(layer for layer in wide.model.layers if isinstance(layer, Scaled)).factor == 10.0


def test_m3_a_layer_that_cannot_be_copied_is_named_where_it_would_have_to_be():
    def build(x):
        return head(Widened(5, gain=3.0, activation="relu")(layers.Flatten()(x)))

    with pytest.raises(InputError, match=r"layer 'widened_1' \(Widened\) cannot be changed \(activation\).*that returns all"):
        network(lambda: functional(build), model__activation="gelu")


@pytest.mark.parametrize("change", [{"model__width": 2.0}, {"model__init": "he"}], ids=str)
def test_m8_a_layer_whose_weights_another_has_too_is_named_where_it_would_have_to_change(change):
    with pytest.raises(InputError, match=r"layer 'dense_1' \(Dense\) cannot be changed \(.*\): another layer has the same weights"):
        network(FAITHFUL["m3 a layer with the weights of another"], **change)


def test_m8_what_is_inserted_leaves_shared_weights_shared():
    build = FAITHFUL["m3 a layer with the weights of another"]
    made = network(build, model__dropout=0.5, model__dropout_place="both")
    assert made.touched and made.parameters() == made.model.count_params() == network(build).parameters()
