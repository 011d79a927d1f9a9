"""What techniques do to layers, on shipped models and on models as users write them."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from dlbench.engines.keras.network.anatomy import functional
from dlbench.engines.keras.network.builders import mlp, resnet20, small_cnn
from dlbench.engines.keras.network.network import Network
from dlbench.engines.keras.network.surgery import Surgeon
from dlbench.values.errors import InputError
from dlbench.values.recipe import Model, Recipe, edit


def changed(model=None, **fields):
    model = functional(model or small_cnn((8, 8, 1), 10))
    rates = {f"model.{name}": tf.Variable(0.5, trainable=False) for name in ("dropout", "spatial_dropout", "stochastic_depth")}
    surgeon = Surgeon(model, Model(**fields), rates)
    return surgeon.operate(), surgeon


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


def test_without_changes_the_copy_computes_the_same_logits():
    model = functional(small_cnn((8, 8, 1), 10))
    copy, surgeon = changed(model)
    for ours, theirs in zip(copy.weights, model.weights):
        ours.assign(theirs)
    x = np.random.default_rng(0).random((5, 8, 8, 1), dtype=np.float32)
    np.testing.assert_allclose(tf.nn.softmax(copy(x)), model(x), atol=1e-6)
    assert surgeon.touched == set()


def test_paths_are_canonical_whatever_was_built_before():
    def names():
        return [layer.name for layer in changed()[0].layers if not isinstance(layer, layers.InputLayer)]

    first = names()
    for _ in range(3):
        small_cnn((8, 8, 1), 10)
    assert names() == first
    assert "conv2d_2" in first and "max_pooling2d_1" in first


def test_a_separable_convolution_equals_its_dense_form():
    copy, _ = changed(separable="all")
    layer = copy.get_layer("conv2d_2")
    depthwise, pointwise = layer.depthwise_kernel.numpy(), layer.pointwise_kernel.numpy()
    dense = np.einsum("hwcm,cmo->hwco", depthwise, pointwise.reshape(*depthwise.shape[2:], -1))
    x = np.random.default_rng(0).random((2, 8, 8, 16), dtype=np.float32)
    wanted = tf.nn.relu(tf.nn.conv2d(x, dense, 1, "SAME") + layer.bias)
    np.testing.assert_allclose(layer(x), wanted, atol=1e-5)


def test_separable_leaves_the_first_convolution():
    copy, surgeon = changed(separable="all_but_first")
    assert kinds(copy).count("SeparableConv2D") == 2
    assert surgeon.touched == {"conv2d_2", "conv2d_3"}


@pytest.mark.parametrize("kind, axes", [("layer", (3,)), ("layer_all", (1, 2, 3)), ("instance", (1, 2))])
def test_normalisations_have_mean_0_and_variance_v_over_v_plus_eps(kind, axes):
    copy, _ = changed(normalization=kind)
    layer = copy.get_layer("conv2d_2.normalization")
    x = np.random.default_rng(0).normal(3, 2, (4, 4, 4, 32)).astype(np.float32)
    out = layer(x).numpy()
    variance = x.var(axes)
    np.testing.assert_allclose(out.mean(axes), 0, atol=1e-5)
    np.testing.assert_allclose(out.var(axes), variance / (variance + 1e-5), rtol=1e-3)


@pytest.mark.parametrize("kind", ["batch", "layer", "layer_all", "instance", "group"])
def test_normalisation_stands_between_a_convolution_and_its_activation(kind):
    copy, surgeon = changed(normalization=kind)
    names = [layer.name for layer in copy.layers]
    at = names.index("conv2d_2")
    assert names[at + 1 : at + 3] == ["conv2d_2.normalization", "conv2d_2.activation"]
    assert copy.get_layer("conv2d_2").activation is keras.activations.linear
    assert "conv2d_2" not in surgeon.touched


def test_a_model_with_normalisation_has_it_replaced_or_taken_out():
    assert "LayerNormalization" in kinds(changed(resnet20((8, 8, 1), 10, blocks=1), normalization="layer")[0])
    without = kinds(changed(resnet20((8, 8, 1), 10, blocks=1), normalization="none")[0])
    assert not [kind for kind in without if "Normalization" in kind]


@pytest.mark.parametrize("place, names", [
    ("head", ["dense_2.dropout"]), ("conv", ["conv2d_1.dropout", "conv2d_2.dropout", "conv2d_3.dropout"]),
    ("both", ["conv2d_1.dropout", "conv2d_2.dropout", "conv2d_3.dropout", "dense_2.dropout"]),
])
def test_dropout_goes_where_it_is_asked_for(place, names):
    copy, surgeon = changed(dropout=0.5, dropout_place=place)
    assert [layer.name for layer in copy.layers if "dropout" in layer.name] == names
    assert surgeon.touched == set(names)


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("name, shape", [("dropout", (100, 8, 8, 16)), ("spatial_dropout", (10_000, 2, 2, 16))])
def test_dropout_keeps_mean_and_has_its_variance(rate, name, shape):
    field, place = f"model.{name}", {"dropout_place": "conv"} if name == "dropout" else {}
    model = functional(small_cnn((8, 8, 1), 10))
    surgeon = Surgeon(model, Model(**{name: rate}, **place), {field: tf.Variable(rate), "model.dropout": tf.Variable(rate)})
    layer = surgeon.operate().get_layer(f"conv2d_1.{name}")
    out = layer(tf.ones(shape), training=True).numpy()
    assert np.array_equal(layer(tf.ones(shape), training=False), np.ones(shape))
    units = out[:, 0, 0, :].ravel() if name == "spatial_dropout" else out.ravel()
    variance, n = rate / (1 - rate), units.size
    assert abs(units.mean() - 1) < 5 * np.sqrt(variance / n)
    fourth = ((np.array([0, 1 / (1 - rate)]) - 1) ** 4 * [rate, 1 - rate]).sum()
    assert abs(units.var() - variance) < 5 * np.sqrt(max(fourth - variance**2, 1e-9) / n) + 1e-4


def test_spatial_dropout_drops_whole_maps():
    copy, _ = changed(spatial_dropout=0.5)
    out = copy.get_layer("conv2d_1.spatial_dropout")(tf.ones([50, 8, 8, 16]), training=True).numpy()
    assert (out.std(axis=(1, 2)) == 0).all() and 0 < (out == 0).mean() < 1


def test_pooling_heads_and_what_they_reshape():
    copy, surgeon = changed(pooling="average")
    assert "GlobalAveragePooling2D" in kinds(copy) and surgeon.touched == {"dense_1"}


def test_activation_is_changed_in_hidden_layers_only():
    copy, _ = changed(activation="tanh")
    assert copy.get_layer("conv2d_1").activation is keras.activations.tanh
    assert copy.get_layer("dense_2").activation is keras.activations.linear


@pytest.mark.parametrize("kind, variance", [("glorot", lambda i, o: 2 / (i + o)), ("he", lambda i, o: 2 / i),
                                            ("lecun", lambda i, o: 1 / i)])
def test_init_has_its_variance(kind, variance):
    network = Network(edit(Recipe(), model__name="mlp", model__init=kind), (28, 28, 1), 10)
    network.initialise(0, ())
    kernel = network.weights()["dense_1/kernel"]
    assert kernel.var() == pytest.approx(variance(784, 800), rel=0.02)


@pytest.mark.parametrize("kind, ratio", [("glorot", 0.5), ("he", 1.0), ("lecun", 0.5)])
def test_a_relu_layer_keeps_or_halves_the_second_moment(kind, ratio):
    """E[h²] from layer to layer: n·Var(w)/2 of the one before; fan-in equals fan-out here."""
    recipe = edit(Recipe(), model__name="mlp", model__options=(("hidden", 400),), model__init=kind, model__depth=8)
    network = Network(recipe, (20, 20, 1), 10)
    hidden = [layer.output for layer in network.model.layers if layer.name.startswith("dense_1")]
    answer = keras.Model(network.model.input, hidden)
    ratios = []
    for seed in range(3):
        network.initialise(seed, ())
        moments = [float(tf.reduce_mean(tf.square(h))) for h in answer(np.random.default_rng(seed).normal(size=(500, 20, 20, 1)))]
        ratios.append((moments[-1] / moments[1]) ** (1 / 7))
    assert np.mean(ratios) == pytest.approx(ratio, rel=0.05)


@pytest.mark.parametrize("factor, filters, units", [(0.5, [8, 16, 16], 32), (2.0, [32, 64, 64], 128)])
def test_width_multiplies_hidden_layers_and_leaves_the_output(factor, filters, units):
    copy, surgeon = changed(width=factor)
    assert [layer.filters for layer in copy.layers if isinstance(layer, layers.Conv2D)] == filters
    assert [layer.units for layer in copy.layers if isinstance(layer, layers.Dense)] == [units, 10]
    assert surgeon.touched == {"conv2d_1", "conv2d_2", "conv2d_3", "dense_1", "dense_2"}


def test_width_keeps_residual_networks_whole():
    assert changed(resnet20((8, 8, 1), 10, blocks=1), width=1.5)[0].output_shape == (None, 10)


def test_depth_adds_layers_of_the_same_kind_and_size():
    copy, surgeon = changed(depth=2)
    added = [layer for layer in copy.layers if ".deeper_" in layer.name]
    assert [(type(layer).__name__, layer.filters, layer.activation.__name__) for layer in added] == [("Conv2D", 32, "relu")] * 2
    assert surgeon.touched == {"conv2d_3.deeper_1", "conv2d_3.deeper_2"}
    dense, _ = changed(mlp((8, 8, 1), 10, hidden=12), depth=1)
    assert [layer.units for layer in dense.layers if isinstance(layer, layers.Dense)] == [12, 12, 10]


def test_depth_follows_normalisation_and_separable_forms():
    copy, _ = changed(depth=1, normalization="batch", separable="all")
    names = [layer.name for layer in copy.layers]
    at = names.index("conv2d_3.deeper_1")
    assert names[at - 3 : at] == ["conv2d_3", "conv2d_3.normalization", "conv2d_3.activation"]
    assert isinstance(copy.layers[at], layers.SeparableConv2D) and copy.layers[at].activation is keras.activations.relu


def test_stochastic_depth_drops_the_branch_of_an_example_in_proportion_to_depth():
    model = resnet20((8, 8, 1), 10, blocks=2)
    copy, surgeon = changed(model, stochastic_depth=0.5)
    drops = [layer for layer in copy.layers if "stochastic_depth" in layer.name]
    assert [layer.share for layer in drops] == pytest.approx([place / 6 for place in range(1, 7)])
    assert surgeon.touched == {layer.name for layer in drops}
    branch = {add.name: add.input[1] for add in model.layers if isinstance(add, layers.Add)}
    for drop, theirs in zip(drops, branch.values()):
        assert drop.input.shape == theirs.shape
        assert "batch_normalization" in drop.input._keras_history[0].name, "the branch ends in a normalisation, the skip does not"
    out = drops[-1](tf.ones([4000, 2, 2, 3]), training=True).numpy()
    assert ((out == 0).all(axis=(1, 2, 3)) | (out > 0).all(axis=(1, 2, 3))).all()
    assert abs((out[:, 0, 0, 0] == 0).mean() - 0.5) < 5 * np.sqrt(0.25 / 4000) and abs(out.mean() - 1) < 5 * np.sqrt(1 / 4000)
    assert np.array_equal(drops[0](tf.ones([2, 2, 2, 3]), training=False), np.ones((2, 2, 2, 3)))


def test_the_articles_separable_convolution_never_mixes_channels():
    copy, surgeon = changed(separable="article_all_but_first")
    layer = copy.get_layer("conv2d_2")
    assert isinstance(layer, layers.DepthwiseConv2D) and layer.depth_multiplier == 2 and surgeon.touched == {"conv2d_2", "conv2d_3"}
    x = np.random.default_rng(0).random((1, 8, 8, 16), dtype=np.float32)
    other = x.copy()
    other[..., 3] += 1
    moved = np.abs(layer(x) - layer(other)).max(axis=(0, 1, 2)) > 0
    assert set(np.flatnonzero(moved)) <= {6, 7}, "two filters see channel 3"
    assert copy.count_params() < changed(separable="all_but_first")[0].count_params()


def test_the_articles_separable_convolution_says_where_it_cannot_be():
    with pytest.raises(InputError, match="filters a channel"):
        changed(small_cnn((8, 8, 3), 10), separable="article_all")


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_computes_in_16_bits_and_answers_in_32(precision):
    copy, _ = changed(precision=precision, normalization="batch", dropout=0.2, dropout_place="both", spatial_dropout=0.1)
    for layer in copy.layers[1:]:
        assert layer.compute_dtype == ("float32" if layer.name == "dense_2" else precision.removeprefix("mixed_")), layer.name
    assert all(weight.dtype == "float32" for weight in copy.weights if "seed" not in weight.name)
    assert copy(np.zeros((2, 8, 8, 1), np.float32), training=True).dtype == tf.float32


def user_model(shape, classes):
    x = inputs = keras.Input(shape)
    x = layers.Conv2D(8, 3, padding="same")(x)
    x = layers.ReLU()(x)
    y = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    x = layers.Add()([x, y])
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.1)(x)
    x = layers.Dense(classes)(x)
    return keras.Model(inputs, layers.Softmax()(x))


@pytest.mark.parametrize("fields", [
    {"separable": "all"}, {"normalization": "batch"}, {"dropout": 0.5, "dropout_place": "both"}, {"spatial_dropout": 0.2},
    {"activation": "gelu"}, {"init": "he"}, {"pooling": "flatten"}, {"width": 2.0}, {"depth": 1}, {"stochastic_depth": 0.5},
    {"precision": "mixed_bfloat16"}, {"separable": "article_all_but_first"},
], ids=str)
def test_a_users_functional_model_takes_every_change(fields):
    copy, _ = changed(user_model((8, 8, 3), 4), **fields)
    out = copy(np.zeros((2, 8, 8, 3), np.float32), training=True)
    assert out.shape == (2, 4)
    assert type(copy.layers[-1]).__name__ in ("Activation", "Dense"), "the output are logits"


def test_what_does_not_apply_says_why():
    for fields, words in [({"separable": "all"}, "a convolution"), ({"spatial_dropout": 0.1}, "a convolution"),
                          ({"pooling": "average"}, "feature maps"), ({"normalization": "none"}, "normalisation layers"),
                          ({"stochastic_depth": 0.1}, "residual")]:
        with pytest.raises(InputError, match=words):
            changed(mlp((8, 8, 1), 10), **fields)


def test_a_subclassed_model_is_refused_with_a_reason():
    class Own(keras.Model):
        pass

    with pytest.raises(InputError, match="subclassed"):
        functional(Own())


class Gate(layers.Layer):
    """A layer that cannot be made anew: it does not say how."""

    def __init__(self, function):
        super().__init__()
        self.function, self.inner = function, layers.Dense(4)

    def call(self, x):
        return self.function(self.inner(x))


class Forgetful(Gate):
    """Says something that does not suffice."""

    def get_config(self):
        return {"name": self.name}


@pytest.mark.parametrize("kind", [Gate, Forgetful])
@pytest.mark.parametrize("fields", [{}, {"dropout": 0.5}, {"separable": "all"}, {"activation": "tanh"}], ids=str)
def test_a_layer_that_cannot_be_copied_is_used_itself(kind, fields):
    inputs = keras.Input((8, 8, 1))
    x = layers.Flatten()(layers.Conv2D(4, 3, activation="relu")(inputs))
    gate = kind(lambda x: x * 2)
    copy, surgeon = changed(keras.Model(inputs, layers.Dense(3, activation="softmax")(gate(x))), **fields)
    path = f"{kind.__name__.lower()}_1"
    assert copy.get_layer(path) is gate and path not in surgeon.touched
    assert copy(np.zeros((2, 8, 8, 1), np.float32), training=True).shape == (2, 3)
