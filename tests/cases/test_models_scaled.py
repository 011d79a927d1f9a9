"""A model that scales its inputs itself is handed raw values: row M1 of the cases, and its kin."""

from __future__ import annotations

import numpy as np
import pytest
from keras import layers

from dlbench.engines.keras.network.scaling import wants_raw
from tests.cases.building import FAITHFUL, RAW, functional, head, network, shape_of


@pytest.mark.parametrize("name", ["m1 rescaling", "m2 normalization", "m2 an application that scales inside", "m5 division", "subclassed",
                                  "m5 preprocess_input"])
def test_m1_a_model_that_scales_its_inputs_is_handed_raw_values(name):
    shape = shape_of(name)
    raw = np.random.default_rng(1).integers(0, 256, (32, *shape)).astype(np.float32)
    assert wants_raw(network(FAITHFUL[name], shape).model, raw, raw / 255)


@pytest.mark.parametrize("build", [
    head, lambda x: head(x * 2.0 - 1.0), lambda x: head(layers.Resizing(4, 4)(x)), lambda x: head(layers.RandomFlip()(x)),
    lambda x: head(layers.GaussianNoise(0.1)(x)), lambda x: head(layers.BatchNormalization()(x)), lambda x: head(x[..., :1]),
], ids=["nothing", "doubled", "resized", "augmented", "noise", "batch normalisation", "one channel"])
def test_m1_a_model_that_does_not_is_handed_scaled_ones(build):
    assert not wants_raw(network(lambda: functional(build)).model, RAW, RAW / 255)


def test_m1_a_normalization_that_was_adapted_to_scaled_values_is_handed_those():
    def build(x):
        layer = layers.Normalization()
        layer.adapt(RAW / 255)
        return head(layer(x))

    assert not wants_raw(network(lambda: functional(build)).model, RAW, RAW / 255)
