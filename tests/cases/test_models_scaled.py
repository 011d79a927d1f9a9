"""A model that scales its inputs itself is handed values in the range that it wants: row M1 of the cases, and its kin."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from keras import layers

from dlbench.engines.keras.network.scaling import faint, own_scaling
from tests.cases.building import FAITHFUL, RAW, functional, head, network, shape_of


@pytest.mark.parametrize("name", ["m1 rescaling", "m2 normalization", "m2 an application that scales inside", "m5 division", "subclassed",
                                  "m5 preprocess_input"])
def test_m1_a_model_that_scales_its_inputs_is_handed_raw_values(name):
    shape = shape_of(name)
    raw = np.random.default_rng(1).integers(0, 256, (32, *shape)).astype(np.float32)
    assert own_scaling(network(FAITHFUL[name], shape).model, offered(raw)) == "none"


@pytest.mark.parametrize(("name", "full_range"), [
    *itertools.product(["m1 rescaling", "m5 division", "subclassed", "m5 preprocess_input"], [1.0, 4095.0, 65535.0]),
    ("m2 an application that scales inside", 4095.0)])
def test_m1_a_model_that_scales_8_bit_images_is_handed_their_range_whatever_the_files_have(name, full_range):
    shape = shape_of(name)
    raw = np.random.default_rng(1).random((32, *shape), np.float32) * full_range
    assert own_scaling(network(FAITHFUL[name], shape).model, offered(raw, full_range)) == "bytes"


def test_m1_a_model_that_scales_16_bit_images_is_handed_those():
    raw = np.random.default_rng(1).random(RAW.shape, np.float32) * 65535
    assert own_scaling(network(lambda: functional(lambda x: head(x / 65535.0))).model, offered(raw, 65535.0)) == "none"


@pytest.mark.parametrize("factor, values, told", [(255, 255, False), (255, 1, True), (255 * 255, 255, True), (0.5, 1, False)])
def test_m1_inputs_that_a_model_makes_tiny_are_told(factor, values, told):
    raw = np.random.default_rng(1).random(RAW.shape, np.float32) * values
    assert (faint(network(lambda: functional(lambda x: head(x / factor))).model, raw) is not None) == told


def offered(raw, full_range=255.0):
    return {"default": raw / full_range, "none": raw} | ({} if full_range == 255 else {"bytes": raw * 255 / full_range})


@pytest.mark.parametrize("build", [
    head, lambda x: head(x * 2.0 - 1.0), lambda x: head(layers.Resizing(4, 4)(x)), lambda x: head(layers.RandomFlip()(x)),
    lambda x: head(layers.GaussianNoise(0.1)(x)), lambda x: head(layers.BatchNormalization()(x)), lambda x: head(x[..., :1]),
], ids=["nothing", "doubled", "resized", "augmented", "noise", "batch normalisation", "one channel"])
def test_m1_a_model_that_does_not_is_handed_scaled_ones(build):
    assert own_scaling(network(lambda: functional(build)).model, offered(RAW)) is None


def test_m1_a_normalization_that_was_adapted_to_scaled_values_is_handed_those():
    def build(x):
        layer = layers.Normalization()
        layer.adapt(RAW / 255)
        return head(layer(x))

    assert own_scaling(network(lambda: functional(build)).model, offered(RAW)) is None
