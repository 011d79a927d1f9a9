"""What techniques do to layers, on shipped models and on models as users write them."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from dlbench.engine.builders import guide_cnn, mlp, resnet20, small_cnn
from dlbench.engine.cost import macs
from dlbench.engine.network import Network
from dlbench.engine.surgery import Surgeon, functional
from dlbench.values.errors import InputError
from dlbench.values.recipe import Model, Recipe, edit


def changed(model=None, **fields):
    model = functional(model or small_cnn((8, 8, 1), 10))
    rates = {name: tf.Variable(0.5, trainable=False) for name in ("model.dropout", "model.spatial_dropout")}
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


@pytest.mark.parametrize("model, parameters, operations", [
    (Model("guide_cnn"), 93_322, 2_794_240), (Model("guide_cnn", separable="all_but_first"), 45_034, 556_896),
])
def test_the_guides_network(model, parameters, operations):
    network = Network(edit(Recipe(), model=model), (28, 28, 1), 10)
    assert (network.parameters(), macs(network.model)) == (parameters, operations)


def test_the_guides_maps_shrink_as_it_says():
    sizes = [layer.output.shape[1] for layer in guide_cnn((28, 28, 1), 10).layers]
    assert sizes == [26, 13, 11, 5, 3, 576, 64, 10]


def test_the_overviews_network_is_one_dense_layer():
    recipe = edit(Recipe(), model__name="overview_cnn")
    network = Network(recipe, (224, 224, 3), 2)
    assert (network.parameters(), macs(network.model)) == (44_396_609, 505_235_328)
    pooled = Network(edit(recipe, model__pooling="average"), (224, 224, 3), 2)
    assert pooled.parameters() == 159_809


def test_the_mlp_counts():
    assert mlp((28, 28, 1), 10).count_params() == 636_010


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
    {"activation": "gelu"}, {"init": "he"}, {"pooling": "flatten"},
], ids=str)
def test_a_users_functional_model_takes_every_change(fields):
    copy, _ = changed(user_model((8, 8, 3), 4), **fields)
    out = copy(np.zeros((2, 8, 8, 3), np.float32), training=True)
    assert out.shape == (2, 4)
    assert type(copy.layers[-1]).__name__ in ("Activation", "Dense"), "the output are logits"


def test_what_does_not_apply_says_why():
    for fields, words in [({"separable": "all"}, "a convolution"), ({"spatial_dropout": 0.1}, "a convolution"),
                          ({"pooling": "average"}, "feature maps"), ({"normalization": "none"}, "normalisation layers")]:
        with pytest.raises(InputError, match=words):
            changed(mlp((8, 8, 1), 10), **fields)


def test_a_subclassed_model_is_refused_with_a_reason():
    class Own(keras.Model):
        pass

    with pytest.raises(InputError, match="subclassed"):
        functional(Own())
