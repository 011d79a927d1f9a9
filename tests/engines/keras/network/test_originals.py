"""Models with a ``call`` of their own."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from dlbench.engines.keras.network.network import Network
from dlbench.values.controls import faults
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe, changes, edit, to_dict
from dlbench.values.record import Record


class Block(layers.Layer):
    """A layer of layers."""

    def __init__(self, width):
        super().__init__()
        self.conv, self.norm = layers.Conv2D(width, 3, padding="same"), layers.BatchNormalization()

    def call(self, x, training=False):
        return tf.nn.relu(self.norm(self.conv(x), training=training))


class Net(keras.Model):
    """Two blocks, dropout and an output whose activation is asked for."""

    def __init__(self, units, activation, width=4):
        super().__init__()
        self.blocks = [Block(width), Block(width)]
        self.pool, self.drop = layers.GlobalAveragePooling2D(), layers.Dropout(0.2)
        self.hidden = layers.Dense(8, activation="relu")
        self.out = layers.Dense(units, activation=activation)

    def call(self, x, training=False):
        for block in self.blocks:
            x = block(x, training=training)
        return self.out(self.drop(self.hidden(self.pool(x)), training=training))


class Inside(Net):
    """Its softmax stands in ``call`` itself."""

    def call(self, x, training=False):
        return tf.nn.softmax(super().call(x, training))


class Sums(keras.Model):
    """No row of numbers an example."""

    def call(self, x):
        return tf.reduce_sum(x, axis=[1, 2])[..., None, None]


class Broken(keras.Model):
    """Cannot be called."""

    def call(self, x):
        raise ValueError("no such thing as x")


def softmax(shape, classes, width=4):
    return Net(classes, "softmax", width)


def sigmoid(shape, classes):
    return Net(1, "sigmoid")


def logits(shape, classes):
    return Net(classes, None)


def inside(shape, classes):
    return Inside(classes, None)


def sums(shape, classes):
    return Sums()


def broken(shape, classes):
    return Broken()


def two_outputs(shape, classes):
    inputs = keras.Input(shape)
    x = layers.Flatten()(inputs)
    return keras.Model(inputs, [layers.Dense(classes)(x), layers.Dense(classes)(x)])


def recipe(name, **fields):
    return edit(Recipe(), model__name=f"tests.engines.keras.network.test_originals:{name}", **fields)


X = np.random.default_rng(0).random((5, 8, 8, 1), np.float32)


@pytest.mark.parametrize("name, classes, squash", [
    ("softmax", 10, tf.nn.softmax), ("inside", 10, tf.nn.softmax), ("logits", 10, lambda x: x), ("sigmoid", 2, tf.sigmoid),
])
def test_the_output_are_logits_of_what_the_model_gives(name, classes, squash):
    network = Network(recipe(name), (8, 8, 1), classes)
    network.initialise(0, ())
    plain = globals()[name]((8, 8, 1), classes)
    plain(X)
    inner = getattr(network.model, "inner", network.model)
    plain.set_weights(inner.get_weights())
    np.testing.assert_allclose(squash(network.model(X, training=False)), plain(X, training=False), atol=1e-5)
    assert network.units == (1 if name == "sigmoid" else classes)


def test_layers_have_the_same_names_and_weights_in_every_build():
    one, other = Network(recipe("softmax"), (8, 8, 1), 10), Network(recipe("softmax"), (8, 8, 1), 10)
    one.initialise(0, ())
    other.initialise(0, ())
    assert one.hashes() == other.hashes()
    within = {f"block_{block}.{layer}_1" for block in (1, 2) for layer in ("conv2d", "batch_normalization")}
    assert within | {"dense_1", "dense_2"} == set(one.hashes())
    assert one.base == {"block_1", "block_2", "dense_1"}
    assert not np.array_equal(one.weights()["block_1.conv2d_1/kernel"], one.weights()["block_2.conv2d_1/kernel"][:, :, :1])


@pytest.mark.parametrize("fields", [
    {"augmentation__rotate_degrees": 10.0}, {"regularization__l2": 1e-2}, {"regularization__weight_decay": 0.1},
    {"regularization__label_smoothing": 0.1}, {"training__optimizer": "sgd"}, {"training__clip_norm": 0.1},
], ids=str)
def test_it_trains_under_every_technique_that_leaves_layers_alone(fields, train, tiny):
    base = edit(tiny, model__name="tests.engines.keras.network.test_originals:softmax", model__options=())
    arm = edit(base, **fields)
    ours, theirs = (Record("id", to_dict(one), 0, (run := train(one)).status, controls=run.controls) for one in (arm, base))
    assert ours.status == theirs.status == "done"
    assert faults(ours, theirs, changes(arm, base)) == []
    assert ours.controls.weights != theirs.controls.weights


def test_both_loops_train_it_alike(train, tiny):
    base = edit(tiny, model__name="tests.engines.keras.network.test_originals:inside", model__options=())
    ours, theirs = train(base), train(edit(base, training__loop="keras"))
    assert ours.controls.init == theirs.controls.init
    np.testing.assert_allclose(ours.scores["test_loss"], theirs.scores["test_loss"], rtol=1e-3)


@pytest.mark.parametrize("fields, words", [
    ({"model__dropout": 0.5}, r"it changes layers \(dropout\), and those of model .*softmax' cannot be changed"),
    ({"model__activation": "tanh"}, r"it changes layers \(activation\)"),
])
def test_what_changes_layers_is_refused_with_the_reason(fields, words):
    with pytest.raises(InputError, match=words):
        Network(recipe("softmax", **fields), (8, 8, 1), 10)


@pytest.mark.parametrize("name, words", [
    ("sums", "wanted one output, a row of numbers"), ("two_outputs", "wanted one output"),
    ("broken", "cannot be called .*no such thing as x"), ("absent", "absent"),
])
def test_a_model_that_cannot_be_used_is_named(name, words):
    with pytest.raises(InputError, match=words):
        Network(recipe(name), (8, 8, 1), 10)
