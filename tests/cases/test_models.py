"""What is trained is what the user built: rows M2 to M5, M8 and M12 of the cases, and their kin."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from dlbench.engines.keras.network.originals import original
from dlbench.engines.keras.network.outputs import squashed
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe, edit
from tests.cases.building import CLASSES, FAITHFUL, SHAPE, compared, functional, head, network, shape_of
from tests.faults.models import Scaled


@pytest.mark.parametrize("name", FAITHFUL)
def test_the_network_equals_the_model(name):
    assert compared(FAITHFUL[name], shape_of(name)).difference < 1e-4


@pytest.mark.parametrize("name", [name for name in FAITHFUL if name.startswith(("m3", "m4", "m5"))])
def test_the_loss_can_fall_to_zero_where_the_model_can(name):
    """The network returns logits: their softmax is what the model returns where that is probabilities."""
    model = FAITHFUL[name]()
    x = np.random.default_rng(0).random((6, *shape_of(name)), np.float32)
    keras.utils.set_random_seed(0)
    copy = network(lambda: model)
    for layer in copy.model.layers:
        for new, old in zip(layer.weights, next((one.weights for one in model.layers if one.name == layer.name), [])):
            new.assign(old)
    out, got = np.asarray(model(x)), np.asarray(copy.model(x))
    expected = squashed(got) if np.allclose(out.sum(axis=1), 1) and out.min() >= 0 else got
    np.testing.assert_allclose(expected, out, atol=1e-5)


def test_a_function_that_builds_another_model_each_time_is_refused():
    units = iter(range(3, 100))
    with pytest.raises(InputError, match="has other weights each time that its function is called"):
        compared(lambda: functional(lambda x: head(layers.Dense(next(units))(x))))


def test_weights_that_the_models_code_draws_anew_are_refused():
    draws = np.random.default_rng(0)

    def build(x):
        dense = layers.Dense(5)
        y = dense(layers.Flatten()(x))
        dense.kernel.assign(draws.normal(size=dense.kernel.shape))
        return head(y)

    with pytest.raises(InputError, match="gives the weights of layer 'dense_1' other values each time that it builds the model"):
        compared(lambda: functional(build))


@pytest.mark.parametrize(("build", "said"), [
    (lambda x: layers.Softmax(axis=0)(head(x, None)), True), (lambda x: head(x - ops.mean(x, axis=0)), True),
    (lambda x: head(layers.BatchNormalization()(x)), False),
])
def test_outputs_that_depend_on_the_batch_are_said(build, said):
    assert any("depends on the other examples of its batch" in note for note in compared(lambda: functional(build)).notes) == said


def test_a_model_in_the_place_of_its_function_is_named(monkeypatch):
    monkeypatch.setattr("dlbench.engines.keras.network.originals.resolve", lambda _: functional(head))
    with pytest.raises(InputError, match=r"it is a model, and each run builds its own; accepted: a function that builds it"):
        original(edit(Recipe(), model__name="mine:net"), SHAPE, CLASSES)


def test_where_the_two_part_is_named():
    factors = iter([1.0, 2.0])

    def build(x):
        return head(layers.Conv2D(3, 3)(Scaled(next(factors))(layers.Conv2D(3, 3)(x))))

    with pytest.raises(InputError, match=r"computes something else in inference, by .*, from layer 'scaled_1' \(Scaled\) on"):
        compared(lambda: functional(build))


def test_random_draws_that_no_seed_decides_are_said():
    class Noise(layers.Layer):
        def call(self, inputs, training=False):
            return inputs + tf.random.normal(tf.shape(inputs)) if training else inputs

    [note] = compared(lambda: functional(lambda x: head(Noise()(x)))).notes
    assert "draws random numbers that no seed of a run decides" in note


@pytest.mark.parametrize("layer", [layers.Lambda(lambda x: x + tf.random.normal(tf.shape(x))), layers.Lambda(tf.random.shuffle)])
def test_random_draws_in_inference_are_refused(layer):
    with pytest.raises(InputError, match="returns something else each time that it is called in inference; accepted: random numbers in"):
        compared(lambda: functional(lambda x: head(layer(x))))


@pytest.mark.parametrize("name", ["own call: sequential", "own call: functional"])
def test_m3_a_call_of_a_models_own_is_kept(name):
    """Such a model has layers, and computes something else than they do one after the other."""
    model, x = FAITHFUL[name](), np.random.default_rng(0).random((4, *SHAPE), np.float32) / 10
    wanted = np.asarray(model(x))
    copy = network(lambda: model)
    np.testing.assert_allclose(squashed(np.asarray(copy.model(x))), wanted, atol=1e-5)
    assert copy.build.kind == "subclassed"


def test_m8_weights_that_two_layers_share_are_drawn_and_counted_once():
    tied = network(FAITHFUL["m3 a layer with the weights of another"])
    assert tied.parameters() == tied.model.count_params() and len(tied.kernels["all"]) == len({id(one) for one in tied.kernels["all"]})
    tied.initialise(1, ())
    first = tied.weights()
    tied.initialise(1, ())
    assert all(np.array_equal(value, first[name]) for name, value in tied.weights().items())


@pytest.mark.parametrize("build, words", [
    (lambda: keras.Model([x := keras.Input(SHAPE), keras.Input((3,))], head(x)), "takes 2 inputs"),
    (lambda: functional(head, (16, 16, 3)), r"takes examples of shape \[16, 16, 3\], and those of this data are \[8, 8, 3\]"),
    (lambda: functional(lambda x: head(layers.Permute((2, 3, 1))(layers.Conv2D(2, 3, data_format="channels_first")(x)))),
     "channels first"),
    (lambda: keras.Model(x := keras.Input(SHAPE), [head(x), head(x)]), "wanted one output"),
    (lambda: functional(lambda x: head(x, "sigmoid")), r"a sigmoid for each of 4 classes, .*; accepted: softmax, or no activation"),
    (lambda: functional(lambda x: {"out": head(x)}), "returns a dict of 1 output; accepted: one output, a row of numbers an example"),
    (lambda: functional(lambda x: layers.Dense(CLASSES, trainable=False)(layers.Flatten()(x))), "none of its weights is trainable"),
    (lambda: functional(lambda x: layers.GlobalAveragePooling2D()(ops.concatenate([x, x[..., :1]], -1))), "no weights to train"),
    (lambda: keras.Sequential, "wanted a keras.Model, got type"),
    (lambda: (functional(head), functional(head)), "wanted a keras.Model, got tuple"),
    (lambda: "text", "wanted a keras.Model, got str"),
    (lambda: None, "wanted a keras.Model, got NoneType"),
], ids=["inputs", "shape", "channels first", "outputs", "sigmoids", "dict", "frozen", "weightless", "class", "pair", "text", "nothing"])
def test_m12_a_model_that_cannot_be_trained_is_refused_with_the_remedy(build, words):
    with pytest.raises(InputError, match=words):
        network(build)


def test_m12_a_model_of_keras_2_is_named():
    kind = type("Functional", (), {"__module__": "tf_keras.src.engine.functional"})
    with pytest.raises(InputError, match=r"got a model of tf_keras, which is Keras 2; build it with `import keras`"):
        network(kind)


def test_m12_the_global_layout_is_named():
    keras.config.set_image_data_format("channels_first")
    try:
        with pytest.raises(InputError, match="set_image_data_format"):
            network(lambda: functional(head))
    finally:
        keras.config.set_image_data_format("channels_last")
