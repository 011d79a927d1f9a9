"""What is trained is what the user built: rows M1 to M5, M8 and M12 of the cases, and their kin."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from dlbench.engines.keras.network import originals
from dlbench.engines.keras.network.fidelity import demand_faithful
from dlbench.engines.keras.network.network import Network
from dlbench.engines.keras.network.outputs import squashed
from dlbench.engines.keras.network.scaling import wants_raw
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe, edit
from tests.faults.models import Scaled

SHAPE, CLASSES = (8, 8, 3), 4
RAW = np.random.default_rng(1).integers(0, 256, (32, *SHAPE)).astype(np.float32)


class Temperature(layers.Layer):
    def call(self, inputs):
        return ops.softmax(inputs / 3.0)


class Widened(layers.Dense):
    """A subclass of a Keras layer with an argument that its config lacks."""

    def __init__(self, units, gain=1.0, **kwargs):
        super().__init__(units, **kwargs)
        self.gain = gain

    def call(self, inputs):
        return self.gain * super().call(inputs)


class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.scale, self.flat, self.out = layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(CLASSES, activation="softmax")

    def call(self, inputs, training=False):
        return self.out(self.flat(self.scale(inputs)))


def head(x, activation="softmax"):
    return layers.Dense(CLASSES, activation=activation)(layers.Flatten()(x))


def functional(build, shape=SHAPE):
    x = keras.Input(shape)
    return keras.Model(x, build(x))


def adapted(x):
    layer = layers.Normalization()
    layer.adapt(RAW)
    return head(layer(x))


def attribute(x):
    layer = Scaled()
    layer.factor = 7.0
    return head(layer(x))


def statistics(x):
    norm = layers.BatchNormalization()
    y = norm(x)
    norm.moving_mean.assign(np.full(3, 5.0))
    return head(y)


def nested(x, training=None):
    inner = keras.Input(SHAPE)
    y = layers.BatchNormalization()(layers.Conv2D(4, 3)(inner))
    base = keras.Model(inner, layers.ReLU()(y))
    return head(base(x, training=training))


def shared(x):
    conv = layers.Conv2D(3, 3, padding="same", activation="relu")
    return head(conv(conv(x)))


def pooled_softmax(x):
    return layers.GlobalAveragePooling2D()(layers.Softmax()(layers.Conv2D(CLASSES, 3)(x)))


def wrapped(x):
    rows = layers.Reshape((8, 24))(x)
    return head(layers.TimeDistributed(Scaled(10.0))(layers.Bidirectional(layers.LSTM(3, return_sequences=True))(rows)))


def masked(x):
    rows = layers.Reshape((8, 24))(x)
    return layers.Dense(CLASSES, activation="softmax")(layers.GRU(5)(layers.Masking()(rows)))


def random_inside(x):
    return head(layers.GaussianNoise(0.5)(layers.Dropout(0.5)(layers.Conv2D(4, 3)(x))))


def several_arguments(x):
    rows = layers.Reshape((8, 24))(x)
    return head(layers.MultiHeadAttention(2, 4)(rows, rows, use_causal_mask=True))


def squeeze(x):
    maps = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    gate = ops.sigmoid(layers.Dense(8)(ops.mean(maps, axis=(1, 2), keepdims=True)))
    return head(maps * gate)


def trained(x):
    dense = layers.Dense(CLASSES, activation="softmax")
    y = dense(layers.Flatten()(x))
    dense.kernel.assign(np.full(dense.kernel.shape, 0.01))
    return y


FAITHFUL = {
    "m1 rescaling": lambda: keras.Sequential([keras.Input(SHAPE), layers.Rescaling(1 / 255), layers.Flatten(),
                                              layers.Dense(CLASSES, activation="softmax")]),
    "m2 normalization": lambda: functional(adapted),
    "m2 discretization": lambda: functional(lambda x: head(ops.cast(layers.Discretization([50.0, 100.0, 200.0])(x), "float32"))),
    "m2 statistics of a batch normalisation": lambda: functional(statistics),
    "m2 an application that scales inside": lambda: keras.applications.MobileNetV3Small(
        weights=None, input_shape=(32, 32, 3), classes=CLASSES),
    "m3 a config without its argument": lambda: functional(lambda x: head(Scaled(10.0)(x))),
    "m3 an attribute set afterwards": lambda: functional(attribute),
    "m3 a subclass of Dense": lambda: functional(lambda x: head(Widened(5, gain=3.0)(layers.Flatten()(x)))),
    "m3 wrapped": lambda: functional(wrapped),
    "m3 a subclass as the output": lambda: functional(lambda x: Widened(CLASSES, gain=3.0, activation="softmax")(layers.Flatten()(x))),
    "m3 values given to weights": lambda: functional(trained),
    "m4 a function": lambda: functional(lambda x: layers.Lambda(ops.softmax)(head(x, None))),
    "m4 an average": lambda: functional(lambda x: layers.Average()([head(x), head(x)])),
    "m4 a temperature": lambda: functional(lambda x: Temperature()(head(x, None))),
    "m4 an operation": lambda: functional(lambda x: ops.softmax(head(x, None) / 2.0)),
    "m4 maps": lambda: functional(pooled_softmax),
    "m4 dropout of probabilities": lambda: functional(lambda x: layers.Dropout(0.3)(head(x))),
    "m4 logits": lambda: functional(lambda x: head(x, None)),
    "m4 an activation of its own": lambda: functional(lambda x: layers.Activation("softmax")(layers.ReLU()(head(x, None)))),
    "m4 tanh": lambda: functional(lambda x: head(x, "tanh")),
    "m5 division": lambda: functional(lambda x: head(x / 127.5 - 1)),
    "m5 addition": lambda: functional(lambda x: head(x + layers.Conv2D(3, 3, padding="same")(x))),
    "m5 an operation": lambda: functional(lambda x: head(ops.relu(layers.Conv2D(4, 3)(x)))),
    "m5 a slice": lambda: functional(lambda x: head(x[..., :2])),
    "m5 an activation": lambda: functional(lambda x: head(keras.activations.relu(layers.Conv2D(4, 3)(x)))),
    "m5 preprocess_input": lambda: functional(lambda x: head(keras.applications.mobilenet_v2.preprocess_input(x))),
    "m5 squeeze and excitation": lambda: functional(squeeze),
    "m8 shared": lambda: functional(shared),
    "nested": lambda: functional(nested),
    "nested in inference": lambda: functional(lambda x: nested(x, training=False)),
    "nested twice": lambda: functional(lambda x: head(ops.concatenate([(one := keras.Sequential([layers.Conv2D(2, 3)]))(x), one(x)], -1))),
    "masked": lambda: functional(masked),
    "random": lambda: functional(random_inside),
    "several arguments": lambda: functional(several_arguments),
    "subclassed": Own,
}


@pytest.fixture
def network(monkeypatch):
    """``network(build, **changes)``: the network that is trained for what ``build()`` returns."""
    def made(build, shape=SHAPE, classes=CLASSES, **changes):
        monkeypatch.setattr(originals, "resolve", lambda _: lambda *_: build())
        return Network(edit(Recipe(), model__name="mine:net", **changes), shape, classes)

    return made


def shape_of(name):
    return (32, 32, 3) if "application" in name else SHAPE


@pytest.mark.parametrize("name", FAITHFUL)
def test_the_network_equals_the_model(name, network):
    build, shape = FAITHFUL[name], shape_of(name)
    network(build, shape)
    assert demand_faithful(edit(Recipe(), model__name="mine:net"), shape, CLASSES).difference < 1e-4


@pytest.mark.parametrize("name", [name for name in FAITHFUL if name.startswith(("m3", "m4", "m5"))])
def test_the_loss_can_fall_to_zero_where_the_model_can(name, network):
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


@pytest.mark.parametrize("name", ["m1 rescaling", "m2 normalization", "m2 an application that scales inside", "m5 division", "subclassed",
                                  "m5 preprocess_input"])
def test_m1_a_model_that_scales_its_inputs_is_handed_raw_values(name, network):
    shape = shape_of(name)
    raw = np.random.default_rng(1).integers(0, 256, (32, *shape)).astype(np.float32)
    assert wants_raw(network(FAITHFUL[name], shape).model, raw, raw / 255)


@pytest.mark.parametrize("build", [
    head, lambda x: head(x * 2.0 - 1.0), lambda x: head(layers.Resizing(4, 4)(x)), lambda x: head(layers.RandomFlip()(x)),
    lambda x: head(layers.GaussianNoise(0.1)(x)), lambda x: head(layers.BatchNormalization()(x)), lambda x: head(x[..., :1]),
], ids=["nothing", "doubled", "resized", "augmented", "noise", "batch normalisation", "one channel"])
def test_m1_a_model_that_does_not_is_handed_scaled_ones(build, network):
    assert not wants_raw(network(lambda: functional(build)).model, RAW, RAW / 255)


def test_m1_a_normalization_that_was_adapted_to_scaled_values_is_handed_those(network):
    def build(x):
        layer = layers.Normalization()
        layer.adapt(RAW / 255)
        return head(layer(x))

    assert not wants_raw(network(lambda: functional(build)).model, RAW, RAW / 255)


def test_m5_a_residual_made_with_a_plus_counts_as_one(network):
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
def test_a_technique_of_strength_zero_changes_nothing(name, change, network):
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
def test_m8_a_shared_layer_can_be_followed_by_others(changes, network):
    if changes == {"model__width": 2.0}:
        with pytest.raises(InputError, match=r"model 'mine:net' cannot be changed so: .*expected axis -1"):
            network(FAITHFUL["m8 shared"], **changes)
        return
    made = network(FAITHFUL["m8 shared"], **changes)
    assert made.model(RAW, training=True).shape == (32, CLASSES) and made.touched == sorted(set(made.touched))


def test_m3_a_layer_of_ones_own_keeps_its_argument_in_a_wider_network(network):
    def build(x):
        return head(Scaled(10.0)(layers.Conv2D(4, 3, activation="relu")(x)))

    wide = network(lambda: functional(build), model__width=2.0)
    assert next(layer for layer in wide.model.layers if isinstance(layer, Scaled)).factor == 10.0


def test_m3_a_layer_that_cannot_be_copied_is_named_where_it_would_have_to_be(network):
    def build(x):
        return head(Widened(5, gain=3.0, activation="relu")(layers.Flatten()(x)))

    with pytest.raises(InputError, match=r"layer 'widened_1' \(Widened\) cannot be changed \(activation\).*that returns all"):
        network(lambda: functional(build), model__activation="gelu")


def test_a_function_that_builds_another_model_each_time_is_refused(network):
    units = iter(range(3, 100))
    network(lambda: functional(lambda x: head(layers.Dense(next(units))(x))))
    with pytest.raises(InputError, match="has other weights each time that its function is called"):
        demand_faithful(edit(Recipe(), model__name="mine:net"), SHAPE, CLASSES)


def test_where_the_two_part_is_named(network):
    factors = iter([1.0, 1.0, 2.0, 2.0])

    def build(x):
        return head(layers.Conv2D(3, 3)(Scaled(next(factors))(layers.Conv2D(3, 3)(x))))

    network(lambda: functional(build))
    with pytest.raises(InputError, match=r"computes something else in inference, by .*, from layer 'scaled_1' \(Scaled\) on"):
        demand_faithful(edit(Recipe(), model__name="mine:net"), SHAPE, CLASSES)


def test_random_draws_that_no_seed_decides_are_said(network):
    class Noise(layers.Layer):
        def call(self, inputs, training=False):
            return inputs + tf.random.normal(tf.shape(inputs)) if training else inputs

    network(lambda: functional(lambda x: head(Noise()(x))))
    [note] = demand_faithful(edit(Recipe(), model__name="mine:net"), SHAPE, CLASSES).notes
    assert "draws random numbers that no seed of a run decides" in note


@pytest.mark.parametrize("build, words", [
    (lambda: keras.Model([x := keras.Input(SHAPE), keras.Input((3,))], head(x)), "takes 2 inputs"),
    (lambda: functional(head, (16, 16, 3)), r"takes examples of shape \[16, 16, 3\], and those of this data are \[8, 8, 3\]"),
    (lambda: functional(lambda x: head(layers.Permute((2, 3, 1))(layers.Conv2D(2, 3, data_format="channels_first")(x)))),
     "channels first"),
    (lambda: keras.Model(x := keras.Input(SHAPE), [head(x), head(x)]), "wanted one output"),
    (lambda: functional(lambda x: head(x, "sigmoid")), r"a sigmoid for each of 4 classes, .*; accepted: softmax, or no activation"),
    (lambda: "text", "wanted a keras.Model, got str"),
    (lambda: None, "wanted a keras.Model, got NoneType"),
], ids=["inputs", "shape", "channels first", "outputs", "sigmoids", "text", "nothing"])
def test_m12_a_model_that_cannot_be_trained_is_refused_with_the_remedy(build, words, network):
    with pytest.raises(InputError, match=words):
        network(build)


def test_m12_a_model_of_keras_2_is_named(network):
    kind = type("Functional", (), {"__module__": "tf_keras.src.engine.functional"})
    with pytest.raises(InputError, match=r"got a model of tf_keras, which is Keras 2; build it with `import keras`"):
        network(kind)


def test_m12_the_global_layout_is_named(network):
    keras.config.set_image_data_format("channels_first")
    try:
        with pytest.raises(InputError, match="set_image_data_format"):
            network(lambda: functional(head))
    finally:
        keras.config.set_image_data_format("channels_last")
