"""Initial weights of layers and models as users write them."""

import keras
import numpy as np
import pytest
from keras import layers

from dlbench.engines.keras.network.network import Network
from dlbench.values.recipe import Recipe, edit

LOADED = np.full((8, 3), 0.25, np.float32)


class Scale(layers.Layer):
    """Weights without attributes for their initializers, one of them without a name."""

    def build(self, shape):
        self.factor = self.add_weight((shape[-1],), "random_normal")
        self.offset = self.add_weight(shape=(shape[-1],), name="offset", initializer=keras.initializers.RandomUniform())
        self.plain = self.add_weight(shape=(2, 2))

    def call(self, inputs):
        return inputs * self.factor + self.offset


class Block(layers.Layer):
    """Layers within a layer, built when it is first called."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.inner = [layers.Dense(units, activation="relu"), Scale()]
        self.attention = layers.Dense(units)

    def call(self, inputs):
        x = inputs
        for layer in self.inner:
            x = layer(x)
        return x + self.attention(x)


class Direct(layers.Layer):
    """A variable of its own making, which no initializer is known of."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.w = keras.Variable(np.full(3, 0.5, np.float32))

    def call(self, inputs):
        return inputs * self.w


def with_blocks(shape, classes):
    return keras.Sequential([keras.Input(shape), layers.Flatten(), Block(8), Block(8), layers.Dense(3), Direct(), layers.Dense(classes)])


def with_loaded(shape, classes):
    dense = layers.Dense(3)
    model = keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(8), dense, layers.Dense(classes)])
    dense.kernel.assign(LOADED)
    return model


def network(name, **fields):
    return Network(edit(Recipe(), model__name=f"tests.engines.keras.network.test_initial:{name}", **fields), (4, 4, 1), 3)


def drawn(built, seed=0):
    built.initialise(seed, ())
    return built.weights()


def test_every_weight_is_drawn_from_a_stream_of_its_own():
    one = network("with_blocks")
    first, other, again = drawn(one), drawn(one, 1), drawn(network("with_blocks"))
    assert first.keys() == again.keys() and all(np.array_equal(first[name], again[name]) for name in first)
    random = {name for name in first if not np.array_equal(first[name], other[name])}
    assert {"block_1.scale_1/weight_1", "block_1.scale_1/offset", "block_1.scale_1/weight_3", "block_2.dense_1/kernel",
            "block_2.dense_2/kernel", "dense_2/kernel"} <= random
    assert not np.array_equal(first["block_1.dense_2/kernel"], first["block_2.dense_2/kernel"])
    assert first["direct_1/weight_1"].tolist() == [0.5] * 3


@pytest.mark.parametrize("fields", [{"model__dropout": 0.5, "model__dropout_place": "both"}, {"model__activation": "tanh"}], ids=str)
def test_a_change_elsewhere_leaves_them_as_they_are(fields):
    plain, changed = drawn(network("with_blocks")), drawn(network("with_blocks", **fields))
    assert all(np.array_equal(plain[name], changed[name]) for name in plain)


def test_initializers_draw_what_they_say():
    weights = drawn(network("with_blocks"))
    assert abs(weights["block_1.scale_1/weight_1"]).max() < 0.3 and abs(weights["block_1.scale_1/offset"]).max() <= 0.05
    limit = np.sqrt(6 / 16)
    assert 0.8 * limit < abs(weights["block_1.dense_2/kernel"]).max() <= limit


@pytest.mark.parametrize("fields", [{}, {"model__dropout": 0.5}], ids=str)
def test_what_the_users_function_loaded_stays_loaded(fields):
    built = network("with_loaded", **fields)
    for seed in (0, 1):
        weights = drawn(built, seed)
        np.testing.assert_array_equal(weights["dense_2/kernel"], LOADED)
    assert not np.array_equal(drawn(built, 0)["dense_1/kernel"], drawn(built, 1)["dense_1/kernel"])
